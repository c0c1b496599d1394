"""What becomes of a time after the run: its message arrived or did not, or the customer's bookings changed.

A message that is on its way out is never called back; its time then counts as sent, whatever is booked meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from ...db import db
from ...models.messages import Message, MessageReason, MessageState
from ...models.recalls import RecallState, RecallTurn, TurnReason, TurnState
from ..messaging import withdrawing
from . import holding, running

_ARRIVED = (MessageState.SENT, MessageState.DELIVERED)
_UNDER_WAY = (MessageState.QUEUED, MessageState.SENDING, MessageState.UNKNOWN)
_REASONS = {
    MessageReason.NO_ADDRESS: TurnReason.NO_ADDRESS,
    MessageReason.ADDRESS_FAILED: TurnReason.ADDRESS_FAILED,
    MessageReason.NO_CONSENT: TurnReason.NO_CONSENT,
    MessageReason.OPTED_OUT: TurnReason.NO_CONSENT,
    MessageReason.GROUP_INACTIVE: TurnReason.GROUP_INACTIVE,
    MessageReason.REJECTED: TurnReason.NOT_SENT,
    MessageReason.GAVE_UP: TurnReason.NOT_SENT,
}


def answered() -> list[int]:
    """The sign-ups whose message is neither waiting nor on its way any more."""
    wanted = (
        select(RecallTurn.recall_id)
        .join(Message, Message.id == RecallTurn.message_id)
        .where(RecallTurn.state == TurnState.WRITTEN, Message.state.not_in(_UNDER_WAY))
    )
    return list(db.session.scalars(wanted.order_by(RecallTurn.recall_id)))


def follow(recall_id: int) -> None:
    """Close the time whose message arrived; put one whose message did not on the list, with the reason."""
    recall = holding.hold(recall_id)
    turn = holding.open_turn(recall_id)
    if turn is None or turn.state != TurnState.WRITTEN or turn.message_id is None:
        return
    message = db.session.get_one(Message, turn.message_id, populate_existing=True)
    if message.state in _ARRIVED:
        holding.settle(recall, turn, TurnState.SENT)
    elif message.state not in _UNDER_WAY and withdrawing.withdraw_one(message.id):
        holding.put(turn, TurnState.DUE, reason=_why(message))


def _why(message: Message) -> TurnReason:
    if message.state == MessageState.EXPIRED:
        return TurnReason.TOO_LATE
    return _REASONS.get(message.reason or MessageReason.WITHDRAWN, TurnReason.WITHDRAWN)


def bookings_changed(customer_id: int | None, service_ids: Iterable[int | None]) -> None:
    """Look anew at what a customer's bookings of these services fulfil; called in the transaction of the change.

    A booking that came closes the time that is due and takes back its message; one that went opens the last time again.
    """
    wanted = {one for one in service_ids if one is not None}
    if customer_id is None or not wanted:
        return
    for recall in holding.hold_of_customer(customer_id, wanted):
        turn = holding.latest_turn(recall.id)
        if turn is None:
            continue
        if turn.state == TurnState.FULFILLED:
            booking_id = running.fulfilled_by(recall, turn.turn_on)
            if booking_id is not None:
                turn.booking_id = booking_id
            elif holding.may_reopen(recall, turn):
                holding.reopen(recall, turn)
        elif turn.state in (TurnState.DUE, TurnState.WRITTEN) and recall.state == RecallState.ACTIVE:
            booking_id = running.fulfilled_by(recall, turn.turn_on)
            if booking_id is not None and take_back(turn):
                holding.settle(recall, turn, TurnState.FULFILLED, booking_id=booking_id)


def take_back(turn: RecallTurn) -> bool:
    """Take a time's message out of the outbox; False where it is on its way or gone. One without a message is free."""
    if turn.state != TurnState.WRITTEN or turn.message_id is None:
        return True
    return withdrawing.withdraw_one(turn.message_id)
