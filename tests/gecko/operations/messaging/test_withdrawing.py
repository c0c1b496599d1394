"""A booking that is moved or deleted takes with it what was to be sent about it; what is on its way out holds it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from gecko.clock import now
from gecko.db import db, transaction
from gecko.models.address_failures import Channel
from gecko.models.customers import Customer
from gecko.models.messages import MessageBooking, MessageKind, MessageReason, MessageState
from gecko.operations import address_failures, bookings, settings
from gecko.operations.messaging import addresses, cards, deciding, enqueuing, fencing, withdrawing
from tests import factories
from tests.gecko.operations.messaging.outbox import (
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


class Told:
    """A booking and a reminder of it that waits."""

    def __init__(self, key="reminder"):
        self.customer_id = customer()
        booking = factories.booking(self.customer_id)
        self.booking_id, self.start_at = booking.id, booking.start_at
        [self.message_id] = enqueue(self.draft(key))

    def draft(self, key="reminder", start_at=None):
        told = ((self.booking_id, start_at or self.start_at),)
        return draft(key, kind=MessageKind.REMINDER, customer_id=self.customer_id, bookings=told)

    @property
    def message(self):
        return row(self.message_id)


def move(booking_id, start_at):
    with transaction():
        bookings.move(booking_id, start_at=start_at)


def delete(booking_id):
    with transaction():
        bookings.delete(booking_id)


CHANGES = {
    "moved": lambda told: move(told.booking_id, told.start_at + timedelta(hours=1)),
    "deleted": lambda told: delete(told.booking_id),
}


@pytest.fixture(params=CHANGES)
def changing(request):
    return CHANGES[request.param]


def test_what_waits_is_called_off_and_the_log_says_why(app, changing):
    told, other = Told("a"), Told("b")
    changing(told)
    assert (told.message.state, told.message.reason) == (MessageState.CANCELLED, MessageReason.BOOKING_CHANGED)
    assert steps(told.message_id) == [("queued", None), ("cancelled", None)]
    assert claim() == [other.message_id]


def test_what_is_only_claimed_is_called_off_too(app, changing):
    told = Told()
    assert claim() == [told.message_id]
    changing(told)
    assert told.message.state == MessageState.CANCELLED
    assert not fence(told.message_id)
    assert told.message.state == MessageState.CANCELLED


def test_what_is_handed_over_holds_the_change_until_it_is_answered(app, changing):
    told = Told()
    claim()
    assert fence(told.message_id)
    with pytest.raises(withdrawing.BeingSent):
        changing(told)
    db.session.rollback()
    assert bookings.find(told.booking_id).start_at == told.start_at
    assert answer("sent", told.message_id, reply="250 ok")
    changing(told)
    assert told.message.state == MessageState.SENT


def test_the_fence_gives_a_new_lease_that_covers_the_answer(app, changing):
    told = Told()
    claim()
    shift(told.message_id, lease_until=5)
    assert fence(told.message_id)
    assert told.message.lease_until > now() + timedelta(seconds=60)
    shift(told.message_id, lease_until=-1)  # whoever held it is gone
    changing(told)
    assert sweep().unknown == 1


def test_a_change_that_leaves_the_start_alone_withdraws_nothing(app):
    told = Told()
    with transaction():
        bookings.change(told.booking_id, {"internal_note": "Ring", "reserved_minutes": 90, "start_at": told.start_at})
    assert claim() == [told.message_id]


def test_a_booking_that_comes_back_to_its_time_can_be_spoken_of_again(app):
    told = Told()
    move(told.booking_id, told.start_at + timedelta(hours=1))
    move(told.booking_id, told.start_at)
    [again] = enqueue(told.draft())
    assert enqueue(told.draft()) == []
    delete(told.booking_id)
    with transaction():
        bookings.restore(told.booking_id)
    assert row(again).state == MessageState.CANCELLED
    [third] = enqueue(told.draft())
    assert claim() == [third]
    assert fence(third)


def test_what_tells_a_time_that_is_not_true_is_written_but_never_sent(app):
    told = Told("first")
    [late] = enqueue(told.draft("late", start_at=told.start_at + timedelta(minutes=5)))
    assert (row(late).state, row(late).reason) == (MessageState.SUPPRESSED, MessageReason.BOOKING_CHANGED)
    assert row(late).dedupe_key != "late"
    delete(told.booking_id)
    [gone] = enqueue(told.draft("gone"))
    assert row(gone).reason == MessageReason.BOOKING_CHANGED
    assert claim() == []


def test_one_of_several_bookings_is_enough(app):
    told = Told("a")
    second = factories.booking(told.customer_id, days=3)
    both = ((told.booking_id, told.start_at), (second.id, second.start_at))
    second_id = second.id
    [message_id] = enqueue(draft("card", customer_id=told.customer_id, bookings=both))
    assert sorted(db.session.query(MessageBooking.booking_id).filter_by(message_id=message_id)) == [
        (told.booking_id,), (second_id,),
    ]  # fmt: skip
    delete(second_id)
    assert row(message_id).state == MessageState.CANCELLED
    assert claim() == [told.message_id]


@pytest.mark.parametrize("back", ["address", "decision"])
def test_what_comes_back_to_the_queue_after_the_change_does_not_pass_the_fence(app, back):
    told = Told()
    if back == "address":
        change(told.customer_id, email="rettet@example.dk")
        with transaction():
            address_failures.mark(Channel.EMAIL, "kunde@example.dk", reason="550")
    else:
        claim()
        fence(told.message_id)
        shift(told.message_id, lease_until=-1)
        sweep()
    move(told.booking_id, told.start_at + timedelta(hours=1))
    with transaction():
        addresses.release() if back == "address" else deciding.send_again(told.message_id)
    assert claim() == [told.message_id]
    assert not fence(told.message_id)
    assert (told.message.state, told.message.reason) == (MessageState.CANCELLED, MessageReason.BOOKING_CHANGED)
    assert told.message.dedupe_key != "reminder"


def test_a_fence_under_way_holds_the_change_and_a_change_under_way_the_fence(app):
    told = Told("a")
    claim()
    assert (
        meet(app, lambda: fencing.pass_fence(told.message_id, "a"), lambda: CHANGES["moved"](told))
        == withdrawing.BeingSent
    )
    told = Told("b")
    claim()
    moved = told.start_at + timedelta(hours=1)
    assert not meet(app, lambda: bookings.move(told.booking_id, start_at=moved), lambda: fence(told.message_id))
    assert told.message.reason == MessageReason.BOOKING_CHANGED


def test_a_message_written_during_the_change_tells_no_old_time(app):
    told = Told("a")
    moved = told.start_at + timedelta(hours=1)
    [late] = meet(app, lambda: bookings.move(told.booking_id, start_at=moved), lambda: enqueue(told.draft("b")))
    assert row(late).reason == MessageReason.BOOKING_CHANGED
    told = Told("c")
    assert meet(app, lambda: enqueuing.enqueue(told.draft("d")), lambda: CHANGES["moved"](told)) is None
    assert claim() == []


def test_an_appointment_card_names_the_bookings_it_tells_of(app):
    with transaction():
        settings.put("module.sms", True)
    who = customer()
    today = factories.booking(who, start_at=now() + timedelta(seconds=30)).id
    coming = [factories.booking(who, days=days).id for days in (3, 9)]
    with transaction() as session:
        message_id = cards.send(session.get(Customer, who), nonce="a").id
    told = set(db.session.scalars(select(MessageBooking.booking_id).where(MessageBooking.message_id == message_id)))
    assert told == set(coming)
    with transaction():
        bookings.delete(today)
    assert row(message_id).state == MessageState.QUEUED
    with transaction():
        bookings.delete(coming[1])
    assert row(message_id).state == MessageState.CANCELLED
