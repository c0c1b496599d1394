"""Taking a posting back: by one of the opposite amount, never by a change."""

from __future__ import annotations

from sqlalchemy import select

from ..clock import today
from ..db import db
from ..errors import Invalid, NotFound
from ..language import _
from ..models.postings import DebtorPosting, PostingKind
from . import ledger, prepayments, settling


def reverse(posting_id: int, *, text: str = "", key: str | None = None) -> DebtorPosting:
    """Cancel a posting by one of the opposite amount, today. Once only, and a reversal stays.

    Its settlements are undone, so that what it paid is open again; the two are settled with each other. A document's
    posting is not reversed: the document would still stand. It is corrected by a credit note. A prepayment that paid
    something is there again.
    """
    posting = db.session.get(DebtorPosting, posting_id)
    if posting is None:
        raise NotFound
    ledger.lock_debtor(posting.debtor_id)
    known = ledger.by_key(key)
    if known is not None:
        return known
    if posting.kind == PostingKind.REVERSAL:
        raise Invalid(_("A reversal cannot be reversed."))
    if posting.document_id is not None:
        raise Invalid(_("An invoice is corrected by a credit note."))
    if reversal_of(posting_id) is not None:
        raise Invalid(_("The posting has already been reversed."))
    made = ledger.post(
        posting.debtor_id,
        PostingKind.REVERSAL,
        -posting.amount_ore,
        posted_on=max(today(), posting.posted_on),
        text=text.strip() or posting.text,
        reverses_id=posting.id,
        idempotency_key=key,
    )
    settling.join_reversal(posting, made)
    prepayments.follow(posting, made)
    return made


def reversal_of(posting_id: int) -> DebtorPosting | None:
    """The posting that reversed this one, if any."""
    return db.session.scalars(select(DebtorPosting).where(DebtorPosting.reverses_id == posting_id)).one_or_none()
