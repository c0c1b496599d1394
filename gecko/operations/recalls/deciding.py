"""What staff decide about a time that is open: send it now, put it off, leave it out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from ...clock import today
from ...errors import Invalid
from ...language import _
from ...models.recalls import RecallTurn, TurnReason, TurnState
from ...permissions import Principal
from . import following, holding, running

FARTHEST = timedelta(days=5 * 366)
REASONS: dict[TurnReason, Any] = {
    TurnReason.LETTER: _("Letter to print"),
    TurnReason.NO_ADDRESS: _("No address"),
    TurnReason.ADDRESS_FAILED: _("The address fails"),
    TurnReason.NO_CONSENT: _("No consent to marketing"),
    TurnReason.GROUP_INACTIVE: _("The customer group is inactive"),
    TurnReason.CHANNEL_CLOSED: _("The channel is switched off"),
    TurnReason.NO_TEXT: _("The text is empty, or must not go by SMS"),
    TurnReason.NOT_SENT: _("The message was refused"),
    TurnReason.WITHDRAWN: _("The message was withdrawn"),
    TurnReason.TOO_LATE: _("The message could not be sent in time"),
}


class OnItsWay(Invalid):
    """The message of this time cannot be called back any more."""

    def __init__(self) -> None:
        super().__init__(_("The message is already on its way."))


def send_now(turn_id: int, *, principal: Principal | None = None) -> RecallTurn:
    """Write by e-mail or SMS, whatever stood in the way before; raises Invalid with the reason where it still does."""
    turn = holding.hold_turn(turn_id, principal=principal)
    if turn.state == TurnState.WRITTEN:
        return turn
    reason = running.attempt(turn.recall, turn, by_letter=False)
    if reason is not None:
        raise Invalid(_("Nothing was sent: %(reason)s."), reason=REASONS[reason])
    return turn


def postpone(
    turn_id: int, on: date | None, *, row_version: int | None = None, principal: Principal | None = None
) -> RecallTurn:
    """Give this one time another date; those after it come as before. Its message is taken back."""
    turn = holding.hold_turn(turn_id, row_version=row_version, principal=principal)
    if on == turn.turn_on:
        return turn
    if on is None or not today() < on <= today() + FARTHEST:
        raise Invalid(_("Choose a date that is to come, within five years."), field="turn_on")
    take_back(turn)
    holding.put(turn, TurnState.POSTPONED, turn_on=on)
    turn.recall.next_on = on
    return turn


def skip(turn_id: int, *, principal: Principal | None = None) -> RecallTurn:
    """Leave this one time out and go on to the next date."""
    turn = holding.hold_turn(turn_id, principal=principal)
    take_back(turn)
    holding.settle(turn.recall, turn, TurnState.SKIPPED)
    return turn


def take_back(turn: RecallTurn) -> None:
    """Take a time's message out of the outbox; raises OnItsWay where that is too late."""
    if not following.take_back(turn):
        raise OnItsWay
