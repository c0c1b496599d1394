"""Texts become messages of each channel."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecko.channels import MessageChannel
from gecko.operations.texts import markup, sample
from gecko.operations.texts.composing import compose
from gecko.operations.texts.reviewing import Source, review
from gecko.operations.texts.shipping import TextKey, shipped
from tests.gecko.operations.texts.test_markup import TAGGED, Judge
from tests.gecko.operations.texts.test_parsing import PIECES

FACTS = sample.facts()


def named(name):
    return replace(FACTS, customer=replace(FACTS.customer, name=name))


def test_an_e_mail_has_a_subject_words_and_html():
    found = compose(
        Source("Hej [KUNDEFORNAVN]", "<b>[KUNDENAVN]</b>\nVi ses"), named("Bo <Hansen>"), MessageChannel.EMAIL, "da"
    )
    assert found.subject == "Hej Bo"
    assert found.html == "<b>Bo &lt;Hansen&gt;</b><br>\nVi ses"
    assert found.body == "Bo <Hansen>\nVi ses"


def test_a_subject_is_one_line_and_not_html():
    found = compose(Source("[KUNDENAVN]", "x"), named("Bo\r\nBcc: a@b.dk & co"), MessageChannel.EMAIL, "da")
    assert found.subject == "Bo Bcc: a@b.dk & co"


def test_a_letter_has_no_subject():
    found = compose(Source("x", "Kære [KUNDENAVN]"), named("Bo & Ib"), MessageChannel.LETTER, "da")
    assert (found.subject, found.body, found.html) == (None, "Kære Bo & Ib", "Kære Bo &amp; Ib")


def test_an_sms_is_plain_and_says_what_forbids_it():
    found = compose(Source("", "Hej [KUNDENAVN] <3 & [KUNDECPRNR]"), named("Bo"), MessageChannel.SMS, "da")
    assert (found.subject, found.body, found.html) == (None, "Hej Bo <3 &", None)
    assert [one.typed for one in found.unfit] == ["[KUNDECPRNR]"]


def test_markup_in_a_value_is_text_in_a_text_with_and_without_markup():
    for body in ("[KUNDENAVN]", "<i>[KUNDENAVN]</i>"):
        found = compose(Source("x", body), named("<script>x</script><b>"), MessageChannel.EMAIL, "da")
        assert "<script" not in found.html
        assert found.body == "<script>x</script><b>"


@given(
    st.one_of(PIECES, TAGGED),
    st.one_of(TAGGED, PIECES),
    st.sampled_from([*MessageChannel]),
    st.sampled_from(["da", "en"]),
)
def test_composing_never_fails_and_its_html_is_harmless(body, name, channel, language):
    found = compose(Source(name, body), named(name or "x"), channel, language)
    assert found.subject is None or "\n" not in found.subject
    assert (found.html is None) == (channel == MessageChannel.SMS)
    judge = Judge()
    judge.feed(found.html or "")
    judge.close()
    assert judge.open == []


@given(st.text(st.characters(exclude_characters="<&[", exclude_categories=("Cs",)), max_size=60))
def test_a_text_without_markup_is_written_the_same_either_way(text):
    text = text.strip()
    assert markup.paragraphs(text) == markup.clean(text)


@pytest.mark.parametrize("name", shipped(), ids=lambda name: f"{name.key}-{name.channel}-{name.language}")
def test_what_is_shipped_is_right(name):
    source = shipped()[name]
    assert review(source, name.channel, frozenset()).is_clean
    found = compose(source, FACTS, name.channel, name.language)
    is_recall = name.key in {TextKey.RECALL, TextKey.WIN_BACK}
    assert ("35 35 35 35" if is_recall else "14:30") in found.body
    assert "[" not in found.body + (found.subject or "")
    assert bool(found.subject) == (name.channel == MessageChannel.EMAIL)


def test_what_is_shipped_is_complete():
    both = {(key, channel) for key in TextKey for channel in (MessageChannel.EMAIL, MessageChannel.SMS)}
    both.remove((TextKey.APPOINTMENT_CARD, MessageChannel.EMAIL))
    both |= {(TextKey.RECALL, MessageChannel.LETTER), (TextKey.WIN_BACK, MessageChannel.LETTER)}
    assert {(name.key, name.channel, name.language) for name in shipped()} == {
        (key, channel, language) for key, channel in both for language in ("da", "en")
    }


def test_a_list_of_bookings_is_a_list():
    body = "<ul>[customerFutureBookingsBegin]<li>[DATO]</li>[customerFutureBookingsEnd]</ul>"
    found = compose(Source("x", body), FACTS, MessageChannel.EMAIL, "da")
    assert found.html == "<ul><li>25-11-2026</li><li>23-12-2026</li></ul>"
    assert found.body == "- 25-11-2026\n- 23-12-2026"


def test_the_appointment_card_lists_what_is_to_come():
    source = next(
        text for name, text in shipped().items() if (name.key, name.language) == (TextKey.APPOINTMENT_CARD, "da")
    )
    assert compose(source, FACTS, MessageChannel.SMS, "da").body == (
        "Dine tider hos Nørrebro Klinik ApS:\nd. 25-11-2026 Kl. 14:30\nd. 23-12-2026 Kl. 14:30\nAfbud: 35 35 35 35"
    )


def test_what_a_code_became_may_forbid_an_sms_too():
    found = compose(Source("", "Hej [KUNDENAVN]"), named("Bo 010190-1234"), MessageChannel.SMS, "da")
    assert ([one.typed for one in found.unfit], found.is_sendable) == (["010190-1234"], False)
    typed = compose(Source("", "010190-1234 og [KUNDECPRNR]"), named("Bo"), MessageChannel.SMS, "da")
    assert [one.typed for one in typed.unfit] == ["010190-1234", "[KUNDECPRNR]"]


@pytest.mark.parametrize(
    ("channel", "subject", "body", "is_sendable"),
    [
        (MessageChannel.EMAIL, "Hej", "Hej", True),
        (MessageChannel.EMAIL, "[KUNDEFAX]", "Hej", False),
        (MessageChannel.EMAIL, "Hej", " [KUNDEFAX] ", False),
        (MessageChannel.SMS, "", "Hej", True),
        (MessageChannel.SMS, "", "[KUNDEFAX]", False),
        (MessageChannel.LETTER, "", "Hej", True),
    ],
)
def test_only_what_says_something_is_sendable(channel, subject, body, is_sendable):
    assert compose(Source(subject, body), FACTS, channel, "da").is_sendable is is_sendable
