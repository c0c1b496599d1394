"""Claims that are disputed: parked with a reason, for so long, and nobody is reminded of them meanwhile."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from ... import actor
from ...clock import today
from ...db import db
from ...errors import Invalid, NotFound
from ...language import _
from ...models.dunning import ParkedClaim
from ...models.postings import DebtorPosting, PostingKind
from .. import ledger

LONGEST = 200


def park(posting_id: int, *, reason: str, until_on: date | None = None) -> ParkedClaim:
    """Park an invoice from today on, to the end of `until_on` or until it is released. Again changes reason and end."""
    posting = db.session.get(DebtorPosting, posting_id)
    if posting is None or posting.kind != PostingKind.INVOICE:
        raise NotFound
    ledger.lock_debtor(posting.debtor_id)
    words = reason.strip()
    if not words or len(words) > LONGEST:
        raise Invalid(_("Say why, in at most %(most)d characters."), field="reason", most=LONGEST)
    if until_on is not None and until_on < today():
        raise Invalid(_("The date must not lie in the past."), field="until_on")
    row = standing(posting_id)
    if row is None:
        row = ParkedClaim(posting_id=posting_id, from_on=today(), created_by_id=actor.current().user_id)
        db.session.add(row)
    row.reason, row.until_on = words, until_on
    db.session.flush()
    return row


def release(parked_id: int) -> ParkedClaim:
    """Let a claim be reminded again from today on."""
    row = db.session.get(ParkedClaim, parked_id)
    if row is None:
        raise NotFound
    ledger.lock_debtor(row.posting.debtor_id)
    db.session.refresh(row)
    if row.until_on is None or row.until_on >= today():
        if row.from_on >= today():  # parked and released on one day: it never held
            db.session.delete(row)
        else:
            row.until_on = today() - timedelta(days=1)
        db.session.flush()
    return row


def standing(posting_id: int) -> ParkedClaim | None:
    """What parks a claim today."""
    row = ParkedClaim
    return db.session.scalars(
        select(row)
        .where(row.posting_id == posting_id, (row.until_on.is_(None)) | (row.until_on >= today()))
        .order_by(row.id.desc())
        .limit(1)
    ).one_or_none()
