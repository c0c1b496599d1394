"""A small ledger with everything a report must get right, and a way to read a workbook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.operations import ad_hoc, crediting, debtor_links, invoicing, ledger
from gecko.permissions import Principal
from reports import REPORTS, export
from reports.filters import Filters
from reports.report import Scope
from reports.sheets import Written
from tests import factories

HOSTILE = '=HYPERLINK("http://evil.example","Klik")'


@dataclass(frozen=True)
class Ledger:
    """Ids of what was made."""

    anna: int
    bo: int
    other_group: int
    anna_debtor: int
    bo_debtor: int
    invoice: int


def make() -> Ledger:
    """Two customers of two groups, each with a debtor; invoices, a credit note, payments, an ad hoc purchase undone."""
    group = factories.group().id
    anna, anna_debtor = (row.id for row in factories.linked(name="Anna Ågård", number="K1"))
    bo = factories.customer(name="-Bo", number="K2", group_id=group).id
    bo_debtor = factories.debtor(company_name=HOSTILE, cvr="13585628").id
    with transaction():
        debtor_links.link(bo, bo_debtor)
    item = factories.item(name="@Vare", price_ore=12_345).id
    lines = [
        invoicing.Line(quantity_milli=2_500, unit_price_ore=9_999, text="=1+1", discount_ore=500),
        invoicing.Line(quantity_milli=1_000, unit_price_ore=12_345, item_id=item),
    ]
    with transaction():
        invoice = invoicing.issue(
            debtor_id=anna_debtor, lines=lines, customer_id=anna, document_date=date(2024, 1, 15)
        ).id
    with transaction():
        ledger.record_payment(anna_debtor, 10_000, paid_on=date(2024, 2, 1), text="Bank")
    factories.invoice(bo_debtor, 50_000, 25_000, customer_id=bo, document_date=date(2024, 3, 1))
    factories.invoice(anna_debtor, 30_000, customer_id=anna, document_date=date(2024, 3, 2))
    with transaction():
        crediting.issue(invoice, document_date=date(2024, 3, 3))
    with transaction():
        typed = ad_hoc.create(anna, [ad_hoc.AdHocItem(item)], purchased_on=date(2024, 2, 20), source_text="Netbutik").id
    with transaction():
        ad_hoc.reverse(typed)
    return Ledger(anna, bo, group, anna_debtor, bo_debtor, invoice)


def limited_to(*groups: int) -> Principal:
    """One who sees only the customers of these groups."""
    return Principal(user_id=1, session_id=None, username="x", name="X", groups=frozenset(groups))


def group_of(customer_id: int) -> int:
    """The group a customer is in."""
    customer = db.session.get(Customer, customer_id)
    assert customer is not None
    return customer.group_id


def written(
    key: str, path: Path, principal: Principal | None = None, **filters: Any
) -> tuple[Written, list[dict[str, Any]], dict[str, Any]]:
    """Export a report in English; returns what was written, the rows by heading, and the overview's lines."""
    scope = Scope(Filters(locale="en", **filters), principal)
    made = export.write(REPORTS[key], scope, path, author="Tester")
    book = CalamineWorkbook.from_path(str(path))
    assert book.sheet_names[0] == "Overview"
    heading, *rows = book.get_sheet_by_index(1).to_python(skip_empty_area=False)
    overview = {line[0]: line[1] for line in book.get_sheet_by_index(0).to_python() if line[0]}
    return made, [dict(zip(heading, row, strict=True)) for row in rows], overview
