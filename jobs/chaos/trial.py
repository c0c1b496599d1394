"""A ledger under trial beside its books: each act is done to both, and what they say is held together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from gecko.clock import today
from gecko.db import db, transaction
from gecko.errors import GeckoError
from gecko.models.postings import DebtorPosting
from gecko.models.prepayments import PrepaymentEntry
from gecko.models.settlements import OpenPosting, Settlement
from gecko.operations import debtors, ledger, prepayments, settling

from .books import Books, Item, Part, Prepaid

Draw = Callable[[int], int]
Act = Callable[["Trial", int, Draw], None]
DAYS = 60
"""How far back things are dated."""
_REACHED = {"address": "Torvet 1", "postal_code": "8000", "city": "Aarhus C", "phone": "86121212", "email": "a@b.dk"}


class Differs(AssertionError):
    """The database and the books do not agree."""


def some_ore(draw: Draw) -> int:
    """An amount; round ones come often, so that some are equal."""
    return 10_000 * (1 + draw(4)) if draw(3) == 0 else 1 + draw(60_000)


@dataclass(slots=True)
class Trial:
    """A ledger under trial with its books."""

    debtor_ids: list[int]
    acts: Mapping[str, Act]
    books: Books = field(default_factory=Books)
    credited: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    """Of each invoice's document: its posting, the thousandths credited so far, and the øre."""
    done: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    compared: int = 0

    @classmethod
    def begin(cls, count: int, acts: Mapping[str, Act]) -> Trial:
        """Make the debtors. acts: what may be done to their ledgers, by name."""
        with transaction():
            made = [debtors.create({"company_name": f"Debitor {n}", **_REACHED}).id for n in range(1, count + 1)]
        return cls(made, acts)

    def step(self, name: str, draw: Draw) -> None:
        """One act of that name, and the comparison."""
        debtor_id = self.debtor_ids[draw(len(self.debtor_ids))]
        self.acts[name](self, debtor_id, draw)
        self.done[name] += 1
        self.compare(debtor_id)

    def compare(self, debtor_id: int, day: date | None = None) -> None:
        """Hold what is open, owed and prepaid against the books, now or as of a day."""
        wanted = {one.number: self.books.left(one.number, day) for one in self.books.of(debtor_id)}
        with_day = {"as_of": day} if day else {}
        self.same(settling.remaining(wanted, **with_day), wanted, "what is open", debtor_id, day)
        owed = ledger.outstanding(debtor_id, day)
        self.same(owed, self.books.owed(debtor_id, day), "what is owed", debtor_id, day)
        prepaid = prepayments.balance(debtor_id, day)
        self.same(prepaid, self.books.prepaid(debtor_id, day), "what is prepaid", debtor_id, day)
        self.compared += len(wanted) + 2
        db.session.rollback()

    def compare_all(self) -> None:
        """Compare everything, now and as of some days."""
        last = today()
        for debtor_id in self.debtor_ids:
            for day in (None, *(last - timedelta(days=days) for days in (0, 1, 7, DAYS // 2, DAYS))):
                self.compare(debtor_id, day)
        owed = {debtor_id: self.books.owed(debtor_id) for debtor_id in self.debtor_ids}
        listed = {one.debtor_id: one.outstanding_ore for one in ledger.balance_list() if one.debtor_id in owed}
        self.same(listed, {key: ore for key, ore in owed.items() if ore}, "the balance list")
        mine = OpenPosting.debtor_id.in_(self.debtor_ids)
        opened = db.session.scalar(select(func.sum(OpenPosting.remaining_ore)).where(mine))
        self.same(int(opened or 0), sum(owed.values()), "what is open in all")
        prepaid = {debtor_id: self.books.prepaid(debtor_id) for debtor_id in self.debtor_ids}
        self.same(prepayments.balances(self.debtor_ids), prepaid, "what is prepaid in all")

    def same(self, found: Any, wanted: Any, what: str, *where: Any) -> None:
        if found != wanted:
            raise Differs(f"{what} {where}: {found!r} in the database, {wanted!r} in the books")

    # What is written down after an act

    def try_(self, may: bool, work: Callable[[], int]) -> int | None:
        """The id that `work` gives in a transaction; None where the books forbid it and it is refused as well."""
        try:
            with transaction():
                made = work()
        except GeckoError as error:
            if may:
                raise Differs(f"refused, though it can be done: {error}") from error
            self.refused += 1
            return None
        if not may:
            raise Differs("done, though it cannot be")
        return made

    def note(self, posting_id: int, ore: int, day: date, falls_on: date, reverses: int | None = None) -> None:
        """A posting that was written must say what the books expect."""
        row = db.session.get_one(DebtorPosting, posting_id, populate_existing=True)
        said = (row.amount_ore, row.posted_on, row.due_on or row.posted_on, row.reverses_id)
        self.same(said, (ore, day, falls_on, reverses), "the posting", posting_id)
        self.books.items[posting_id] = Item(
            posting_id, row.debtor_id, ore, day, falls_on, row.document_id is not None, reverses
        )

    def note_placing(self, settlement_id: int, parts: list[Part], *, day: date | None = None) -> None:
        """A settlement that was written must hold the parts that the books expect."""
        row = db.session.get_one(Settlement, settlement_id)
        said = [(line.debit_posting_id, line.credit_posting_id, line.amount_ore) for line in row.lines]
        self.same(sorted(said), sorted(parts), "the settlement", settlement_id)
        self.same(row.effective_on, day or today(), "the day of the settlement", settlement_id)
        self.books.place(settlement_id, parts, row.effective_on, is_reversal=day is not None)

    def note_prepaid(self, entry_id: int, ore: int, day: date, *, posting: int | None, reverses: int | None) -> None:
        """An entry of a prepayment that was written must say what the books expect."""
        row = db.session.get_one(PrepaymentEntry, entry_id, populate_existing=True)
        said = (row.amount_ore, row.posted_on, row.posting_id, row.reverses_id)
        self.same(said, (ore, day, posting, reverses), "the entry of the prepayment", entry_id)
        self.books.entries[entry_id] = Prepaid(entry_id, row.debtor_id, ore, day, posting, reverses)


def some_day(draw: Draw) -> date:
    """A day, today or up to DAYS ago."""
    return today() - timedelta(days=draw(DAYS + 1))


def some_of(draw: Draw, numbers: list[int]) -> list[int]:
    """Some of them, in their order; more often few than many."""
    share = 1 + draw(3)
    return [number for number in numbers if draw(share + 1) == 0] or numbers[:2]
