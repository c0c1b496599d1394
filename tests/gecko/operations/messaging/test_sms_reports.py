"""Status reports and what they make of a message, in whatever state it is when they come."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from gecko.clock import now
from gecko.db import db, transaction
from gecko.gateways.sms import webhooks
from gecko.models.address_failures import AddressFailure
from gecko.models.messages import MessageEvent, MessageReason, MessageState
from gecko.models.sms_reports import SmsReport
from gecko.operations.messaging import deciding, forgetting, sms_reports
from gecko.operations.messaging.sms_reports import Taken
from jobs.chaos.sms_reports import status_report
from tests.gecko.operations.messaging.outbox import (
    SMS,
    answer,
    claim,
    customer,
    draft,
    enqueue,
    fence,
    row,
    shift,
    steps,
)

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
DEAD = {"status": "UNDELIVERABLE", "error": "Unknown subscriber"}


def text_to(person=None, **values):
    return enqueue(draft(f"k{datetime.now(UTC).timestamp()}", channel=SMS, customer_id=person or customer(), **values))[
        0
    ]


def handed(person=None):
    message_id = text_to(person)
    assert claim(channel=SMS) == [message_id]
    assert fence(message_id)
    return message_id


def sent(provider_ref="T1"):
    message_id = handed()
    assert answer("sent", message_id, provider_ref=provider_ref)
    return message_id


def unknown():
    message_id = handed()
    assert answer("unclear", message_id, detail="no answer")
    return message_id


def again():
    """One that nobody knew of, and that waits to be sent once more."""
    message_id = unknown()
    with transaction():
        deciding.send_again(message_id)
    return message_id


def tell(message_id, status="DELIVERED", *, reference=None, msg_id="T1", **values):
    reference = row(message_id).reference if reference is None else reference
    event = webhooks.parse(status_report(reference, status, msg_id=msg_id, at=AT, **values))
    with transaction():
        return sms_reports.take(event)


def states(message_id):
    return [state for state, _phase in steps(message_id)]


def marks():
    return [(str(one.channel), one.address, one.reason) for one in db.session.scalars(select(AddressFailure))]


def test_a_delivery_is_noted_with_the_time_the_network_says(app):
    message_id = sent()
    assert tell(message_id, "ENROUTE") is Taken.NOTHING_NEW
    assert tell(message_id) is Taken.NEWS
    message = row(message_id)
    assert (message.state, message.delivered_at, message.reason) == (MessageState.DELIVERED, AT, None)
    assert states(message_id) == ["queued", "sending", "sending", "sent", "delivered"]


def test_the_same_report_again_changes_nothing(app):
    message_id = sent()
    assert tell(message_id, "UNDELIVERABLE", event_id="e") is Taken.NEWS
    before = steps(message_id)
    assert tell(message_id, "UNDELIVERABLE", event_id="e") is Taken.REPEATED
    assert tell(message_id, "DELIVERED", event_id="e") is Taken.REPEATED
    assert steps(message_id) == before
    assert len(db.session.scalars(select(SmsReport)).all()) == 1


def test_a_report_about_nothing_of_ours_is_kept_and_changes_nothing(app):
    message_id = sent()
    assert tell(message_id, reference="somebody-elses", event_id="e") is Taken.FOREIGN
    assert tell(message_id, reference="somebody-elses", event_id="e") is Taken.REPEATED
    assert row(message_id).state == MessageState.SENT
    assert [one.message_id for one in db.session.scalars(select(SmsReport))] == [None]


def test_a_report_without_reference_finds_the_text_by_the_gateways_own_number(app):
    message_id = sent("T9")
    assert tell(message_id, reference="", msg_id="T8") is Taken.FOREIGN
    assert tell(message_id, reference="", msg_id="T9") is Taken.NEWS
    assert row(message_id).state == MessageState.DELIVERED


def test_a_report_is_about_texts_only(app):
    [mail] = enqueue(draft(customer_id=customer()))
    assert tell(mail) is Taken.FOREIGN
    assert row(mail).state == MessageState.QUEUED


@pytest.mark.parametrize(
    ("status", "state"),
    [("ACCEPTED", "sent"), ("ENROUTE", "sent"), ("DELIVERED", "delivered"), ("UNDELIVERABLE", "failed"),
     ("UNKNOWN", "unknown")],
)  # fmt: skip
def test_what_nobody_knew_is_settled(app, status, state):
    message_id = unknown()
    tell(message_id, status)
    message = row(message_id)
    assert str(message.state) == state
    assert message.provider_ref == ("T1" if state in ("sent", "delivered") else None)


@pytest.mark.parametrize(("status", "state"), [("ENROUTE", "sent"), ("DELIVERED", "delivered"), ("REJECTED", "failed")])
def test_a_report_may_be_faster_than_the_answer(app, status, state):
    message_id = handed()
    assert tell(message_id, status) is Taken.NEWS
    assert not answer("sent", message_id, provider_ref="T1")
    message = row(message_id)
    assert (str(message.state), message.phase) == (state, None)


@pytest.mark.parametrize("status", ["ACCEPTED", "DELIVERED"])
@pytest.mark.parametrize("is_claimed", [False, True])
def test_one_that_waits_to_be_sent_again_is_not_sent_twice(app, status, is_claimed):
    message_id = again()
    assert not is_claimed or claim(channel=SMS) == [message_id]
    assert tell(message_id, status) is Taken.NEWS
    assert not fence(message_id)
    assert claim(channel=SMS) == []
    assert row(message_id).state in (MessageState.SENT, MessageState.DELIVERED)


def test_a_failure_of_the_first_attempt_does_not_stop_the_second(app):
    message_id = again()
    assert tell(message_id, "EXPIRED") is Taken.NOTHING_NEW
    assert claim(channel=SMS) == [message_id]
    assert fence(message_id)
    assert answer("sent", message_id, provider_ref="T2")
    assert tell(message_id, "UNDELIVERABLE", msg_id="T1") is Taken.NOTHING_NEW
    assert tell(message_id, "ENROUTE", msg_id="T2") is Taken.NOTHING_NEW
    assert row(message_id).state == MessageState.SENT
    assert tell(message_id, "UNDELIVERABLE", msg_id="T2") is Taken.NEWS
    assert row(message_id).state == MessageState.FAILED


def test_a_late_word_of_the_failed_attempt_does_not_count_the_second_as_sent(app):
    message_id = again()
    tell(message_id, "EXPIRED")
    assert tell(message_id, "ENROUTE") is Taken.NOTHING_NEW
    assert row(message_id).state == MessageState.QUEUED


def test_a_number_that_nobody_has_is_marked_and_what_waits_for_it_stops(app):
    person = customer()
    message_id = handed(person)
    answer("sent", message_id, provider_ref="T1")
    waiting = text_to(person)
    assert tell(message_id, **DEAD) is Taken.NEWS
    assert marks() == [("sms", "+4520123456", "0x00 Unknown subscriber")]
    assert (row(waiting).state, row(waiting).reason) == (MessageState.SUPPRESSED, MessageReason.ADDRESS_FAILED)
    assert row(message_id).reason == MessageReason.REJECTED
    assert row(message_id).reply == "0x00 Unknown subscriber"


def test_a_dead_number_stops_the_second_attempt_too(app):
    message_id = again()
    assert tell(message_id, **DEAD) is Taken.NEWS
    assert row(message_id).state == MessageState.FAILED
    assert len(marks()) == 1


@pytest.mark.parametrize(
    "values", [{"status": "EXPIRED", "error": "Unknown subscriber"}, {"status": "REJECTED"}, {"status": "DELETED"},
               {"status": "UNDELIVERABLE", "error": "Absent subscriber"}]
)  # fmt: skip
def test_other_failures_blame_no_number_at_once(app, values):
    message_id = sent()
    assert tell(message_id, **values) is Taken.NEWS
    assert marks() == []
    wanted = MessageReason.GAVE_UP if values["status"] == "EXPIRED" else MessageReason.REJECTED
    assert row(message_id).reason == wanted


def test_a_telephone_that_is_never_there_is_marked_after_a_while(app):
    person = customer()
    for days in (10, 5, 0):
        message_id = handed(person)
        answer("sent", message_id, provider_ref=f"T{days}")
        shift(message_id, created_at=-days * 24 * 3600)
        assert marks() == []
        tell(message_id, "EXPIRED", msg_id=f"T{days}", error="Absent subscriber")
    assert marks() == [("sms", "+4520123456", "0x00 Absent subscriber")]


def test_a_mark_stands_and_a_delivery_that_is_told_late_counts(app):
    message_id = sent()
    tell(message_id, **DEAD)
    assert tell(message_id) is Taken.NEWS
    message = row(message_id)
    assert (message.state, message.reason) == (MessageState.DELIVERED, None)
    assert len(marks()) == 1  # only a person, or a new number, takes it away
    assert tell(message_id, **DEAD) is Taken.NOTHING_NEW
    assert row(message_id).state == MessageState.DELIVERED


def test_what_is_said_of_somebody_who_was_erased_is_not_written_down(app):
    person = customer()
    message_id = handed(person)
    answer("sent", message_id, provider_ref="T1")
    with transaction():
        forgetting.forget([person])
    assert tell(message_id, status="UNDELIVERABLE", error="+4520123456 is an unknown subscriber") is Taken.NEWS
    message = row(message_id)
    assert (message.state, message.reply, message.recipient) == (MessageState.FAILED, None, None)
    said = db.session.scalars(select(MessageEvent.detail).where(MessageEvent.message_id == message_id))
    assert set(said) == {None}
    assert marks() == []


def test_old_reports_are_forgotten(app):
    message_id = sent()
    tell(message_id, "ACCEPTED")
    tell(message_id)
    [old, _new] = db.session.scalars(select(SmsReport).order_by(SmsReport.id))
    with transaction() as session:
        session.get(SmsReport, old.id).received_at = now() - sms_reports.KEPT_FOR - timedelta(minutes=1)
    with transaction():
        assert sms_reports.sweep() == 1
    assert [str(one.status) for one in db.session.scalars(select(SmsReport))] == ["DELIVERED"]
