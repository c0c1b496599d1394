"""Automatic settlement: debtor by debtor, what is owed by what was paid, from the top down.

What the page shows beforehand and what is then done are reckoned by the same functions; they are reckoned again under
the debtor's lock, so that a second press, or somebody else in between, finds less or nothing left.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import aliased

from ..db import db
from ..models.debtors import Debtor
from ..models.settlements import OpenPosting, Settlement, SettlementMethod
from . import debtor_numbers, ledger, settling
from .settling import Match, Open

STEP = 200
"""So many postings of each side are settled in one go: a transaction stays short and a settlement can be looked at."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which debtors, and what of theirs. only_zero: who owes nothing in all. only_equal: pairs of the same size."""

    low: str = ""
    high: str = ""
    only_zero: bool = False
    only_equal: bool = False


def candidates(choice: Choice) -> Select[Any]:
    """The ids of the debtors with something to settle, unordered; the caller narrows them to what may be seen."""
    owed, paid = aliased(OpenPosting), aliased(OpenPosting)
    meets = [owed.debtor_id == paid.debtor_id, owed.remaining_ore > 0, paid.remaining_ore < 0]
    if choice.only_equal:
        meets.append(owed.remaining_ore == -paid.remaining_ore)
    statement = select(Debtor.id).where(
        Debtor.deleted_at.is_(None),
        Debtor.id.in_(select(paid.debtor_id).where(paid.remaining_ore < 0)),
        exists(select(owed.posting_id).join(paid, and_(*meets)).where(owed.debtor_id == Debtor.id)),
        *debtor_numbers.between(choice.low, choice.high),
    )
    return statement.where(_open_sum() == 0) if choice.only_zero else statement


def _open_sum() -> ColumnElement[int]:
    """What is open of the Debtor of the enclosing statement; the same as what they owe."""
    return (
        select(func.coalesce(func.sum(OpenPosting.remaining_ore), 0))
        .where(OpenPosting.debtor_id == Debtor.id)
        .correlate(Debtor)
        .scalar_subquery()
    )


def planned(debtor_ids: Iterable[int], choice: Choice) -> dict[int, list[Match]]:
    """What would be settled of each of the debtors, in one query."""
    row = OpenPosting
    statement = (
        select(row.debtor_id, row.posting_id, row.remaining_ore, row.posted_on, row.falls_on)
        .where(row.debtor_id.in_(list(debtor_ids)))
        .order_by(row.debtor_id, row.falls_on, row.posted_on, row.posting_id)
    )
    postings: dict[int, list[Open]] = {}
    for debtor_id, *facts in db.session.execute(statement):
        postings.setdefault(debtor_id, []).append(_open(facts))
    return {debtor_id: matched(of_debtor, choice) for debtor_id, of_debtor in postings.items()}


def matched(postings: Sequence[Open], choice: Choice) -> list[Match]:
    """What is settled of one debtor's open postings, given in the order they are settled in."""
    if choice.only_zero and sum(one.remaining_ore for one in postings) != 0:
        return []
    return _equal(postings) if choice.only_equal else settling.match(postings)


def _equal(postings: Sequence[Open]) -> list[Match]:
    """Each debit with the first credit of the same size that is left."""
    paid: dict[int, deque[Open]] = {}
    for one in postings:
        if one.remaining_ore < 0:
            paid.setdefault(-one.remaining_ore, deque()).append(one)
    found = []
    for one in postings:
        if one.remaining_ore > 0 and paid.get(one.remaining_ore):
            found.append(Match(one, paid[one.remaining_ore].popleft(), one.remaining_ore))
    return found


def settle(debtor_id: int, choice: Choice) -> Settlement | None:
    """Settle the first STEP postings of each side, as `planned` says by now; None where nothing is left.

    Called again it goes on. Raises NotFound where the debtor is gone.
    """
    ledger.lock_debtor(debtor_id)
    if choice.only_equal:
        matches = matched(settling.open_of(debtor_id), choice)[:STEP]
    elif choice.only_zero and ledger.outstanding(debtor_id):
        return None
    else:
        matches = settling.match(_first(debtor_id))
    return settling.write(debtor_id, matches, SettlementMethod.AUTOMATIC) if matches else None


def _first(debtor_id: int) -> list[Open]:
    """The first open postings of each side: matched, they are the beginning of what all of them come to."""
    row = OpenPosting
    found: list[Open] = []
    for side in (row.remaining_ore > 0, row.remaining_ore < 0):
        statement = (
            select(row.posting_id, row.remaining_ore, row.posted_on, row.falls_on)
            .where(row.debtor_id == debtor_id, side)
            .order_by(row.falls_on, row.posted_on, row.posting_id)
            .limit(STEP)
        )
        found += [_open(facts) for facts in db.session.execute(statement)]
    return found


def _open(facts: Sequence[Any]) -> Open:
    return Open(*facts)
