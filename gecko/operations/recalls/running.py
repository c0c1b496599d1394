"""The run: every sign-up whose date is near is fulfilled by a booking, written to, or put on the list with the reason.

Safe to run at any time, as often as one likes: a time that is settled or whose message waits is left alone, and one
that is due is tried again once its reason may have gone.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Select, and_, exists, or_, select

from ...clock import midnight, today
from ...db import db
from ...models.bookings import Booking
from ...models.customers import Customer
from ...models.recalls import Recall, RecallState, RecallTurn, TurnReason, TurnState
from .. import settings
from . import holding, reaching

FOR_STAFF = (TurnReason.NOT_SENT, TurnReason.WITHDRAWN, TurnReason.TOO_LATE)
"""Reasons that do not go away by themselves: nothing is tried again until somebody asks for it."""


def offset() -> timedelta:
    """How long before its date a time is looked at."""
    return timedelta(days=int(settings.get("recall.offset_days")))


def due() -> list[int]:
    """The sign-ups to look at now, by customer, which is the order of locks."""
    found = sorted(tuple(row) for row in db.session.execute(_due(today() + offset())))
    return [recall_id for _customer_id, recall_id in found]


def _due(last: date) -> Select[int, int]:
    """By the index of coming dates, so not in order; what waits in the outbox, or for somebody, is not looked at."""
    is_left_alone = exists().where(
        RecallTurn.recall_id == Recall.id,
        or_(
            RecallTurn.state == TurnState.WRITTEN,
            and_(RecallTurn.state == TurnState.DUE, RecallTurn.reason.in_(FOR_STAFF)),
        ),
    )
    living = exists().where(Customer.id == Recall.customer_id, Customer.deleted_at.is_(None))
    return select(Recall.customer_id, Recall.id).where(
        Recall.state == RecallState.ACTIVE, Recall.next_on <= last, ~is_left_alone, living
    )


def run_one(recall_id: int) -> TurnState | None:
    """Look at one sign-up; returns what its time came to, None where there was nothing to do any more."""
    recall = holding.hold(recall_id)
    if recall.state != RecallState.ACTIVE or recall.next_on > today() + offset():
        return None
    turn = holding.open_turn(recall_id)
    if turn is not None and (turn.state == TurnState.WRITTEN or turn.reason in FOR_STAFF):
        return None
    if turn is None:
        turn = RecallTurn(recall_id=recall_id, turn_on=recall.next_on, step=recall.step)
    booking_id = fulfilled_by(recall, turn.turn_on)
    if booking_id is not None:
        holding.settle(recall, turn, TurnState.FULFILLED, booking_id=booking_id)
        return TurnState.FULFILLED
    attempt(recall, turn)
    return turn.state


def attempt(recall: Recall, turn: RecallTurn, *, by_letter: bool = True) -> TurnReason | None:
    """Write to the customer over the first channel that reaches them; else the time is due, and the reason returned.

    by_letter: whether a letter counts, which somebody has to print.
    """
    found = reaching.reach(recall, turn.turn_on, by_letter=by_letter)
    message = found.send()
    if message is not None:
        holding.put(turn, TurnState.WRITTEN, channel=found.channel, message_id=message.id)
    elif (turn.state, turn.reason, turn.channel) != (TurnState.DUE, found.reason, found.channel):
        holding.put(turn, TurnState.DUE, reason=found.reason, channel=found.channel)
    return found.reason


def fulfilled_by(recall: Recall, on: date) -> int | None:
    """The first booking of the service from the template's tolerance before `on` onwards, not deleted, not missed."""
    since = midnight(on - timedelta(days=recall.template.tolerance_days))
    wanted = select(Booking.id).where(
        Booking.customer_id == recall.customer_id,
        Booking.start_at >= since,
        Booking.service_id == recall.service_id,
        Booking.deleted_at.is_(None),
        Booking.is_no_show.is_(False),
    )
    return db.session.scalar(wanted.order_by(Booking.start_at, Booking.id).limit(1))
