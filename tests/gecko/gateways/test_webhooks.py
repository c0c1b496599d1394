"""Status reports: who may send them, and what a heap of them in any order amounts to."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecko.gateways.outcomes import Verdict
from gecko.gateways.sms import webhooks
from gecko.gateways.sms.webhooks import Status
from jobs.chaos import sms_reports

SECRET = "en hemmelighed, som kun gatewayen kender"
AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def report(reference="r-1", status="DELIVERED", **values):
    return sms_reports.status_report(reference, status, **({"msg_id": "01JNN", "at": AT} | values))


def test_a_report_is_read():
    event = webhooks.parse(report(event_id="e-1", status="UNDELIVERABLE", error="Absent subscriber"))
    assert event == webhooks.StatusEvent(
        event_id="e-1",
        reference="r-1",
        provider_ref="01JNN",
        status=Status.UNDELIVERABLE,
        at=AT,
        error="0x00 Absent subscriber",
    )


@pytest.mark.parametrize(
    ("secret", "signature", "genuine"),
    [
        (SECRET, None, True),
        ("another", None, False),
        ("", None, False),
        (SECRET, "", False),
        (SECRET, "v1=", False),
        (SECRET, "v1=" + "0" * 64, False),
        (SECRET, "v2=" + "0" * 64, False),
        (SECRET, "v1=æøå", False),
    ],
)
def test_signatures(secret, signature, genuine):
    body = report()
    given = sms_reports.signature(SECRET, body) if signature is None else signature
    assert webhooks.is_genuine(secret, body, given) is genuine


def test_an_empty_secret_verifies_nothing_even_if_signed_with_it():
    body = report()
    assert not webhooks.is_genuine("", body, sms_reports.signature("", body))


def test_one_changed_byte_is_a_forgery():
    body = report()
    signature = sms_reports.signature(SECRET, body)
    for place in range(len(body)):
        changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        assert not webhooks.is_genuine(SECRET, changed, signature)


def changed(**values):
    envelope = json.loads(report())
    envelope["event"] |= values.pop("event", {})
    return json.dumps(envelope | values).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"7", b"\xff\xfe", b'{"event_type": "message.status.sms"}', b"[" * 5000,
        changed(event_type="message.status.rcs"),
        changed(event_type="user-message.text.sms"),
        changed(event_id=7),
        changed(event_id=""),
        changed(event={"msg_id": None}),
        changed(event={"status_at": "i går"}),
        changed(event={"status_at": "2026-11-22T09:30:00"}),  # no offset: nobody knows when
        changed(event={"status_at": 17}),
        report() + b" " * webhooks.LONGEST_BODY,
    ],
)  # fmt: skip
def test_what_is_no_status_report_is_none(body):
    assert webhooks.parse(body) is None


def test_a_report_without_our_reference_still_names_their_number():
    event = webhooks.parse(changed(event={"reference": None}))
    assert (event.reference, event.provider_ref) == ("", "01JNN")


def test_a_status_of_tomorrow_changes_nothing():
    event = webhooks.parse(report(status="READ_ALOUD"))
    assert event.status is Status.UNKNOWN
    for status in Status:
        assert webhooks.advance(status, event) is status


@pytest.mark.parametrize(
    ("status", "error", "verdict"),
    [
        ("ENROUTE", None, None),
        ("DELIVERED", None, None),
        ("EXPIRED", "Absent subscriber", Verdict.SOFT),
        ("UNDELIVERABLE", "Absent subscriber", Verdict.SOFT),
        ("UNDELIVERABLE", "Unknown subscriber", Verdict.ADDRESS),
        ("UNDELIVERABLE", None, Verdict.SOFT),
        ("EXPIRED", "Unknown subscriber", Verdict.SOFT),
        ("REJECTED", "Blocked by operator", Verdict.POLICY),
        ("DELETED", None, Verdict.REFUSED),
    ],
)
def test_what_a_failure_says_about_the_number(status, error, verdict):
    assert webhooks.parse(report(status=status, error=error)).verdict is verdict


@given(st.lists(st.sampled_from(Status), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(statuses, chance):
    events = [webhooks.parse(report(status=str(status))) for status in statuses]

    def state(heap):
        current = None
        for event in heap:
            current = webhooks.advance(current, event)
        return current

    shuffled = events + chance.choices(events, k=5)
    chance.shuffle(shuffled)
    assert state(shuffled) is state(events)


FAILED = ("UNDELIVERABLE", "REJECTED", "EXPIRED", "DELETED")


def predicted(statuses):
    """The model: arrived if anybody says so; else the weightiest failure; else how far it is known to have come."""
    for status in ("DELIVERED", *FAILED, "ENROUTE", "ACCEPTED"):
        if status in statuses:
            return Status(status)
    return Status.UNKNOWN


def test_10000_reports_doubled_shuffled_late_and_forged_leave_what_a_model_predicts():
    chance = random.Random(20261122)
    said = {}
    deliveries = []
    for number in range(2_500):
        reference = f"r-{number}"
        end = chance.choice(["DELIVERED", "DELIVERED", "DELIVERED", *FAILED, None])
        course = ["ACCEPTED", "ENROUTE", *([end] if end else [])]
        kept = [status for status in course if chance.random() < 0.9] or ["ACCEPTED"]
        said[reference] = kept
        for place, status in enumerate(kept):
            body = report(reference, status, at=AT + timedelta(seconds=place))
            copies = chance.choice([1, 1, 2, 3])
            deliveries += [(body, sms_reports.signature(SECRET, body))] * copies
        forged = report(reference, "DELIVERED")
        deliveries.append((forged, sms_reports.signature("gættet", forged)))
    chance.shuffle(deliveries)
    assert len(deliveries) > 10_000
    state, seen, refused = {}, set(), 0
    for body, signature in deliveries:
        if not webhooks.is_genuine(SECRET, body, signature):
            refused += 1
            continue
        event = webhooks.parse(body)
        seen.add(event.event_id)
        state[event.reference] = webhooks.advance(state.get(event.reference), event)
    assert refused == 2_500
    assert len(seen) == sum(map(len, said.values()))
    assert state == {reference: predicted(statuses) for reference, statuses in said.items()}
