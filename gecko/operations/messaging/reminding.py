"""Reminders: up to two over each channel, so many hours before a booking begins. Safe to run anywhere, at any time.

A reminder is due from its hour on, until the next one of that channel is, or the booking is about to begin: whoever was
away for a while sends what is still of use, never two at once. Its key names booking, start, place and channel, so it
is written once; a booking that was moved has another start, and gets another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sqlalchemy import Select, exists, select

from ...clock import now
from ...db import db
from ...models.bookings import Booking
from ...models.customer_groups import CustomerGroup
from ...models.customers import Customer
from ...models.messages import Message, MessageChannel, MessageKind
from .. import settings
from ..texts import loading
from ..texts.shipping import TextKey
from . import enqueuing, quiet, telling

MARGIN = timedelta(minutes=15)
"""Closer to its start a booking is not reminded of."""
LOOKED_UP = 500
SLOTS = {1: TextKey.REMINDER_1, 2: TextKey.REMINDER_2}


@dataclass(frozen=True, slots=True)
class Rule:
    """A reminder that is switched on: due from `before` the start on, no longer from `until` before it on."""

    channel: MessageChannel
    slot: int
    before: timedelta
    until: timedelta = MARGIN

    def key(self, booking_id: int, start_at: datetime) -> str:
        """What makes it the same reminder, whoever writes it."""
        return f"reminder:{booking_id}:{start_at.astimezone(UTC):%Y%m%dT%H%M%S}:{self.slot}:{self.channel}"


@dataclass(frozen=True, slots=True)
class Due:
    """A booking to be reminded of."""

    booking_id: int
    start_at: datetime


def rules() -> list[Rule]:
    """What is switched on, over the channels that this installation has."""
    chosen = settings.DEFAULTS | settings.stored()
    found = []
    for channel in telling.open_channels():
        on = [
            (timedelta(hours=int(chosen[f"reminder.{channel}_{slot}_hours"])), slot)
            for slot in SLOTS
            if chosen[f"reminder.{channel}_{slot}"]
        ]
        in_turn = [*sorted(on, reverse=True), (MARGIN, 0)]
        found += [Rule(channel, slot, before, until) for (before, slot), (until, _next) in pairwise(in_turn)]
    return found


def due(rule: Rule, moment: datetime) -> list[Due]:
    """The bookings to be reminded of at `moment`, as they begin.

    Those of living customers in active groups, booked before the reminder's hour and not reminded yet. What quiet hours
    would hold back until the booking is about to begin is left out.
    """
    rows = db.session.execute(_candidates(rule, moment)).all()
    found = [Due(row.id, row.start_at) for row in rows if row.created_at <= row.start_at - rule.before]
    written: set[str] = set()
    for first in range(0, len(found), LOOKED_UP):
        keys = [rule.key(one.booking_id, one.start_at) for one in found[first : first + LOOKED_UP]]
        written |= set(db.session.scalars(select(Message.dedupe_key).where(Message.dedupe_key.in_(keys))))
    return [one for one in found if rule.key(one.booking_id, one.start_at) not in written]


def _candidates(rule: Rule, moment: datetime) -> Select[int, datetime, datetime]:
    """By the index of what is to come; a join would tempt SQLite to begin with every customer of the active groups."""
    is_reached = exists().where(
        Customer.id == Booking.customer_id,
        Customer.deleted_at.is_(None),
        CustomerGroup.id == Customer.group_id,
        CustomerGroup.is_active,
    )
    return (
        select(Booking.id, Booking.start_at, Booking.created_at)
        .where(
            Booking.deleted_at.is_(None),
            Booking.start_at > max(moment + rule.until, _leaves(rule, moment) + MARGIN),
            Booking.start_at <= moment + rule.before,
            is_reached,
        )
        .order_by(Booking.start_at, Booking.id)
    )


def _leaves(rule: Rule, moment: datetime) -> datetime:
    """When a reminder written now may leave: quiet hours are for what rings."""
    return quiet.next_allowed(moment) if rule.channel == MessageChannel.SMS else moment


def write(rule: Rule, bookings: Sequence[Due]) -> int:
    """Write the reminders of some hundred bookings at most; returns how many were not there before.

    A booking that was moved since it was found due is left for another look.
    """
    moment, text = now(), telling.text(SLOTS[rule.slot], rule.channel)
    not_before, starts = _leaves(rule, moment), {one.booking_id: one.start_at for one in bookings}
    found = loading.for_bookings(starts, text.needs(), at=moment)
    drafts = (
        text.draft(facts, MessageKind.REMINDER, rule.key(booking_id, starts[booking_id]), not_before=not_before)
        for booking_id, facts in found.items()
        if facts.booking is not None and facts.booking.starts_at == starts[booking_id]
    )
    return len(enqueuing.enqueue_all(draft for draft in drafts if draft is not None))
