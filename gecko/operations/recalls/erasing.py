"""What an erasure leaves of a customer's sign-ups: that there were some, cancelled, without their notes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ... import actor
from ...clock import now
from ...db import db
from ...models.recalls import OPEN, Recall, RecallState, RecallTurn, TurnState
from . import holding
from .signing_up import GOES_ON


def forget(customer_ids: Sequence[int]) -> None:
    """Cancel and empty the sign-ups of customers whose messages are forgotten; the caller holds the customers."""
    wanted = select(Recall).where(Recall.customer_id.in_(customer_ids)).order_by(Recall.id).with_for_update(of=Recall)
    recalls = list(db.session.scalars(wanted.execution_options(populate_existing=True)))
    for recall in recalls:
        recall.note = None
        if recall.state in GOES_ON:
            recall.state, recall.state_at, recall.state_by_id = RecallState.CANCELLED, now(), actor.current().user_id
    db.session.flush()
    mine = RecallTurn.recall_id.in_([recall.id for recall in recalls])
    for turn in db.session.scalars(select(RecallTurn).where(mine, RecallTurn.state.in_(OPEN))):
        holding.put(turn, TurnState.SKIPPED)
