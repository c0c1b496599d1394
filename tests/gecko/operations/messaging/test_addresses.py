"""Nothing goes to a failed address on any path; what waits goes again once the address is right."""

import pytest

from gecko.clock import now
from gecko.db import db, transaction
from gecko.models.address_failures import AddressFailure, Channel
from gecko.models.messages import MessageReason, MessageState
from gecko.operations import address_failures, customers, merging
from gecko.operations.messaging import recording
from tests.gecko.operations.messaging.outbox import (
    answer,
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

ADDRESS = "kunde@example.dk"


def mark(address=ADDRESS):
    with transaction():
        address_failures.mark(Channel.EMAIL, address, reason="No such box")


def clear(address=ADDRESS):
    with transaction():
        address_failures.clear(Channel.EMAIL, address)


def is_suppressed(message_id):
    message = row(message_id)
    return (message.state, message.reason) == (MessageState.SUPPRESSED, MessageReason.ADDRESS_FAILED)


def test_a_marked_address_gets_nothing_and_goes_again_when_it_is_confirmed(app):
    [before] = enqueue(draft("before", customer_id=customer()))
    mark()
    [after] = enqueue(draft("after", customer_id=customer()))
    assert is_suppressed(before)
    assert is_suppressed(after)
    assert claim() == []
    assert sweep().released == 0
    clear()
    assert sweep().released == 2
    assert sorted(claim()) == sorted((before, after))


def test_a_corrected_address_gets_what_waited_and_the_old_one_nothing(app):
    customer_id = customer()
    mark()
    [message_id] = enqueue(draft(customer_id=customer_id))
    with transaction():
        customers.update(customer_id, {"email": "ny@example.dk"}, row_version=1)
    assert sweep().released == 1
    assert (row(message_id).state, row(message_id).recipient) == (MessageState.QUEUED, "ny@example.dk")


def test_two_answers_that_blame_one_address_at_the_same_moment_leave_one_mark(app):
    meet(app, lambda: address_failures.mark(Channel.EMAIL, ADDRESS, reason="First"), mark)
    [left] = db.session.query(AddressFailure.reason)
    assert left == ("No such box",)


def test_what_is_too_late_stays_where_it_is(app):
    mark()
    [message_id] = enqueue(draft(customer_id=customer()))
    shift(message_id, expires_at=-1)
    clear()
    assert sweep().released == 0
    assert is_suppressed(message_id)


def test_the_fence_sees_a_mark_made_since_the_claim(app):
    [message_id] = enqueue(draft(customer_id=customer()))
    assert claim() == [message_id]
    mark()
    assert not fence(message_id)
    assert is_suppressed(message_id)


def test_a_refusal_that_blames_the_address_marks_it_and_stops_its_other_messages(app):
    customer_id = customer()
    first, second = sorted(enqueue(draft("1", customer_id=customer_id), draft("2", customer_id=customer_id)))
    assert claim(limit=1) == [first]
    fence(first)
    assert answer("refused", first, reply="550 5.1.1 no such user", blame=recording.Blame.ADDRESS)
    assert row(first).state == MessageState.FAILED
    assert is_suppressed(second)
    assert steps(second)[-1] == ("suppressed", None)


@pytest.mark.parametrize(("ages", "is_marked"), [((8, 4, 0), True), ((2, 1, 0), False)])
def test_a_full_box_marks_the_address_only_after_a_while(app, ages, is_marked):
    customer_id = customer()
    for days in ages:
        [message_id] = enqueue(draft(f"d{days}", customer_id=customer_id))
        shift(message_id, created_at=-days * 86400)
        claim()
        answer("refused", message_id, reply="552 5.2.2 full", blame=recording.Blame.BOX_FULL)
    [last] = enqueue(draft("last", customer_id=customer_id))
    assert is_suppressed(last) == is_marked


def test_an_erased_customers_messages_are_emptied_and_never_sent(app):
    customer_id = customer()
    waiting, sent = sorted(
        enqueue(draft("1", customer_id=customer_id), draft("2", customer_id=customer_id, html="<p>"))
    )
    shift(waiting, not_before=3600)
    assert claim() == [sent]
    answer("sent", sent, reply="250 kunde@example.dk ok")
    with transaction():
        merging.erase(customer_id)
    for message_id in (waiting, sent):
        message = row(message_id)
        assert (message.recipient, message.subject, message.body, message.html, message.reply) == (
            None, None, "***", None, None,
        )  # fmt: skip
    assert row(waiting).state == MessageState.CANCELLED
    assert row(sent).state == MessageState.SENT
    assert row(sent).sent_at <= now()


def test_messages_follow_a_merge_and_come_back_when_it_is_undone(app):
    survivor, other = customer(), customer(email="anden@example.dk")
    [message_id] = enqueue(draft(customer_id=other))
    with transaction():
        merge_id = merging.merge(survivor, [other]).id
    assert row(message_id).customer_id == survivor
    [later] = enqueue(draft("later", customer_id=other))
    assert row(later).customer_id == survivor
    with transaction():
        merging.undo(merge_id)
    assert row(message_id).customer_id == other
