"""A message's life: one row a key, one holder at a time, a fence before it leaves, and an answer that sticks."""

from datetime import timedelta

import pytest
from sqlalchemy import text, update

from gecko.clock import now
from gecko.db import db, transaction
from gecko.errors import Conflict
from gecko.models.messages import (
    Message,
    MessageAttachment,
    MessageChannel,
    MessageKind,
    MessagePhase,
    MessageReason,
    MessageState,
)
from gecko.operations import settings
from gecko.operations.messaging import channels, claiming, deciding, enqueuing
from tests.gecko.operations.messaging.outbox import (
    EMAIL,
    SMS,
    answer,
    change,
    claim,
    customer,
    draft,
    enqueue,
    fence,
    meet,
    row,
    shift,
    steps,
    sweep,
)
from tests.plans import plan


def test_from_the_queue_to_the_answer(app):
    [message_id] = enqueue(draft(customer_id=customer()))
    message = row(message_id)
    assert (message.state, message.recipient, message.language) == (MessageState.QUEUED, "kunde@example.dk", "da")
    assert claim() == [message_id]
    assert claim("b") == []
    assert fence(message_id)
    assert row(message_id).phase == MessagePhase.HANDED
    assert answer("sent", message_id, reply="250 ok", provider_ref="x")
    message = row(message_id)
    assert (message.state, message.phase, message.reply) == (MessageState.SENT, None, "250 ok")
    assert message.sent_at is not None
    assert steps(message_id) == [
        ("queued", None), ("sending", "claimed"), ("sending", "handed"), ("sent", None),
    ]  # fmt: skip


def test_the_same_key_is_written_once_also_within_one_batch(app):
    first = enqueue(draft("a"), draft("b", recipient="x@y.dk"), draft("a"))
    assert len(first) == 2
    assert enqueue(draft("b"), draft("c")) != []
    assert len(enqueue(draft("a"), draft("b"), draft("c"))) == 0


def test_a_long_list_is_written_whole(sqlite_app):
    drafts = [draft(str(number), recipient=f"{number}@example.dk") for number in range(1203)]
    assert len(set(enqueue(*drafts))) == 1203


def test_what_must_not_go_is_written_with_the_reason(app):
    gone = customer()
    change(gone, deleted_at=now())
    quiet = customer(remind_email=False)
    cases = {
        "mobile": (draft("1", channel=SMS, customer_id=customer(mobile=None)), MessageReason.NO_ADDRESS),
        "gone": (draft("2", customer_id=gone), MessageReason.CUSTOMER_GONE),
        "quiet": (draft("3", kind=MessageKind.REMINDER, customer_id=quiet), MessageReason.OPTED_OUT),
        "unasked": (draft("4", is_marketing=True, customer_id=quiet), MessageReason.NO_CONSENT),
        "allowed": (draft("5", kind=MessageKind.MANUAL, customer_id=quiet), None),
    }  # fmt: skip
    for name, (one, reason) in cases.items():
        message = row(enqueue(one)[0])
        assert message.reason == reason, name
        assert message.state == (MessageState.SUPPRESSED if reason else MessageState.QUEUED), name


def test_letters_and_what_waits_are_each_told_their_own_step(app):
    person = customer()
    letter, mail = enqueue(
        draft("letter", channel=MessageChannel.LETTER, recipient="Vej 1", customer_id=person),
        draft("mail", customer_id=person),
    )
    assert (steps(letter), steps(mail)) == ([("sent", None)], [("queued", None)])


def test_an_sms_is_written_with_what_it_takes_and_costs(app):
    with transaction():
        settings.put("message.sms_price_ore", 35)
    person = customer()
    short, long, mail = enqueue(
        draft("short", channel=SMS, subject=None, customer_id=person),
        draft("long", channel=SMS, subject=None, body="x" * 161, customer_id=person),
        draft("mail", customer_id=person),
    )
    assert [(row(one).segments, row(one).price_ore) for one in (short, long, mail)] == [(1, 35), (2, 70), (None, None)]


def test_attachments_are_kept_with_their_message(app):
    files = (
        enqueuing.Attachment("a.pdf", "application/pdf", b"%PDF"),
        enqueuing.Attachment("b.txt", "text/plain", b""),
    )
    [message_id] = enqueue(draft(attachments=files, recipient="x@y.dk"))
    assert [(one.position, one.filename) for one in row(message_id).attachments] == [(1, "a.pdf"), (2, "b.txt")]
    assert db.session.query(MessageAttachment).first().content == b"%PDF"


def test_nothing_is_taken_before_its_time_or_after_it(app):
    early, late = enqueue(
        draft("early", recipient="x@y.dk", not_before=now() + timedelta(hours=1)),
        draft("late", recipient="x@y.dk", expires_at=now() - timedelta(seconds=1)),
    )
    assert claim() == []
    assert sweep().expired == 1
    assert row(late).state == MessageState.EXPIRED
    assert row(early).state == MessageState.QUEUED


@pytest.mark.parametrize(
    ("change_of", "state", "reason"),
    [
        ({"remind_email": False}, MessageState.SUPPRESSED, MessageReason.OPTED_OUT),
        ({"accepts_marketing_email": False}, MessageState.SUPPRESSED, MessageReason.NO_CONSENT),
        ({"deleted_at": now()}, MessageState.CANCELLED, MessageReason.CUSTOMER_GONE),
    ],
)
def test_the_fence_looks_again(app, change_of, state, reason):
    customer_id = customer(accepts_marketing_email=True)
    kind = MessageKind.REMINDER if "remind_email" in change_of else MessageKind.CAMPAIGN
    is_marketing = kind == MessageKind.CAMPAIGN
    [message_id] = enqueue(draft(customer_id=customer_id, kind=kind, is_marketing=is_marketing))
    assert claim() == [message_id]
    change(customer_id, **change_of)
    assert not fence(message_id)
    assert (row(message_id).state, row(message_id).reason) == (state, reason)


def test_the_fence_stops_what_expired_and_whoever_lost_the_lease(app):
    late, lost = enqueue(draft("1", recipient="x@y.dk"), draft("2", recipient="x@y.dk"))
    claim()
    shift(late, expires_at=-1)
    shift(lost, lease_until=-1)
    assert not fence(late)
    assert row(late).state == MessageState.EXPIRED
    assert not fence(lost)
    assert sweep().requeued == 1
    assert claim("b") == [lost]
    assert not fence(lost, "a")
    assert fence(lost, "b")


def test_what_was_handed_over_and_dropped_needs_a_decision_and_a_late_answer_settles_it(app):
    first, second, third = enqueue(*(draft(str(n), recipient="x@y.dk") for n in range(3)))
    claim()
    for message_id in (first, second, third):
        assert fence(message_id)
        shift(message_id, lease_until=-1)
    assert sweep().unknown == 3
    assert claim("b") == []
    assert answer("sent", first, reply="250 late")
    with transaction():
        deciding.count_as_sent(second)
    with transaction():
        deciding.send_again(third)
    assert [row(one).state for one in (first, second, third)] == [
        MessageState.SENT, MessageState.SENT, MessageState.QUEUED,
    ]  # fmt: skip
    with pytest.raises(Conflict), transaction():
        deciding.send_again(first)
    assert claim("b") == [third]
    assert not answer("sent", third, owner="a", reply="too late: it is somebody else's")


def test_refusals_for_now_wait_longer_each_time_until_it_is_too_late(app):
    [message_id] = enqueue(draft(recipient="x@y.dk"))
    waits = []
    for _attempt in range(5):
        assert claim() == [message_id]
        fence(message_id)
        assert answer("later", message_id, reply="450 try later")
        message = row(message_id)
        waits.append(round((message.not_before - now()).total_seconds() / 60))
        shift(message_id, not_before=0)
    assert waits == [5, 15, 60, 240, 720]
    assert claim() == [message_id]
    assert answer("later", message_id, reply="450 still")
    assert (row(message_id).state, row(message_id).reason) == (MessageState.FAILED, MessageReason.GAVE_UP)


def test_a_fault_of_our_own_costs_no_attempt_and_lets_the_channel_rest(app):
    [message_id] = enqueue(draft(recipient="x@y.dk"))
    for _round in range(channels.FAULTS_BEFORE_REST):
        assert claim() == [message_id]
        assert answer("untouched", message_id, detail="no connection", until=now())
        with transaction():
            channels.fault(EMAIL, "no connection")
    assert row(message_id).attempt == 0
    assert claim() == []
    with transaction():
        deciding.wake_channel(EMAIL)
    assert claim() == [message_id]


def test_the_allowance_of_a_channel_refills_with_time(app):
    with transaction():
        settings.put("message.sms_per_minute", 2)
    enqueue(*(draft(str(n), channel=SMS, recipient=f"+452012345{n}") for n in range(5)))
    assert len(claim(channel=SMS)) == 2
    assert claim(channel=SMS) == []
    with transaction():
        channels.state(SMS).allowance_at = now() - timedelta(seconds=30)
    assert len(claim(channel=SMS)) == 1


def test_two_senders_that_are_the_first_on_a_channel_share_it(app):
    ids = enqueue(*(draft(str(n), recipient=f"{n}@y.dk") for n in range(4)))
    first = []
    later = meet(app, lambda: first.extend(claiming.claim(EMAIL, "a", limit=2)), lambda: claim("b", limit=2))
    assert sorted([*(one.id for one in first), *later]) == sorted(ids)


def test_one_address_gets_only_so_many_a_day(app):
    with transaction():
        settings.put("message.daily_cap", 2)
    ids = enqueue(*(draft(str(n), recipient="x@y.dk") for n in range(3)))
    for message_id in sorted(ids)[:2]:
        assert claim(limit=1) == [message_id]
        answer("sent", message_id)
    assert claim() == []
    message = row(max(ids))
    assert (message.state, message.attempt) == (MessageState.QUEUED, 0)
    assert message.not_before > now() + timedelta(minutes=50)


def test_a_holder_gives_back_what_it_will_not_send(app):
    [message_id] = enqueue(draft(recipient="x@y.dk"))
    claim()
    with transaction():
        claiming.release([message_id], "b")
    assert row(message_id).state == MessageState.SENDING
    with transaction():
        claiming.release([message_id], "a")
    assert (row(message_id).state, row(message_id).attempt) == (MessageState.QUEUED, 0)


def test_staff_withdraw_only_what_waits(app):
    first, second = enqueue(draft("1", recipient="x@y.dk"), draft("2", recipient="z@y.dk"))
    with transaction():
        deciding.withdraw(second)
    assert (row(second).state, row(second).reason) == (MessageState.CANCELLED, MessageReason.WITHDRAWN)
    assert claim() == [first]
    with pytest.raises(Conflict), transaction():
        deciding.withdraw(first)


def test_what_senders_hold_is_found_without_reading_the_log(app, statements):
    ids = enqueue(*(draft(str(n), recipient=f"{n}@y.dk") for n in range(300)))
    for message_id in claim(limit=10):
        ids.remove(message_id)
    with transaction() as session:
        session.execute(update(Message).where(Message.id.in_(ids)).values(state=MessageState.EXPIRED))
        session.execute(text("ANALYZE"))
    with statements(app) as seen:
        sweep()
    dropped = [one for one in seen if "lease_until <" in one[0]]
    assert len(dropped) == 2  # what was only claimed, and what was handed over
    assert all("ix_message_held" in plan(*one) for one in dropped)
