"""Which invoices an entry pays: by its FIK reference, by invoice numbers in its text, by its amount, by who sent it.

Every suggestion says why, and how sure that is. Sure is only what names open invoices that add up to its amount to the
øre; all else a person looks at. A list of entries takes as many questions as one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any

from sqlalchemy import Select, func, select

from ... import fik
from ...db import db
from ...folding import sort_key
from ...models.bank import BankEntry
from ...models.debtors import Debtor
from ...models.documents import DocumentKind, SaleDocument
from ...models.postings import DebtorPosting
from ...models.settlements import OpenPosting

_NUMBER = re.compile(
    r"(?:(?P<word>\b(?:faktura|fakt|fak|invoice|inv)[a-z]*\W{0,3}(?:nr\W{0,2})?)|(?<![\w.,-]))(?P<no>\d{1,12})(?![.,]?\d)\b",
    re.IGNORECASE,
)
"""A number, with the word for an invoice where one stands before it; no part of an amount, a date or a longer one."""
_SPOKEN = 4
"""From so many digits on a number in a text is taken for an invoice's even where no word says so."""
_OLDEST = 20
"""So many open postings of a debtor known by name alone are looked at."""


class Sureness(StrEnum):
    """How sure a suggestion is."""

    SURE = "sure"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Reason(StrEnum):
    """Why a suggestion is made."""

    FIK = "fik"
    NUMBER = "number"
    AMOUNT = "amount"
    NAME = "name"
    BALANCE = "balance"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A posting that may be paid. remaining_ore: what is open of it, 0 where it is settled; text: its number."""

    posting_id: int
    debtor_id: int
    text: str
    remaining_ore: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """That an entry is a payment by a debtor, for these postings; without any it stays on the debtor's account."""

    debtor_id: int
    debtor: str
    postings: tuple[Candidate, ...]
    sureness: Sureness
    reasons: tuple[Reason, ...]

    @property
    def open_ore(self) -> int:
        """What is open of the postings together."""
        return sum(one.remaining_ore for one in self.postings)

    @property
    def posting_ids(self) -> tuple[int, ...]:
        """The postings by their ids."""
        return tuple(one.posting_id for one in self.postings)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database knows about all entries of a list: by number, by amount, by name, and debtors' names."""

    invoices: dict[str, list[Candidate]]
    amounts: dict[int, Candidate]
    senders: dict[str, int]
    open_of: dict[int, list[Candidate]]
    balances: dict[int, int]
    names: dict[int, str]


def suggest(entries: Sequence[BankEntry]) -> dict[int, list[Suggestion]]:
    """The suggestions for each entry, the surest first; empty where nothing is known."""
    known = _known(entries)
    return {entry.id: _of(entry, known) for entry in entries}


def _of(entry: BankEntry, known: _Known) -> list[Suggestion]:
    found = [
        *_by_reference(entry, known),
        *_by_number(entry, known),
        *_by_name(entry, known),
        *_by_amount(entry, known),
    ]
    kept: dict[tuple[int, tuple[int, ...]], Suggestion] = {}
    for one in found:
        kept.setdefault((one.debtor_id, one.posting_ids), one)
    order = list(Sureness)
    return sorted(kept.values(), key=lambda one: order.index(one.sureness))


def _by_reference(entry: BankEntry, known: _Known) -> list[Suggestion]:
    number = _fik_of(entry)
    if number is None:
        return []
    named = known.invoices.get(str(number), [])
    return [_judged(entry, [one], Reason.FIK, known) for one in _open_or_all(named)]


def _by_number(entry: BankEntry, known: _Known) -> list[Suggestion]:
    """The invoices whose numbers stand in the text, together where they are of one debtor."""
    named = [one for number in _numbers(entry) for one in known.invoices.get(number, []) if one.remaining_ore]
    of_each: dict[int, list[Candidate]] = defaultdict(list)
    for one in named:
        of_each[one.debtor_id].append(one)
    return [_judged(entry, postings, Reason.NUMBER, known) for postings in of_each.values()]


def _by_name(entry: BankEntry, known: _Known) -> list[Suggestion]:
    """The debtor of that name: an open posting of the very amount, everything that is open, or the oldest."""
    debtor_id = known.senders.get(_sender(entry))
    if debtor_id is None:
        return []
    postings = known.open_of.get(debtor_id, [])
    exact = [one for one in postings if one.remaining_ore == entry.amount_ore]
    if exact:
        return [_made(debtor_id, exact[:1], Sureness.LIKELY, (Reason.NAME, Reason.AMOUNT), known)]
    if known.balances.get(debtor_id) == entry.amount_ore and len(postings) < _OLDEST:
        return [_made(debtor_id, postings, Sureness.LIKELY, (Reason.NAME, Reason.BALANCE), known)]
    return [_made(debtor_id, _until(postings, entry.amount_ore), Sureness.POSSIBLE, (Reason.NAME,), known)]


def _by_amount(entry: BankEntry, known: _Known) -> list[Suggestion]:
    one = known.amounts.get(entry.amount_ore)
    return [] if one is None else [_made(one.debtor_id, [one], Sureness.POSSIBLE, (Reason.AMOUNT,), known)]


def _judged(entry: BankEntry, postings: list[Candidate], reason: Reason, known: _Known) -> Suggestion:
    """What names its postings is sure where it pays just what is open of them, and likely otherwise."""
    owed = sum(one.remaining_ore for one in postings)
    if owed == entry.amount_ore:
        return _made(postings[0].debtor_id, postings, Sureness.SURE, (reason, Reason.AMOUNT), known)
    if owed == 0:
        return _made(postings[0].debtor_id, [], Sureness.POSSIBLE, (reason, Reason.PAID), known)
    return _made(postings[0].debtor_id, postings, Sureness.LIKELY, (reason,), known)


def _made(
    debtor_id: int, postings: list[Candidate], sureness: Sureness, reasons: tuple[Reason, ...], known: _Known
) -> Suggestion:
    return Suggestion(debtor_id, known.names[debtor_id], tuple(postings), sureness, reasons)


def _until(postings: list[Candidate], amount_ore: int) -> list[Candidate]:
    """So many of the oldest as the amount reaches."""
    chosen = []
    for one in postings:
        if amount_ore <= 0:
            break
        chosen.append(one)
        amount_ore -= one.remaining_ore
    return chosen


def _open_or_all(named: list[Candidate]) -> list[Candidate]:
    return [one for one in named if one.remaining_ore] or named[:1]


def _fik_of(entry: BankEntry) -> int | None:
    for text in (entry.reference, entry.text):
        if text and (number := fik.read(text)) is not None:
            return number
    return None


def _numbers(entry: BankEntry) -> list[str]:
    """The numbers in reference and text that may be invoices', without zeros in front, each once."""
    found = []
    for text in (entry.reference or "", entry.text):
        for hit in _NUMBER.finditer(text):
            number = hit["no"].lstrip("0")
            if number and (hit["word"] or len(number) >= _SPOKEN):
                found.append(number)
    return list(dict.fromkeys(found))


def _sender(entry: BankEntry) -> str:
    return sort_key(" ".join((entry.counterparty or entry.text).split()))


def _known(entries: Sequence[BankEntry]) -> _Known:
    numbers = {number for entry in entries for number in _numbers(entry)}
    numbers |= {str(number) for entry in entries if (number := _fik_of(entry)) is not None}
    invoices = _invoices(numbers)
    amounts = _unique_amounts({entry.amount_ore for entry in entries})
    senders = _senders({_sender(entry) for entry in entries})
    open_of = _oldest(senders.values())
    involved = {one.debtor_id for group in invoices.values() for one in group}
    involved |= {one.debtor_id for one in amounts.values()} | set(senders.values())
    return _Known(invoices, amounts, senders, open_of, _balances(senders.values()), _names(involved))


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
    """The one open posting of each amount, where there is just one."""
    single = (
        select(func.min(OpenPosting.posting_id))
        .where(OpenPosting.remaining_ore.in_(sorted(amounts)))
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
        .where(first.c.place <= _OLDEST)
        .order_by(DebtorPosting.debtor_id, first.c.place)
    )
    rows = [_candidate(row) for row in db.session.execute(statement)]
    return {debtor_id: list(group) for debtor_id, group in groupby(rows, key=lambda one: one.debtor_id)}


def _balances(debtor_ids: Iterable[int]) -> dict[int, int]:
    """What is owed of each debtor's open debits together."""
    rows = db.session.execute(
        select(OpenPosting.debtor_id, func.sum(OpenPosting.remaining_ore))
        .where(OpenPosting.debtor_id.in_(sorted(set(debtor_ids))), OpenPosting.remaining_ore > 0)
        .group_by(OpenPosting.debtor_id)
    )
    return {debtor_id: int(ore) for debtor_id, ore in rows}


def _names(debtor_ids: Iterable[int]) -> dict[int, str]:
    rows = db.session.execute(
        select(Debtor.id, Debtor.company_name, Debtor.name).where(Debtor.id.in_(sorted(debtor_ids)))
    )
    return {debtor_id: company or name or "" for debtor_id, company, name in rows}
