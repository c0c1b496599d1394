"""Taking a reminder back: its fee, interest and compensation are reversed, and its e-mail is held back if it can be."""

from __future__ import annotations

from sqlalchemy import select

from ... import actor
from ...clock import now
from ...db import db
from ...errors import Invalid, NotFound
from ...language import _
from ...models.dunning import Dunning, DunningLine
from .. import ledger, reversing
from ..messaging import withdrawing

LONGEST = 200


def cancel(dunning_id: int, *, reason: str) -> Dunning:
    """Cancel a reminder, once; again is nothing. Its claims stand as if they had never been reminded by it.

    Raises Invalid without a reason, and where a later reminder of the same claim stands: that one goes first.
    """
    debtor_id = db.session.scalar(select(Dunning.debtor_id).where(Dunning.id == dunning_id))
    if debtor_id is None:
        raise NotFound
    ledger.lock_debtor(debtor_id)
    dunning = db.session.get_one(Dunning, dunning_id, populate_existing=True)
    if dunning.cancelled_at is not None:
        return dunning
    words = reason.strip()[:LONGEST]
    if not words:
        raise Invalid(_("Say why."), field="reason")
    if (later := _later(dunning)) is not None:
        raise Invalid(_("Reminder %(number)d is a later one of the same claim. Cancel that first."), number=later)
    for posting_id in (dunning.fee_posting_id, dunning.interest_posting_id, dunning.compensation_posting_id):
        if posting_id is not None and reversing.reversal_of(posting_id) is None:
            reversing.reverse(posting_id)
    if dunning.message_id is not None:
        withdrawing.withdraw_one(dunning.message_id)
    dunning.cancelled_at, dunning.cancelled_by_id, dunning.cancel_reason = now(), actor.current().user_id, words
    db.session.flush()
    return dunning


def _later(dunning: Dunning) -> int | None:
    claimed = select(DunningLine.posting_id).where(DunningLine.dunning_id == dunning.id, DunningLine.is_claim)
    return db.session.scalar(
        select(Dunning.number)
        .join(DunningLine, DunningLine.dunning_id == Dunning.id)
        .where(
            Dunning.debtor_id == dunning.debtor_id,
            Dunning.id > dunning.id,
            Dunning.cancelled_at.is_(None),
            DunningLine.is_claim,
            DunningLine.posting_id.in_(claimed),
        )
        .order_by(Dunning.id.desc())
        .limit(1)
    )
