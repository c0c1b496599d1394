"""What must not go by SMS is named, whoever wrote it; wrong codes are named for every channel."""

import pytest

from gecko.channels import MessageChannel
from gecko.operations.texts.registry import CODES
from gecko.operations.texts.reviewing import Source, review


def unfit(body, channel=MessageChannel.SMS, fields=frozenset()):
    return [one.typed for one in review(Source("", body), channel, fields).unfit]


@pytest.mark.parametrize(
    "body",
    [
        "[KUNDECPRNR]",
        "[customerSSN]",
        "[KUNDECPRNRSTREG]",
        "[KUNDECPRNRMASKERET]",
        "[BOOKINGTEXT_NOBREAK]",
        "[RFS7]",
        "[CUSTOMERTAG_BEGIN]",
    ],
)
def test_codes_that_must_not_go_by_sms(body):
    text = f"Hej [KUNDENAVN] {body}[CUSTOMERTAG_END]"
    assert unfit(text, fields=frozenset({7})) == [body]
    assert unfit(text, MessageChannel.EMAIL, frozenset({7})) == []
    assert unfit(text, MessageChannel.LETTER, frozenset({7})) == []


def test_inside_a_loop_too():
    assert unfit("[customerFutureBookingsBegin][EKSTRATEKST] [ekstratekst][customerFutureBookingsEnd]") == [
        "[EKSTRATEKST]"
    ]


@pytest.mark.parametrize("number", ["010203-1234", "0102031234", "010203 1234"])
def test_a_number_somebody_typed(number):
    assert unfit(f"Dit nummer er {number}.") == [number]


@pytest.mark.parametrize("text", ["Ring 35353535", "+4520123456", "konto 1234 5512345678", "[RFS8]", "010203-12345"])
def test_other_numbers_and_fields_may_go(text):
    assert unfit(text, fields=frozenset({7})) == []


def test_every_code_about_a_social_security_number_or_a_marking_is_kept_from_sms():
    kept = {code.names[0] for code in CODES if code.unfit is not None}
    named = {
        code.names[0] for code in CODES if any("CPR" in name or "SSN" in name or "TAG" in name for name in code.names)
    }
    assert kept == named | {"EKSTRATEKST"}


def test_wrong_codes_of_subject_and_body():
    found = review(Source("[HEST]", "[KO]"), MessageChannel.EMAIL, frozenset())
    assert [one.code for one in found.problems] == ["[HEST]", "[KO]"]
    assert not found.is_clean
    assert review(Source("[HEST]", "[KUNDENAVN]"), MessageChannel.LETTER, frozenset()).is_clean
