"""The ledger in plain Python: a small second opinion on what is open of each posting, now and as of any day.

It knows no database and shares no code with the operations; it is slow and simple on purpose.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

Part = tuple[int, int, int]
"""A debit, a credit, and how much of the one by the other (øre above zero)."""


@dataclass(frozen=True, slots=True)
class Item:
    """A posting: debit above zero, øre."""

    number: int
    debtor: int
    ore: int
    posted_on: date
    falls_on: date
    is_document: bool
    reverses: int | None


@dataclass(frozen=True, slots=True)
class Prepaid:
    """An entry of a prepayment, øre: what came in above zero. posting: the payment it became, or that took it back."""

    number: int
    debtor: int
    ore: int
    posted_on: date
    posting: int | None
    reverses: int | None


@dataclass(slots=True)
class Placing:
    """A settlement; one that reverses a posting cannot be undone by itself."""

    parts: list[Part]
    day: date
    is_reversal: bool = False
    is_undone: bool = False


@dataclass(slots=True)
class Books:
    """Every posting, settlement and entry of a prepayment. moved: what was settled of each posting on which day."""

    items: dict[int, Item] = field(default_factory=dict)
    placings: dict[int, Placing] = field(default_factory=dict)
    entries: dict[int, Prepaid] = field(default_factory=dict)
    moved: dict[int, list[tuple[date, int]]] = field(default_factory=lambda: defaultdict(list))

    def of(self, debtor: int) -> list[Item]:
        """The postings of a debtor, as they were written."""
        return [one for one in self.items.values() if one.debtor == debtor]

    def left(self, number: int, day: date | None = None) -> int:
        """What is open of a posting, with its sign: now, or at the end of a day; 0 before it was posted."""
        one = self.items[number]
        if day is not None and one.posted_on > day:
            return 0
        settled = sum(ore for when, ore in self.moved[number] if day is None or when <= day)
        return one.ore - settled if one.ore > 0 else one.ore + settled

    def owed(self, debtor: int, day: date | None = None) -> int:
        """What a debtor owes, now or at the end of a day."""
        return sum(one.ore for one in self.of(debtor) if day is None or one.posted_on <= day)

    def prepaid(self, debtor: int, day: date | None = None) -> int:
        """What a debtor has prepaid, now or at the end of a day."""
        mine = (one for one in self.entries.values() if one.debtor == debtor)
        return sum(one.ore for one in mine if day is None or one.posted_on <= day)

    def room(self, debtor: int, day: date) -> int:
        """What can go out on a day, so that nothing is missing on that day or on a later one."""
        days = {day, *(one.posted_on for one in self.entries.values() if one.posted_on > day)}
        return min(self.prepaid(debtor, one) for one in days)

    def open(self, debtor: int) -> list[int]:
        """The open postings in the order in which they are settled."""
        found = [one for one in self.of(debtor) if self.left(one.number)]
        return [one.number for one in sorted(found, key=lambda one: (one.falls_on, one.posted_on, one.number))]

    def plan(self, numbers: Iterable[int], most: int | None = None) -> list[Part]:
        """What settles what, each debit in turn by the credits in turn; `most` in all."""
        left = {number: self.left(number) for number in numbers}
        parts: list[Part] = []
        for debit in [number for number in left if left[number] > 0]:
            for credit in [number for number in left if left[number] < 0]:
                room = min(left[debit], -left[credit])
                ore = room if most is None else min(room, most - sum(part[2] for part in parts))
                if ore > 0:
                    parts.append((debit, credit, ore))
                    left[debit], left[credit] = left[debit] - ore, left[credit] + ore
        return parts

    def pairs(self, numbers: Iterable[int]) -> list[Part]:
        """Each debit with the first credit of the same size that no other debit took."""
        free, parts = list(numbers), []
        for debit in [number for number in free if self.left(number) > 0]:
            same = [number for number in free if self.left(number) == -self.left(debit)]
            if same:
                free.remove(same[0])
                parts.append((debit, same[0], self.left(debit)))
        return parts

    def place(self, number: int, parts: list[Part], day: date, *, is_reversal: bool = False) -> None:
        """A settlement that counts from a day on."""
        self.placings[number] = Placing(parts, day, is_reversal)
        self._move(parts, day, 1)

    def undo(self, number: int, day: date) -> None:
        """Take a settlement back from a day on."""
        self.placings[number].is_undone = True
        self._move(self.placings[number].parts, day, -1)

    def standing(self, posting: int) -> list[int]:
        """The settlements of a posting that were not undone."""
        return [
            number
            for number, one in self.placings.items()
            if not one.is_undone and any(posting in part[:2] for part in one.parts)
        ]

    def _move(self, parts: list[Part], day: date, sign: int) -> None:
        for debit, credit, ore in parts:
            self.moved[debit].append((day, sign * ore))
            self.moved[credit].append((day, sign * ore))
