"""The demo's bank: an account, and a file from it that pays some invoices by reference, number, name, or not quite."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from ... import fik
from ...db import db, transaction
from ...models.bank import BankFileKind
from ...models.debtors import Debtor
from ...models.documents import DocumentKind, SaleDocument
from ...models.postings import DebtorPosting
from ...models.settlements import OpenPosting
from ..bank import accounts, taking_in
from ..bank.statements import Entry, Statement
from .draw import ANCHOR

PAYMENTS = 14
_STRANGERS = (("Nets A/S", "Afregning Dankort", 482_350), ("Skattestyrelsen", "Overskydende moms", 1_204_000))


def build() -> None:
    """Read a file in which open invoices are paid in all ways; somebody has yet to look at it.

    Writes nothing where no invoice is open.
    """
    owed = _owed()
    if not owed:
        return
    with transaction():
        values = {"name": "Driftskonto", "registration_no": "3000", "account_no": "1234567890"}
        account_id = accounts.create(values).id
        statement = Statement(BankFileKind.CAMT, _entries(owed), opening_ore=18_402_575)
        statement.moved_ore = sum(one.amount_ore for one in statement.entries)
        statement.closing_ore = 18_402_575 + statement.moved_ore
        taking_in.take_in(account_id, "kontoudtog.xml", "demo", statement)


def _owed() -> list[tuple[str, int, str]]:
    """Number, what is open, and debtor of the newest invoices of which something is."""
    rows = db.session.execute(
        select(SaleDocument.number, OpenPosting.remaining_ore, Debtor.company_name, Debtor.name)
        .join(DebtorPosting, DebtorPosting.document_id == SaleDocument.id)
        .join(OpenPosting, OpenPosting.posting_id == DebtorPosting.id)
        .join(Debtor, Debtor.id == SaleDocument.debtor_id)
        .where(SaleDocument.kind == DocumentKind.INVOICE, OpenPosting.remaining_ore > 0, Debtor.deleted_at.is_(None))
        .order_by(SaleDocument.id.desc())
        .limit(PAYMENTS)
    )
    return [(number, ore, company or name or "") for number, ore, company, name in rows]


def _entries(owed: list[tuple[str, int, str]]) -> list[Entry]:
    ways = ("slip", "slip", "text", "text", "part", "name", "amount")
    found = []
    for place, (number, ore, name) in enumerate(owed):
        way = ways[place % len(ways)]
        found.append(
            Entry(
                line=place + 1,
                booked_on=ANCHOR - timedelta(days=place // 5),
                amount_ore=ore // 2 if way == "part" and ore > 1 else ore,
                text=f"Faktura {number}" if way in ("text", "part") else "Overførsel",
                reference=fik.reference(int(number)) if way == "slip" and number.isdigit() else None,
                counterparty=name if way != "amount" else None,
                bank_reference=f"B{place + 1}",
            )
        )
    for name, text, ore in _STRANGERS:
        found.append(Entry(len(found) + 1, ANCHOR, ore, text, counterparty=name, bank_reference=f"B{len(found) + 1}"))
    return found
