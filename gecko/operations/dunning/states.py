"""Where a payment reminder is: told by what was done with its letter, never stored, so that it cannot be outdated."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, case, literal, select

from ...db import db
from ...language import _
from ...models.dunning import Dunning, DunningState
from ...models.messages import Message, MessageState

ARRIVED = (MessageState.SENT, MessageState.DELIVERED)
UNDER_WAY = (MessageState.QUEUED, MessageState.SENDING)
WORDS = {
    DunningState.CREATED: _("Created"),
    DunningState.SENT: _("Sent"),
    DunningState.FAILED: _("Not sent"),
    DunningState.CANCELLED: _("Cancelled"),
}


def state_sql() -> ColumnElement[str]:
    """The state of the Dunning of the enclosing statement, as the value of a DunningState.

    A letter that was printed counts as sent, as does an e-mail that the other side took; one that waits is created.
    """
    mail = select(Message.state).where(Message.id == Dunning.message_id).correlate(Dunning).scalar_subquery()
    return case(
        (Dunning.cancelled_at.is_not(None), literal(DunningState.CANCELLED.value)),
        (Dunning.printed_at.is_not(None), literal(DunningState.SENT.value)),
        (Dunning.message_id.is_(None), literal(DunningState.CREATED.value)),
        (mail.in_(ARRIVED), literal(DunningState.SENT.value)),
        (mail.in_(UNDER_WAY), literal(DunningState.CREATED.value)),
        else_=literal(DunningState.FAILED.value),
    )


def of(dunning_ids: Iterable[int]) -> dict[int, DunningState]:
    """The states of several, in one query."""
    rows = db.session.execute(select(Dunning.id, state_sql()).where(Dunning.id.in_(list(dunning_ids))))
    return {dunning_id: DunningState(state) for dunning_id, state in rows}
