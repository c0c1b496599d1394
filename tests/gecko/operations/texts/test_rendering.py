"""Read texts are written: values in the text's language, escaped where they must be, and nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecko.models.customer_fields import FieldType
from gecko.operations.company import Company
from gecko.operations.texts import rendering, sample
from gecko.operations.texts.facts import Answer, Facts
from gecko.operations.texts.parsing import parse
from gecko.operations.texts.registry import CODES, LOOPS, TABLE
from tests.gecko.operations.texts.test_parsing import PIECES

FACTS = sample.facts()


def words(text, facts=FACTS, language="da"):
    return rendering.as_words(parse(text), facts, language)


def with_customer(**values):
    return replace(FACTS, customer=replace(FACTS.customer, **values))


@pytest.mark.parametrize(
    ("text", "danish", "english"),
    [
        ("[KUNDENAVN]", "Mette Kirstine Sørensen", "Mette Kirstine Sørensen"),
        ("[KUNDEFORNAVN]|[CUSTOMERMIDDLENAMES]|[KUNDEEFTERNAVN]", "Mette|Kirstine|Sørensen", "Mette|Kirstine|Sørensen"),
        ("d. [DATO] kl. [KLOKKEN_FRATID]", "d. 25-11-2026 kl. 14:30", "d. 25-11-2026 kl. 14:30"),
        ("[BOOKINGREALTIMEFROM]-[BOOKINGREALTIMETO]", "14:30-15:15", "14:30-15:15"),
        ("[UGEDAG]", "onsdag", "Wednesday"),
        ("[DATO_LONG]", "onsdag den 25. november 2026", "Wednesday 25 November 2026"),
        ("[DATO_DD.MM.YY]", "25.11.26", "25.11.26"),
        ("[ORDERSTOTALVALUE]", "4.125,00 kr.", "DKK 4,125.00"),
        ("[CUSTOMERACCEPTSMARKETINGEMAIL]/[CUSTOMERACCEPTSMARKETINGSMS]", "Ja/Nej", "Yes/No"),
        ("[CUSTOMERSEXVALUE]", "Kvinde", "Woman"),
        ("[customerBirthdateDay]/[customerBirthdateMonth]/[customerBirthdateYear]", "9/4/1987", "9/4/1987"),
        ("[customerBirthdateDay_DD].[customerBirthdateMonth_MM]", "09.04", "09.04"),
        ("[KUNDEKODE]", "******", "******"),
        ("a[lineBreak]b", "a\nb", "a\nb"),
        ("[KUNDEGRUPPEDEFAULTANTALKLIP]", "10", "10"),
        ("[CASHREGISTERCOMPANYPHONE]", "35 35 35 35", "35 35 35 35"),
    ],
)
def test_values(text, danish, english):
    assert (words(text), words(text, language="en")) == (danish, english)


def test_winter_and_summer_time():
    summer = sample.facts(FACTS.at.replace(month=7))
    assert words("[KLOKKEN_FRATID]", summer) == "14:30"


def test_the_appointment_card_s_loop():
    text = "[customerFutureBookingsBegin_skipToday]d. [DATO] Kl. [KLOKKEN_FRATID]\n[customerFutureBookingsEnd]"
    assert words(text) == "d. 25-11-2026 Kl. 14:30\nd. 23-12-2026 Kl. 14:30\n"
    today = with_customer(bookings=(replace(FACTS.booking, starts_at=FACTS.at), *FACTS.customer.bookings[1:]))
    assert words(text, today) == "d. 23-12-2026 Kl. 14:30\n"
    assert words(text.replace("_skipToday", ""), today).startswith("d. 22-11-2026 Kl. 12:00\n")


def test_the_loop_of_markings():
    text = "[CUSTOMERTAG_BEGIN][CUSTOMERTAGID] [CUSTOMERTAGNAME]: [CUSTOMERTAGVALUE][lineBreak][CUSTOMERTAG_END]"
    assert words(text) == "5 VIP: siden 2019\n"
    assert words("[CUSTOMERTAGNAME]") == ""


def test_custom_fields_are_written_by_their_type():
    answers = {
        1: Answer(FieldType.DATE, "2026-03-04"),
        2: Answer(FieldType.YES_NO, "1"),
        3: Answer(FieldType.NUMBER, "2.5"),
        4: Answer(FieldType.TEXT, "a\nb"),
        5: Answer(FieldType.DATE, "engang"),
    }
    facts = with_customer(answers=answers)
    assert words("[RFS1] [RFS1_YYYY-MM-DD] [RFS2] [RFS3] [RFS5]", facts) == "04-03-2026 2026-03-04 Ja 2,5 engang"
    assert words("[RFS1_LONG] [RFS2] [RFS3]", facts, "en") == "Wednesday 4 March 2026 Yes 2.5"
    assert words("[RFS4]|[RFS4_NOBREAK]|[RFS99]", facts) == "a\nb|a b|"


def test_a_value_is_never_read_as_a_code():
    facts = with_customer(name="[KUNDECPRNR] [KUNDEEMAIL]", cpr_masked="090487-****")
    assert words("Hej [KUNDENAVN]", facts) == "Hej [KUNDECPRNR] [KUNDEEMAIL]"
    looped = replace(facts, booking=replace(FACTS.booking, service="[customerFutureBookingsBegin]"))
    assert words("[SERVICENAME][customerFutureBookingsEnd]", looped) == "[customerFutureBookingsBegin]"


def test_values_are_escaped_for_html_and_the_text_is_not():
    facts = with_customer(name='<b>Bo</b> & "Co"')
    assert rendering.as_html(parse("<i>[KUNDENAVN]</i>"), facts, "da") == (
        "<i>&lt;b&gt;Bo&lt;/b&gt; &amp; &quot;Co&quot;</i>"
    )


def test_cpr_is_masked_unless_it_was_loaded_in_full():
    assert words("[KUNDECPRNR] [KUNDECPRNRSTREG]") == "090487-**** 090487-****"
    full = with_customer(cpr="0904871234")
    assert words("[CUSTOMERSSN] [KUNDECPRNRSTREG] [KUNDECPRNRMASKERET]", full) == "0904871234 090487-1234 090487-****"


def test_what_must_not_go_by_sms_is_left_out():
    answers = {1: Answer(FieldType.LINE, "Astma"), 2: Answer(FieldType.LINE, "Blå")}
    facts = replace(with_customer(cpr="0904871234", answers=answers), sensitive_fields=frozenset({1}))
    text = "[KUNDENAVN]|[KUNDECPRNR]|[EKSTRATEKST]|[RFS1]|[RFS2]|[CUSTOMERTAG_BEGIN][CUSTOMERTAGNAME][CUSTOMERTAG_END]"
    assert rendering.as_sms(parse(text), facts, "da") == "Mette Kirstine Sørensen||||Blå|"


def test_a_sensitive_service_goes_unnamed_by_sms_alone():
    secret = replace(FACTS.booking, service="Abortsamtale", is_sensitive=True)
    facts = replace(with_customer(bookings=(secret,), next_booking=secret, last_booking=None), booking=secret)
    loop = "[customerFutureBookingsBegin][SERVICENAME][customerFutureBookingsEnd]"
    text = f"[YDELSESNAVN] [CUSTOMERNEXTBOOKINGSERVICE] {loop}"
    assert rendering.as_sms(parse(text), facts, "da") == "aftale aftale aftale"
    assert rendering.as_sms(parse(text), facts, "en") == "appointment appointment appointment"
    assert rendering.as_words(parse(text), facts, "da") == "Abortsamtale Abortsamtale Abortsamtale"


def test_without_anybody_codes_are_nothing():
    text = "".join(f"[{name}]" for code in CODES for name in code.names if name != "LINEBREAK")
    assert words(text.replace("[RFS]", "[RFS1]"), Facts(FACTS.at, Company())) == ""


WAYS = st.sampled_from([rendering.as_words, rendering.as_html, rendering.as_sms])
PEOPLE = st.builds(
    lambda name, note, has_booking: replace(
        with_customer(name=name or "-", answers={7: Answer(FieldType.DATE, note)}),
        booking=replace(FACTS.booking, text=note, service=name) if has_booking else None,
    ),
    st.text(max_size=12),
    st.text(max_size=12),
    st.booleans(),
)


@given(PIECES, PEOPLE, WAYS, st.sampled_from(["da", "en"]))
def test_writing_never_fails(text, facts, way, language):
    assert isinstance(way(parse(text), facts, language), str)


@given(st.text().filter(lambda text: "[" not in text), WAYS)
def test_a_text_without_codes_stays_as_it_is(text, way):
    assert way(parse(text), FACTS, "da") == text


@given(st.sampled_from([name for code in CODES for name in code.names if name != "RFS"]), WAYS)
def test_no_code_leaves_its_brackets(name, way):
    assert "[" not in way(parse(f"[{name}] [{name.lower()}]"), FACTS, "da")


def test_no_loop_leaves_its_brackets():
    for loop in LOOPS:
        for option in ("", *loop.options):
            begin = f"{loop.begin}_{option}" if option else loop.begin
            assert words(f"[{begin}]x[{loop.end}]").strip("x") == ""
    assert set(TABLE.begins) == {
        "CUSTOMERFUTUREBOOKINGSBEGIN",
        "CUSTOMERFUTUREBOOKINGSBEGIN_SKIPTODAY",
        "CUSTOMERTAG_BEGIN",
    }
