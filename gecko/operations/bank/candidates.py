"""What the database knows that a list of entries may pay; as many questions for many entries as for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Select, func, select

from ...db import db
from ...models.bank import BankEntry
from ...models.debtors import Debtor
from ...models.documents import DocumentKind, SaleDocument
from ...models.postings import DebtorPosting
from ...models.settlements import OpenPosting
from . import references

OLDEST = 20
"""So many open postings of a debtor known by name alone are looked at."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A posting that may be paid. remaining_ore: what is open of it, 0 where it is settled; text: its number."""

    posting_id: int
    debtor_id: int
    text: str
    remaining_ore: int


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows about all entries of a list: by number, by amount, by name, and debtors' names."""

    invoices: dict[str, list[Candidate]]
    amounts: dict[int, Candidate]
    senders: dict[str, int]
    open_of: dict[int, list[Candidate]]
    balances: dict[int, int]
    names: dict[int, str]


def read(entries: Sequence[BankEntry]) -> Known:
    """What bears on the entries, in a fixed few questions."""
    numbers = {number for entry in entries for number in references.numbers(entry)}
    numbers |= {str(number) for entry in entries if (number := references.fik_number(entry)) is not None}
    invoices = _invoices(numbers)
    amounts = _unique_amounts({entry.amount_ore for entry in entries})
    senders = _senders({references.sender(entry) for entry in entries})
    open_of = _oldest(senders.values())
    involved = {one.debtor_id for group in invoices.values() for one in group}
    involved |= {one.debtor_id for one in amounts.values()} | set(senders.values())
    return Known(invoices, amounts, senders, open_of, _balances(senders.values()), _names(involved))


def _candidates() -> Select[int, int, str, int]:
    """Debits of live debtors with what is open of them."""
    return (
        select(
            DebtorPosting.id, DebtorPosting.debtor_id, DebtorPosting.text, func.coalesce(OpenPosting.remaining_ore, 0)
        )
        .join(Debtor, Debtor.id == DebtorPosting.debtor_id)
        .where(Debtor.deleted_at.is_(None), DebtorPosting.amount_ore > 0)
    )


def _candidate(row: Sequence[Any]) -> Candidate:
    return Candidate(row[0], row[1], row[2], int(row[3]))


def _invoices(numbers: Iterable[str]) -> dict[str, list[Candidate]]:
    statement = (
        _candidates()
        .add_columns(SaleDocument.number)
        .join(SaleDocument, SaleDocument.id == DebtorPosting.document_id)
        .outerjoin(OpenPosting, OpenPosting.posting_id == DebtorPosting.id)
        .where(SaleDocument.number.in_(sorted(numbers)), SaleDocument.kind == DocumentKind.INVOICE)
        .order_by(DebtorPosting.id)
    )
    found: dict[str, list[Candidate]] = defaultdict(list)
    for *row, number in db.session.execute(statement):
        found[number].append(_candidate(row))
    return found


def _unique_amounts(amounts: Iterable[int]) -> dict[int, Candidate]:
    """The one open posting of each amount, where there is just one. Above zero: so says the index of amounts."""
    single = (
        select(func.min(OpenPosting.posting_id))
        .where(OpenPosting.remaining_ore.in_(sorted(amounts)), OpenPosting.remaining_ore > 0)
        .group_by(OpenPosting.remaining_ore)
        .having(func.count() == 1)
    )
    statement = _candidates().join(OpenPosting, OpenPosting.posting_id == DebtorPosting.id)
    rows = db.session.execute(statement.where(OpenPosting.posting_id.in_(single)))
    return {row[3]: _candidate(row) for row in rows}


def _senders(keys: Iterable[str]) -> dict[str, int]:
    """The debtor of each name, where just one has it."""
    wanted = sorted(key for key in keys if key)
    rows = db.session.execute(
        select(Debtor.name_sort, func.min(Debtor.id))
        .where(Debtor.name_sort.in_(wanted), Debtor.deleted_at.is_(None))
        .group_by(Debtor.name_sort)
        .having(func.count() == 1)
    )
    return {str(name): int(debtor_id) for name, debtor_id in rows}


def _oldest(debtor_ids: Iterable[int]) -> dict[int, list[Candidate]]:
    """The oldest open debits of each debtor, in the order in which they are settled."""
    place = func.row_number().over(
        partition_by=OpenPosting.debtor_id,
        order_by=(OpenPosting.falls_on, OpenPosting.posted_on, OpenPosting.posting_id),
    )
    of_debtors = OpenPosting.debtor_id.in_(sorted(set(debtor_ids)))
    first = (
        select(OpenPosting.posting_id, place.label("place")).where(of_debtors, OpenPosting.remaining_ore > 0).subquery()
    )
    statement = (
        _candidates()
        .join(OpenPosting, OpenPosting.posting_id == DebtorPosting.id)
        .join(first, first.c.posting_id == DebtorPosting.id)
        .where(first.c.place <= OLDEST)
        .order_by(DebtorPosting.debtor_id, first.c.place)
    )
    rows = [_candidate(row) for row in db.session.execute(statement)]
    return {debtor_id: list(group) for debtor_id, group in groupby(rows, key=lambda one: one.debtor_id)}


def _balances(debtor_ids: Iterable[int]) -> dict[int, int]:
    """What is owed of each debtor's open debits together."""
    rows = db.session.execute(
        select(OpenPosting.debtor_id, func.sum(OpenPosting.remaining_ore))
        .where(OpenPosting.debtor_id.in_(sorted(set(debtor_ids))))
        .group_by(OpenPosting.debtor_id)
    )
    return {debtor_id: int(ore) for debtor_id, ore in rows}


def _names(debtor_ids: Iterable[int]) -> dict[int, str]:
    rows = db.session.execute(
        select(Debtor.id, Debtor.company_name, Debtor.name).where(Debtor.id.in_(sorted(debtor_ids)))
    )
    return {debtor_id: company or name or "" for debtor_id, company, name in rows}
