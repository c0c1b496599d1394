"""Which bookings a message speaks of, and whether the start that it tells is still true."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, insert, or_, select

from ...db import db
from ...models.bookings import Booking
from ...models.messages import Message, MessageBooking, MessageChannel
from ..texts.composing import compose
from ..texts.facts import Facts
from ..texts.reviewing import Source


def hold_and_compare(told: Collection[tuple[int, datetime]]) -> set[tuple[int, datetime]]:
    """Which of these bookings are deleted or begin at another time than told; none of them changes until the end of the
    transaction (see withdrawing).

    Locks come after those of customers and are taken in the order of ids.
    """
    if not told:
        return set()
    wanted = (
        select(Booking.id, Booking.start_at, Booking.deleted_at)
        .where(Booking.id.in_({booking_id for booking_id, _starts_at in told}))
        .order_by(Booking.id)
        .with_for_update(read=True)
    )
    true = {(row.id, row.start_at) for row in db.session.execute(wanted) if row.deleted_at is None}
    return set(told) - true


def note(messages: Iterable[tuple[int, Sequence[tuple[int, datetime]]]]) -> None:
    """Write down what new messages speak of."""
    rows = [
        {"message_id": message_id, "booking_id": booking_id, "starts_at": starts_at}
        for message_id, told in messages
        for booking_id, starts_at in told
    ]
    if rows:
        db.session.execute(insert(MessageBooking), rows)


def is_untrue() -> ColumnElement[bool]:
    """SQL: one of the bookings that the message speaks of is deleted, or begins at another time by now."""
    is_other = or_(Booking.deleted_at.is_not(None), Booking.start_at != MessageBooking.starts_at)
    return exists().where(
        and_(MessageBooking.message_id == Message.id, Booking.id == MessageBooking.booking_id, is_other)
    )


def given_up(dedupe_key: str, reference: str) -> str:
    """The key of a message that a change ended; its own is free, should the booking come back to its time."""
    return f"{dedupe_key}:{reference}"


def told(source: Source, facts: Facts, channel: MessageChannel, language: str) -> tuple[tuple[int, datetime], ...]:
    """The bookings to come without which a text to the customer would read otherwise, with their starts: it may pass
    over some, such as those of today."""
    person = facts.customer
    if person is None or not person.bookings:
        return ()
    body, found = compose(source, facts, channel, language).body, []
    for one in person.bookings:
        others = tuple(other for other in person.bookings if other.id != one.id)
        following = person.next_booking if person.next_booking in others else None
        without = replace(person, bookings=others, next_booking=following)
        if compose(source, replace(facts, customer=without), channel, language).body != body:
            found.append((one.id, one.starts_at))
    return tuple(found)
