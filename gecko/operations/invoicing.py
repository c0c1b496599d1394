"""Issuing invoices: a snapshot of buyer, seller, lines and term, with its number and its posting, all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from .. import actor
from ..clock import now, today
from ..db import db
from ..errors import Invalid
from ..language import _
from ..models.debtors import Debtor, PaymentTerm
from ..models.documents import DocumentKind, SaleDocument, SaleLine, Series
from ..models.items import Item
from ..models.settings import Setting
from ..money import LARGEST_ORE, vat_included_ore
from . import debtor_links, late_payment, ledger, numbering, payment_terms, periods, survivors

VAT_BP = 2_500
_MOST_LINES = 500
_BUYER = (
    "number", "name", "company_name", "att", "address", "postal_code", "city", "country", "phone", "email", "cvr",
    "ean", "contact_reference", "order_reference", "language",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A line to be invoiced: an item, or free text. Quantity in thousandths; price and discount in øre with VAT."""

    quantity_milli: int
    unit_price_ore: int
    text: str = ""
    item_id: int | None = None
    discount_ore: int = 0
    is_vat_exempt: bool = False


@dataclass(frozen=True, slots=True)
class Totals:
    """A document's sums, øre."""

    total_ore: int
    vat_ore: int
    vat_free_ore: int

    @property
    def net_ore(self) -> int:
        """Without VAT."""
        return self.total_ore - self.vat_ore


def gross_ore(quantity_milli: int, unit_price_ore: int) -> int:
    """Quantity times price, rounded half away from zero."""
    sign = -1 if quantity_milli * unit_price_ore < 0 else 1
    return sign * ((2 * abs(quantity_milli * unit_price_ore) + 1_000) // 2_000)


def totals(lines: Iterable[SaleLine]) -> Totals:
    """The sums of lines: VAT is rounded per line, never on the whole."""
    listed = list(lines)
    return Totals(
        total_ore=sum(line.total_ore for line in listed),
        vat_ore=sum(line.vat_ore for line in listed),
        vat_free_ore=sum(line.total_ore for line in listed if line.vat_bp == 0),
    )


def compose(lines: Sequence[Line], items: dict[int, Item]) -> list[SaleLine]:
    """Check the lines and work them out as they will stand on the invoice."""
    if not lines:
        raise Invalid(_("An invoice needs at least one line."), field="lines")
    if len(lines) > _MOST_LINES:
        raise Invalid(_("An invoice has at most %(most)d lines."), field="lines", most=_MOST_LINES)
    return [_compose_line(position, line, items) for position, line in enumerate(lines, start=1)]


def _compose_line(position: int, line: Line, items: dict[int, Item]) -> SaleLine:
    item = items[line.item_id] if line.item_id is not None else None
    text = line.text.strip() or (item.name if item else "")
    if not text:
        raise Invalid(_("Line %(no)d needs an item or a text."), field="lines", no=position)
    if line.quantity_milli <= 0:
        raise Invalid(_("The quantity on line %(no)d must be greater than zero."), field="lines", no=position)
    gross = gross_ore(line.quantity_milli, line.unit_price_ore)
    if line.unit_price_ore < 0 or gross > LARGEST_ORE:
        raise Invalid(_("The price on line %(no)d is not possible."), field="lines", no=position)
    if not 0 <= line.discount_ore <= gross:
        raise Invalid(_("The discount on line %(no)d is greater than the line."), field="lines", no=position)
    vat_bp = 0 if (item.is_vat_exempt if item else line.is_vat_exempt) else VAT_BP
    total = gross - line.discount_ore
    return SaleLine(
        position=position,
        item_id=line.item_id,
        item_no=item.item_no if item else None,
        text=text,
        quantity_milli=line.quantity_milli,
        unit_price_ore=line.unit_price_ore,
        discount_ore=line.discount_ore,
        total_ore=total,
        vat_bp=vat_bp,
        vat_ore=vat_included_ore(total, vat_bp),
    )


def load_items(lines: Iterable[Line]) -> dict[int, Item]:
    """The items that the lines name; raises Invalid where one is gone or inactive."""
    ids = {line.item_id for line in lines if line.item_id is not None}
    found = db.session.scalars(select(Item).where(Item.id.in_(ids), Item.is_active, Item.deleted_at.is_(None)))
    items = {item.id: item for item in found}
    if len(items) < len(ids):
        raise Invalid(_("An item does not exist or is inactive."), field="lines")
    return items


def issue(
    *,
    debtor_id: int,
    lines: Sequence[Line],
    customer_id: int | None = None,
    term_id: int | None = None,
    document_date: date | None = None,
    key: str | None = None,
) -> SaleDocument:
    """Issue an invoice: number, snapshot, lines and posting in the running transaction. One `key`, one invoice.

    customer_id: whose purchase it is (the survivor's after a merge); the debtor must pay for that customer. term_id:
    else the debtor's own term.
    """
    customer_id = None if customer_id is None else survivors.hold(customer_id)
    debtor = ledger.lock_debtor(debtor_id)
    known = by_key(key)
    if known is not None:
        return known
    day = document_date or today()
    if day > today():
        raise Invalid(_("The date must not lie in the future."), field="document_date")
    require_link(customer_id, debtor_id)
    composed = compose(lines, load_items(lines))
    term = term_of(debtor, term_id)
    return write(
        DocumentKind.INVOICE,
        debtor,
        composed,
        customer_id=customer_id,
        document_date=day,
        due_on=payment_terms.due_on(term, day),
        issued_at=now(),
        term=term_snapshot(term) | late_payment.snapshot(debtor.language),
        buyer=buyer_snapshot(debtor),
        key=key,
    )


def write(
    kind: DocumentKind,
    debtor: Debtor,
    lines: list[SaleLine],
    *,
    customer_id: int | None,
    document_date: date,
    due_on: date,
    issued_at: datetime,
    term: dict[str, Any],
    buyer: dict[str, Any],
    refers_to_id: int | None = None,
    key: str | None = None,
) -> SaleDocument:
    """Draw the number and write document, lines and posting."""
    sums = totals(lines)
    document = SaleDocument(
        **_next_number(kind, document_date),
        customer_id=customer_id,
        debtor_id=debtor.id,
        issued_at=issued_at,
        document_date=document_date,
        due_on=due_on,
        buyer=buyer,
        buyer_name=buyer.get("company_name") or buyer.get("name") or "",
        seller=seller_snapshot(),
        term=term,
        total_ore=sums.total_ore,
        net_ore=sums.net_ore,
        vat_ore=sums.vat_ore,
        vat_free_ore=sums.vat_free_ore,
        refers_to_id=refers_to_id,
        idempotency_key=key,
        created_by_id=actor.current().user_id,
        lines=lines,
    )
    db.session.add(document)
    db.session.flush()
    ledger.post_document(document)
    return document


def _next_number(kind: DocumentKind, document_date: date) -> dict[str, Any]:
    """The number of a document whose day is open."""
    periods.require_open(document_date)
    series = Series(kind.value)
    sequence_no = numbering.draw(series)
    return {"kind": kind, "series": series, "sequence_no": sequence_no, "number": str(sequence_no)}


def by_key(key: str | None) -> SaleDocument | None:
    """The document that was issued with this idempotency key."""
    if key is None:
        return None
    return db.session.scalars(select(SaleDocument).where(SaleDocument.idempotency_key == key)).one_or_none()


def buyer_snapshot(debtor: Debtor) -> dict[str, Any]:
    """The buyer's particulars as they are now; empty ones are left out."""
    return {name: value for name in _BUYER if (value := getattr(debtor, name))}


def seller_snapshot() -> dict[str, Any]:
    """The company's particulars as they are now, from the settings `company.*`."""
    stored = db.session.execute(select(Setting.key, Setting.value).where(Setting.key.startswith("company.")))
    return {key.removeprefix("company."): value for key, value in stored if value}


def term_snapshot(term: PaymentTerm) -> dict[str, Any]:
    """The payment term as it is now."""
    return {"name": term.name, "days": term.days, "day_kind": str(term.day_kind)}


def term_of(debtor: Debtor, term_id: int | None) -> PaymentTerm:
    """The chosen payment term, or the debtor's own; raises Invalid for one that is gone or inactive."""
    if term_id is None:
        return payment_terms.term_of(debtor)
    term = db.session.get(PaymentTerm, term_id)
    if term is None or not term.is_active:
        raise Invalid(_("The choice no longer exists."), field="term_id")
    return term


def require_link(customer_id: int | None, debtor_id: int) -> None:
    """Raises Invalid where the debtor does not pay for the customer, if one is named."""
    if customer_id is None:
        return
    current = debtor_links.open_link(customer_id)
    if current is None or current.debtor_id != debtor_id:
        raise Invalid(_("The debtor does not pay for this customer."), field="customer_id")
