"""Which invoices an entry pays: by its FIK reference, by invoice numbers in its text, by its amount, by who sent it.

Every suggestion says why, and how sure that is. Sure is only what names open invoices that add up to its amount to the
øre; all else a person looks at. A list of entries takes as many questions as one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ...models.bank import BankEntry
from . import candidates, references
from .candidates import OLDEST, Candidate, Known


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


def suggest(entries: Sequence[BankEntry]) -> dict[int, list[Suggestion]]:
    """The suggestions for each entry, the surest first; empty where nothing is known."""
    known = candidates.read(entries)
    return {entry.id: _of(entry, known) for entry in entries}


def _of(entry: BankEntry, known: Known) -> list[Suggestion]:
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


def _by_reference(entry: BankEntry, known: Known) -> list[Suggestion]:
    number = references.fik_number(entry)
    if number is None:
        return []
    named = known.invoices.get(str(number), [])
    return [_judged(entry, [one], Reason.FIK, known, is_clear=len(named) == 1) for one in _open_or_all(named)]


def _by_number(entry: BankEntry, known: Known) -> list[Suggestion]:
    """The invoices whose numbers stand in the text, together where they are of one debtor."""
    of_each: dict[int, list[Candidate]] = defaultdict(list)
    unclear: set[int] = set()  # debtors with an invoice whose number another one bears, too
    for number in references.numbers(entry):
        named = known.invoices.get(number, [])
        for one in named:
            if one.remaining_ore:
                of_each[one.debtor_id].append(one)
            if len(named) > 1:
                unclear.add(one.debtor_id)
    return [
        _judged(entry, postings, Reason.NUMBER, known, is_clear=debtor_id not in unclear)
        for debtor_id, postings in of_each.items()
    ]


def _by_name(entry: BankEntry, known: Known) -> list[Suggestion]:
    """The debtor of that name: an open posting of the very amount, everything that is open, or the oldest."""
    debtor_id = known.senders.get(references.sender(entry))
    if debtor_id is None:
        return []
    postings = known.open_of.get(debtor_id, [])
    exact = [one for one in postings if one.remaining_ore == entry.amount_ore]
    if exact:
        return [_made(debtor_id, exact[:1], Sureness.LIKELY, (Reason.NAME, Reason.AMOUNT), known)]
    if known.balances.get(debtor_id) == entry.amount_ore and len(postings) < OLDEST:
        return [_made(debtor_id, postings, Sureness.LIKELY, (Reason.NAME, Reason.BALANCE), known)]
    return [_made(debtor_id, _until(postings, entry.amount_ore), Sureness.POSSIBLE, (Reason.NAME,), known)]


def _by_amount(entry: BankEntry, known: Known) -> list[Suggestion]:
    one = known.amounts.get(entry.amount_ore)
    return [] if one is None else [_made(one.debtor_id, [one], Sureness.POSSIBLE, (Reason.AMOUNT,), known)]


def _judged(entry: BankEntry, postings: list[Candidate], reason: Reason, known: Known, *, is_clear: bool) -> Suggestion:
    """What names its postings is sure where it pays just what is open of them, and likely otherwise.

    is_clear: no other invoice has their numbers. One that was imported may have the number of one of ours.
    """
    owed = sum(one.remaining_ore for one in postings)
    if owed == entry.amount_ore:
        sureness = Sureness.SURE if is_clear else Sureness.LIKELY
        return _made(postings[0].debtor_id, postings, sureness, (reason, Reason.AMOUNT), known)
    if owed == 0:
        return _made(postings[0].debtor_id, [], Sureness.POSSIBLE, (reason, Reason.PAID), known)
    return _made(postings[0].debtor_id, postings, Sureness.LIKELY, (reason,), known)


def _made(
    debtor_id: int, postings: list[Candidate], sureness: Sureness, reasons: tuple[Reason, ...], known: Known
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
