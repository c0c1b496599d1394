"""Drafts of invoices: saved, changed and thrown away at will, and issued once.

A draft is checked as an invoice is when it is saved, so that issuing it seldom brings a surprise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, select

from .. import actor
from ..clock import now, today
from ..db import db
from ..errors import Conflict, Invalid
from ..language import _
from ..models.documents import SaleDocument
from ..models.invoice_drafts import InvoiceDraft, InvoiceDraftLine
from . import invoicing, ledger, survivors


@dataclass(frozen=True, slots=True)
class Content:
    """What a draft says; see `invoicing.issue`. document_date: None is the day on which it is issued."""

    debtor_id: int
    lines: Sequence[invoicing.Line]
    customer_id: int | None = None
    term_id: int | None = None
    document_date: date | None = None


def create(content: Content, *, key: str) -> InvoiceDraft:
    """Save a new draft; one `key`, one draft."""
    known = by_key(key)
    if known is not None:
        return known
    draft = InvoiceDraft(key=key, created_by_id=actor.current().user_id, **_checked(content))
    draft.lines = _lines(content)
    db.session.add(draft)
    db.session.flush()
    return draft


def change(key: str, content: Content, *, seen: int) -> InvoiceDraft:
    """Put other content in place of the version `seen`; raises Conflict where it is no longer that one."""
    values = _checked(content)  # holds customer and debtor before the draft, as everybody does
    locking = select(InvoiceDraft).where(InvoiceDraft.key == key).with_for_update(of=InvoiceDraft)
    draft = db.session.scalars(locking.execution_options(populate_existing=True)).one_or_none()
    if draft is None or draft.row_version != seen:
        raise Conflict
    for name, value in values.items():
        setattr(draft, name, value)
    draft.lines = []
    db.session.flush()
    draft.lines = _lines(content)
    db.session.flush()
    return draft


def discard(key: str, *, seen: int) -> None:
    """Throw the draft away; raises Conflict where it is no longer the version `seen`."""
    if not _remove(key, seen):
        raise Conflict


def issue(key: str, content: Content, *, seen: int) -> SaleDocument:
    """Issue what the form over the draft with this `key` says, once: whoever asks again gets the same invoice.

    Locks are taken in the order of all locks (customer, debtor) before the draft goes, so that the second of two at
    once finds the first one's invoice. Raises Conflict where the draft is no longer the version `seen`.
    """
    if content.customer_id is not None:
        survivors.hold(content.customer_id)
    ledger.lock_debtor(content.debtor_id)
    if issued_from(key) is None and not _remove(key, seen):
        raise Conflict
    return invoicing.issue(
        debtor_id=content.debtor_id,
        customer_id=content.customer_id,
        term_id=content.term_id,
        document_date=content.document_date,
        lines=content.lines,
        key=_document_key(key),
    )


def by_key(key: str) -> InvoiceDraft | None:
    """The draft with this key. Its id says less: SQLite may use one again."""
    return db.session.scalars(select(InvoiceDraft).where(InvoiceDraft.key == key)).one_or_none()


def issued_from(key: str) -> SaleDocument | None:
    """The invoice that the draft with this key became."""
    return invoicing.by_key(_document_key(key))


def _document_key(key: str) -> str:
    return f"draft:{key}"


def _checked(content: Content) -> dict[str, Any]:
    """The draft's own columns; raises Invalid for what could not be issued either."""
    if content.document_date is not None and content.document_date > today():
        raise Invalid(_("The date must not lie in the future."), field="document_date")
    customer_id = None if content.customer_id is None else survivors.hold(content.customer_id)
    debtor = ledger.lock_debtor(content.debtor_id)
    invoicing.require_link(customer_id, content.debtor_id)
    invoicing.term_of(debtor, content.term_id)
    composed = invoicing.compose(content.lines, invoicing.load_items(content.lines))
    return {
        "debtor_id": content.debtor_id,
        "customer_id": customer_id,
        "document_date": content.document_date,
        "term_id": content.term_id,
        "total_ore": invoicing.totals(composed).total_ore,
        "changed_at": now(),
    }


def _lines(content: Content) -> list[InvoiceDraftLine]:
    return [
        InvoiceDraftLine(
            position=position,
            item_id=line.item_id,
            text=line.text.strip(),
            quantity_milli=line.quantity_milli,
            unit_price_ore=line.unit_price_ore,
            discount_ore=line.discount_ore,
            is_vat_exempt=line.is_vat_exempt,
        )
        for position, line in enumerate(content.lines, start=1)
    ]


def _remove(key: str, seen: int) -> bool:
    """Whether the draft was there in that version, and is gone now; its lines go with it."""
    statement = delete(InvoiceDraft).where(InvoiceDraft.key == key, InvoiceDraft.row_version == seen)
    gone: Any = db.session.execute(statement.execution_options(synchronize_session=False))
    return bool(gone.rowcount)
