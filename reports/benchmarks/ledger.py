"""A ledger of any size for a benchmark: debtors, documents and postings as an installation has them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Table, insert, select, text

from gecko.db import Base, db, transaction
from gecko.models.customer_groups import CustomerGroup

from . import bare

FIRST = date(2015, 1, 1)
DAYS = 4_000
PLANTED = '=HYPERLINK("http://example.com/","Klik her")'
_CHUNK = 10_000
_GOODS = ("Konsultation", "Opfølgning", "Træningsforløb, 10 gange", "Massage 60 min.", "Smørrebrød & øl", "Årskontrol")


def build(rows: int, *, settled: bool = False) -> None:
    """Make the schema and `rows` postings: every second one an invoice with its document, the others payments.

    settled: nine of ten invoices are settled with the payment after them, on the later of their days.
    """
    bare.install()
    debtors = max(rows // 50, 1)
    with transaction() as session:
        group_id = session.scalars(select(CustomerGroup.id).where(CustomerGroup.is_primary)).one()
    _insert("customer", (_customer(number, group_id) for number in range(1, debtors + 1)))
    _insert("debtor", map(_debtor, range(1, debtors + 1)))
    _insert("sale_document", (_document(number, debtors) for number in range(1, rows + 1, 2)))
    _insert("debtor_posting", (_posting(number, debtors) for number in range(1, rows + 1)))
    if settled:
        invoices = [number for number in range(1, rows, 2) if _is_settled(number)]
        _insert("settlement", (_settlement(number, debtors) for number in invoices))
        _insert("settlement_line", map(_settlement_line, invoices))
    with transaction() as session:
        session.execute(text("ANALYZE"))


def _insert(name: str, rows: Iterator[dict[str, Any]]) -> None:
    table: Table = Base.metadata.tables[name]
    held: list[dict[str, Any]] = []
    for row in rows:
        held.append(row)
        if len(held) == _CHUNK:
            _write(table, held)
            held = []
    if held:
        _write(table, held)


def _write(table: Table, rows: list[dict[str, Any]]) -> None:
    with transaction():
        db.session.execute(insert(table), rows)


def _customer(number: int, group_id: int) -> dict[str, Any]:
    return {"id": number, "group_id": group_id, "number": f"K{number}", "name": f"Kunde Nr. {number} Ågård"}


def _debtor(number: int) -> dict[str, Any]:
    return {
        "id": number, "number": str(10_000 + number), "company_name": f"Bjerre & Sønner nr. {number} ApS",
        "name": None, "cvr": f"{10_000_000 + number}", "ean": f"57980000{number:05d}" if number % 3 == 0 else None,
    }  # fmt: skip


def _day(number: int) -> date:
    return FIRST + timedelta(days=number * 7 % DAYS)


def _owner(number: int, debtors: int) -> int:
    """Who owes the invoice, and pays it by the posting after it."""
    return ((number - 1) // 2) * 7_919 % debtors + 1


def _amount(number: int) -> int:
    return 1_000 + number * 7_817 % 500_000


def _document(number: int, debtors: int) -> dict[str, Any]:
    owner, amount, day = _owner(number, debtors), _amount(number), _day(number)
    vat = amount // 5
    return {
        "id": number, "kind": "invoice", "series": "invoice", "number": str(100_000 + number), "sequence_no": number,
        "customer_id": owner, "debtor_id": owner, "issued_at": datetime.combine(day, time(10, 30), UTC),
        "document_date": day, "due_on": day + timedelta(days=14), "buyer": {}, "seller": {}, "term": {},
        "buyer_name": f"Bjerre & Sønner nr. {owner} ApS", "total_ore": amount, "net_ore": amount - vat, "vat_ore": vat,
    }  # fmt: skip


def _posting(number: int, debtors: int) -> dict[str, Any]:
    is_invoice = number % 2 == 1
    day = _day(number)
    said = f"Faktura {100_000 + number}: {_GOODS[number % 6]}" if is_invoice else "Indbetaling, bankoverførsel"
    return {
        "id": number, "debtor_id": _owner(number, debtors), "kind": "invoice" if is_invoice else "payment",
        "amount_ore": _amount(number) if is_invoice else -_amount(number - 1), "posted_on": day,
        "due_on": day + timedelta(days=14) if is_invoice else None, "document_id": number if is_invoice else None,
        "text": PLANTED if number % 5_000 == 0 else said,
    }  # fmt: skip


def _is_settled(invoice: int) -> bool:
    """Nine of ten, scattered over debtors and days."""
    return invoice * 2_654_435_761 % 2**32 >= 2**32 // 10


def _settled_on(invoice: int) -> date:
    return max(_day(invoice), _day(invoice + 1))


def _settlement(invoice: int, debtors: int) -> dict[str, Any]:
    return {
        "id": invoice,
        "debtor_id": _owner(invoice, debtors),
        "effective_on": _settled_on(invoice),
        "method": "automatic",
    }


def _settlement_line(invoice: int) -> dict[str, Any]:
    return {
        "settlement_id": invoice, "debit_posting_id": invoice, "credit_posting_id": invoice + 1,
        "amount_ore": _amount(invoice), "effective_on": _settled_on(invoice),
    }  # fmt: skip
