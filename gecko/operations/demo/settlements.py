"""What paid what in the demo: most payments and credit notes stand settled with their invoice, some wait."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from ...models.settlements import Settlement, SettlementLine, SettlementMethod
from . import bulk
from .draw import ANCHOR

_LEFT_OPEN = 6
"""One payment in so many is not settled yet, of those that came lately."""
_LATELY = ANCHOR - timedelta(days=100)
_BY_HAND = 3


class Posted(NamedTuple):
    """A posting that was written, by which number, and the invoice it is about."""

    id: int
    invoice_id: int
    row: dict[str, Any]


def of_reversals(session: Session, reversals: list[dict[str, Any]], ids: list[int]) -> None:
    """As `settling.join_reversal` does; the reversals are of payments, so each is the debit of its line."""
    _add(
        session,
        [
            (_settlement(one, SettlementMethod.REVERSAL), _line(posting_id, one["reverses_id"], one["amount_ore"]))
            for posting_id, one in zip(ids, reversals, strict=True)
        ],
    )


def of_payments(session: Session, postings: list[Posted]) -> None:
    """Place each credit against its invoice, on the day it came; as much as fits, as `settling.match` does."""
    owed = {one.invoice_id: one for one in postings if one.row["amount_ore"] > 0}
    left = {one.id: one.row["amount_ore"] for one in owed.values()}
    found = []
    for credit in postings:
        invoice = owed.get(credit.invoice_id)
        is_waiting = credit.id % _LEFT_OPEN == 0 and credit.row["posted_on"] > _LATELY
        if credit.row["amount_ore"] >= 0 or invoice is None or is_waiting:
            continue
        amount = min(left[invoice.id], -credit.row["amount_ore"])
        if amount > 0:
            left[invoice.id] -= amount
            method = SettlementMethod.AUTOMATIC if credit.id % _BY_HAND else SettlementMethod.MANUAL
            youngest = max((invoice.row, credit.row), key=lambda row: row["posted_on"])
            found.append((_settlement(youngest, method), _line(invoice.id, credit.id, amount)))
    _add(session, found)


def _settlement(of: dict[str, Any], method: SettlementMethod) -> dict[str, Any]:
    """A settlement on the day of a posting, by whoever posted it."""
    return {"effective_on": of["posted_on"], "method": method} | {
        name: of[name] for name in ("debtor_id", "created_at", "created_by_id")
    }


def _line(debit_id: int, credit_id: int, amount_ore: int) -> dict[str, Any]:
    return {"debit_posting_id": debit_id, "credit_posting_id": credit_id, "amount_ore": amount_ore}


def _add(session: Session, found: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    ids = bulk.add(session, Settlement, [settlement for settlement, _line in found])
    lines = [
        line | {"settlement_id": settlement_id, "effective_on": settlement["effective_on"]}
        for settlement_id, (settlement, line) in zip(ids, found, strict=True)
    ]
    bulk.add(session, SettlementLine, lines)
