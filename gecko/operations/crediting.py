"""Credit notes: they refer to the lines of an invoice and together never give back more than it asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_babel import format_decimal
from sqlalchemy import func, select

from ..clock import now, today
from ..db import db
from ..errors import Invalid, NotFound
from ..language import _
from ..models.debtors import Debtor
from ..models.documents import DocumentKind, SaleDocument, SaleLine
from ..money import vat_included_ore
from . import invoicing, ledger, survivors


@dataclass(frozen=True, slots=True)
class Remaining:
    """What of an invoice line has not been credited: thousandths and øre, never negative."""

    line: SaleLine
    quantity_milli: int
    discount_ore: int
    total_ore: int
    vat_ore: int


def remaining(document_id: int) -> list[Remaining]:
    """What can still be credited on each line of an invoice."""
    lines = db.session.scalars(
        select(SaleLine).where(SaleLine.document_id == document_id).order_by(SaleLine.position)
    ).all()
    credited = {
        line_id: sums
        for line_id, *sums in db.session.execute(
            select(
                SaleLine.refers_to_line_id,
                func.sum(SaleLine.quantity_milli),
                func.sum(SaleLine.discount_ore),
                func.sum(SaleLine.total_ore),
                func.sum(SaleLine.vat_ore),
            )
            .where(SaleLine.refers_to_line_id.in_([line.id for line in lines]))
            .group_by(SaleLine.refers_to_line_id)
        )
    }
    rows = []
    for line in lines:
        quantity, discount, total, vat = (int(value) for value in credited.get(line.id, (0, 0, 0, 0)))
        rows.append(
            Remaining(
                line,
                line.quantity_milli + quantity,
                line.discount_ore + discount,
                line.total_ore + total,
                line.vat_ore + vat,
            )
        )
    return rows


def issue(
    document_id: int,
    *,
    quantities: Mapping[int, int] | None = None,
    document_date: date | None = None,
    key: str | None = None,
) -> SaleDocument:
    """Credit an invoice: `quantities` gives thousandths by line id, or everything that remains.

    The invoice's row is locked, so that two credit notes at once cannot give back the same line twice.
    """
    debtor, invoice = _lock(document_id)
    known = invoicing.by_key(key)
    if known is not None:
        return known
    if invoice.kind != DocumentKind.INVOICE:
        raise Invalid(_("Only an invoice can be credited."))
    day = document_date or today()
    if not invoice.document_date <= day <= today():
        raise Invalid(_("The date must lie between the invoice's date and today."), field="document_date")
    lines = _credit_lines(remaining(document_id), quantities)
    return invoicing.write(
        DocumentKind.CREDIT_NOTE,
        debtor,
        lines,
        customer_id=invoice.customer_id,
        document_date=day,
        due_on=day,
        issued_at=now(),
        term=invoice.term,
        buyer=invoice.buyer,
        refers_to_id=invoice.id,
        key=key,
    )


def _lock(document_id: int) -> tuple[Debtor, SaleDocument]:
    """The invoice and its debtor, held in the order of all locks: customer, debtor, document."""
    found = db.session.execute(
        select(SaleDocument.debtor_id, SaleDocument.customer_id).where(SaleDocument.id == document_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    if found.customer_id is not None:
        survivors.hold(found.customer_id, deleted=True)
    debtor = ledger.lock_debtor(found.debtor_id)
    locking = select(SaleDocument).where(SaleDocument.id == document_id).with_for_update(of=SaleDocument)
    return debtor, db.session.scalars(locking.execution_options(populate_existing=True)).one()


def _credit_lines(rows: list[Remaining], quantities: Mapping[int, int] | None) -> list[SaleLine]:
    wanted = {row.line.id: row.quantity_milli for row in rows} if quantities is None else dict(quantities)
    if set(wanted) - {row.line.id for row in rows}:
        raise Invalid(_("The line does not belong to this invoice."), field="lines")
    chosen = [(row, wanted[row.line.id]) for row in rows if wanted.get(row.line.id, 0) != 0]
    if not chosen:
        raise Invalid(_("There is nothing to credit."), field="lines")
    return [credit_line(row, quantity, position) for position, (row, quantity) in enumerate(chosen, start=1)]


def credit_line(row: Remaining, quantity_milli: int, position: int) -> SaleLine:
    """The line that credits `quantity_milli` of what remains; the last part takes what rounding left over."""
    line = row.line
    if not 0 < quantity_milli <= row.quantity_milli:
        raise Invalid(
            _("Line %(no)d has %(left)s left to credit."),
            field="lines",
            no=line.position,
            left=format_decimal(Decimal(row.quantity_milli) / 1000),
        )
    if quantity_milli == row.quantity_milli:
        discount, total, vat = row.discount_ore, row.total_ore, row.vat_ore
    else:
        gross = invoicing.gross_ore(quantity_milli, line.unit_price_ore)
        discount = min(_share(line.discount_ore, quantity_milli, line.quantity_milli), row.discount_ore, gross)
        total = min(gross - discount, row.total_ore)
        discount = gross - total if gross - total <= row.discount_ore else discount
        vat = min(vat_included_ore(total, line.vat_bp), row.vat_ore)
    return SaleLine(
        position=position,
        item_id=line.item_id,
        item_no=line.item_no,
        text=line.text,
        quantity_milli=-quantity_milli,
        unit_price_ore=line.unit_price_ore,
        discount_ore=-discount,
        total_ore=-total,
        vat_bp=line.vat_bp,
        vat_ore=-vat,
        refers_to_line_id=line.id,
    )


def _share(amount: int, part: int, whole: int) -> int:
    return (2 * amount * part + whole) // (2 * whole)
