"""Balances: whatever the day, the postings, the balance list and what is open by age come to the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from ...clock import today
from ...db import db
from ...models.postings import DebtorPosting
from .. import ageing, ledger
from .found import Check, found

_SHARES = (4, 2)  # a quarter and half of the way through the ledger's life


def balances() -> Check:
    """Per debtor on some days: the sum of postings, the balance list, what is open of each posting, and the ages."""
    days = sorted(set(_days()))
    problems = [problem for day in days for problem in _differing(day)]
    return found("balances", {"days": len(days), "total_ore": ledger.total()}, problems)


def _days() -> Iterator[date]:
    """Today, the ends of last month and of last year, and days in the past of the ledger."""
    now = today()
    yield now
    yield now.replace(day=1) - timedelta(days=1)
    yield now.replace(month=1, day=1) - timedelta(days=1)
    first, last = db.session.execute(select(func.min(DebtorPosting.posted_on), func.max(DebtorPosting.posted_on))).one()
    if first:
        yield last
        yield from (first + (last - first) // share for share in _SHARES)


def _differing(day: date) -> Iterator[str]:
    posted = _by_debtor(
        select(DebtorPosting.debtor_id, func.sum(DebtorPosting.amount_ore))
        .where(DebtorPosting.posted_on <= day)
        .group_by(DebtorPosting.debtor_id)
    )
    listed = {one.debtor_id: one.outstanding_ore for one in ledger.balance_list(day)}
    seen = {"balance list": listed}
    left = func.sum(ageing.remaining(day))
    seen["open items"] = _by_debtor(
        select(DebtorPosting.debtor_id, left).where(DebtorPosting.posted_on <= day).group_by(DebtorPosting.debtor_id)
    )
    for basis in ageing.Basis:
        aged = ageing.by_debtor(ageing.Ageing(day, basis))
        buckets = sum((aged.c[one.key] for one in ageing.Ageing(day, basis).buckets), aged.c.credits)
        seen[f"ages by {basis} date"] = _by_debtor(select(aged.c.debtor_id, buckets))
    for name, sums in seen.items():
        for debtor_id in sorted({*posted, *sums}):
            if posted.get(debtor_id, 0) != sums.get(debtor_id, 0):
                yield (
                    f"debtor {debtor_id} owes {posted.get(debtor_id, 0)} øre by postings at the end of {day},"
                    f" {sums.get(debtor_id, 0)} øre by the {name}"
                )


def _by_debtor(statement: Any) -> dict[int, int]:
    return {debtor_id: int(ore) for debtor_id, ore in db.session.execute(statement)}
