"""Everything that moves a debtor's ledger, in any order, held step by step against `books`.

A step draws what it does from `draw(n)`, a number below n, so that a test may drive it as well as chance. It acts on
the database and on the books, and then compares the debtor it touched. What the books say cannot be done must be
refused by the operations, and nothing else may be.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from gecko.clock import today
from gecko.db import db, transaction
from gecko.errors import GeckoError
from gecko.models.customer_groups import CustomerGroup
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.models.settlements import OpenPosting, Settlement
from gecko.operations import (
    automatic_settling,
    checking,
    closing_out,
    crediting,
    customers,
    debtor_links,
    debtors,
    invoicing,
    ledger,
    reversing,
    settling,
)
from gecko.operations.duplicates import deciding

from .books import Books, Item, Part

Draw = Callable[[int], int]
DEBTORS, DAYS, DUE = 25, 60, 8
"""How many debtors; how far back things are dated; the days of the term that an installation starts with."""
_REACHED = {"address": "Torvet 1", "postal_code": "8000", "city": "Aarhus C", "phone": "86121212", "email": "a@b.dk"}


class Differs(AssertionError):
    """The database and the books do not agree."""


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What a trial did. refused: steps that both sides refused; compared: figures that were held against each other."""

    operations: int
    seconds: float
    done: dict[str, int]
    refused: int
    postings: int
    settlements: int
    compared: int
    failed_checks: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Whether `gecko check` found nothing; a difference would have ended the trial."""
        return not self.failed_checks


def _ore(draw: Draw) -> int:
    """An amount; round ones come often, so that some are equal."""
    return 10_000 * (1 + draw(4)) if draw(3) == 0 else 1 + draw(60_000)


@dataclass(slots=True)
class Trial:
    """A ledger under trial with its books."""

    debtor_ids: list[int]
    books: Books = field(default_factory=Books)
    credited: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    """Of each invoice's document: its posting, the thousandths credited so far, and the øre."""
    done: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    compared: int = 0

    @classmethod
    def begin(cls, count: int) -> Trial:
        """Make the debtors."""
        with transaction():
            made = [debtors.create({"company_name": f"Debitor {n}", **_REACHED}).id for n in range(1, count + 1)]
        return cls(made)

    def step(self, name: str, draw: Draw) -> None:
        """One act of that name, and the comparison."""
        debtor_id = self.debtor_ids[draw(len(self.debtor_ids))]
        ACTS[name](self, debtor_id, draw)
        self.done[name] += 1
        self.compare(debtor_id)

    def compare(self, debtor_id: int, day: date | None = None) -> None:
        """Hold what is open and what is owed against the books, now or as of a day."""
        wanted = {one.number: self.books.left(one.number, day) for one in self.books.of(debtor_id)}
        with_day = {"as_of": day} if day else {}
        self.same(settling.remaining(wanted, **with_day), wanted, "what is open", debtor_id, day)
        owed = ledger.outstanding(debtor_id, day)
        self.same(owed, self.books.owed(debtor_id, day), "what is owed", debtor_id, day)
        self.compared += len(wanted) + 1
        db.session.rollback()

    def finish(self) -> tuple[str, ...]:
        """Compare everything, now and as of some days; returns the names of the checks that fail."""
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
        return tuple(one.name for one in checking.run() if not one.is_ok)

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


def _back(draw: Draw) -> date:
    return today() - timedelta(days=draw(DAYS + 1))


def _some(draw: Draw, numbers: list[int]) -> list[int]:
    """Some of them, in their order; more often few than many."""
    share = 1 + draw(3)
    return [number for number in numbers if draw(share + 1) == 0] or numbers[:2]


def _invoice(trial: Trial, debtor_id: int, draw: Draw) -> None:
    ore, day = _ore(draw), _back(draw)
    line = invoicing.Line(quantity_milli=1_000, unit_price_ore=ore, text="Ydelse")
    document_id = trial.try_(True, lambda: invoicing.issue(debtor_id=debtor_id, lines=[line], document_date=day).id)
    posting_id = db.session.scalars(select(DebtorPosting.id).where(DebtorPosting.document_id == document_id)).one()
    trial.note(posting_id, ore, day, day + timedelta(days=DUE))
    trial.credited[document_id or 0] = (posting_id, 0, 0)


def _payment(trial: Trial, debtor_id: int, draw: Draw) -> None:
    ore, day = _ore(draw), _back(draw)
    made = trial.try_(True, lambda: ledger.record_payment(debtor_id, ore, paid_on=day).id)
    trial.note(made or 0, -ore, day, day)


def _fee(trial: Trial, debtor_id: int, draw: Draw) -> None:
    ore, due_on = 1 + draw(10_000), today() + timedelta(days=10)

    def work() -> int:
        ledger.lock_debtor(debtor_id)
        kind = PostingKind.REMINDER_FEE
        return ledger.post(debtor_id, kind, ore, posted_on=today(), due_on=due_on, text="Rykkergebyr").id

    trial.note(trial.try_(True, work) or 0, ore, today(), due_on)


def _settle(trial: Trial, debtor_id: int, draw: Draw) -> None:
    """Some postings against each other, all that fits, a part of it, or more than there is."""
    chosen = _some(draw, trial.books.open(debtor_id))
    whole = sum(part[2] for part in trial.books.plan(chosen))
    amount = draw(whole + 2) if draw(3) == 0 else None
    may = whole > 0 and (amount is None or 0 < amount <= whole)
    made = trial.try_(may, lambda: settling.settle(debtor_id, chosen, amount_ore=amount).id)
    if made is not None:
        trial.note_placing(made, trial.books.plan(chosen, amount))


def _automatic(trial: Trial, debtor_id: int, draw: Draw) -> None:
    choice = automatic_settling.Choice(only_equal=draw(2) == 0)
    opened, step = trial.books.open(debtor_id), automatic_settling.STEP
    owed = [number for number in opened if trial.books.left(number) > 0][:step]
    paid = [number for number in opened if trial.books.left(number) < 0][:step]
    parts = trial.books.pairs(opened)[:step] if choice.only_equal else trial.books.plan(owed + paid)

    def work() -> int:
        row = automatic_settling.settle(debtor_id, choice)
        return row.id if row else 0

    made = trial.try_(True, work)
    trial.same(bool(made), bool(parts), "whether anything is settled", debtor_id)
    if made:
        trial.note_placing(made, parts)


def _undo(trial: Trial, debtor_id: int, draw: Draw) -> None:
    mine = [
        number for number, one in trial.books.placings.items()
        if trial.books.items[one.parts[0][0]].debtor == debtor_id
    ]  # fmt: skip
    if not mine:
        return
    chosen = mine[draw(len(mine))]
    one = trial.books.placings[chosen]
    made = trial.try_(not (one.is_undone or one.is_reversal), lambda: settling.undo(chosen).id)
    if made is not None:
        trial.books.undo(chosen, max(today(), one.day))


def _credit(trial: Trial, debtor_id: int, draw: Draw) -> None:
    """A part of an invoice, or more than is left of it; what is credited in all is never more than was invoiced."""
    mine = [key for key, (posting, _milli, _ore) in trial.credited.items()
            if trial.books.items[posting].debtor == debtor_id]  # fmt: skip
    if not mine:
        return
    document_id = mine[draw(len(mine))]
    posting_id, milli, ore = trial.credited[document_id]
    wanted = 1 + draw(1_100 - milli)
    line_id = crediting.remaining(document_id)[0].line.id
    whole = trial.books.items[posting_id].ore

    def work() -> int:
        return crediting.issue(document_id, quantities={line_id: wanted}).id

    note_id = trial.try_(milli + wanted <= 1_000, work)
    if note_id is None:
        return
    row = db.session.scalars(select(DebtorPosting).where(DebtorPosting.document_id == note_id)).one()
    credited = ore - row.amount_ore
    is_right = credited == whole if milli + wanted == 1_000 else 0 <= credited <= whole
    trial.same(is_right, True, "what is credited", document_id)
    trial.credited[document_id] = (posting_id, milli + wanted, credited)
    trial.note(row.id, row.amount_ore, today(), today())


def _reverse(trial: Trial, debtor_id: int, draw: Draw) -> None:
    mine = trial.books.of(debtor_id)
    if not mine:
        return
    one = mine[draw(len(mine))]
    is_reversed = any(other.reverses == one.number for other in mine)
    may = not (one.is_document or one.reverses or is_reversed)
    made = trial.try_(may, lambda: reversing.reverse(one.number).id)
    if made is None:
        return
    for number in trial.books.standing(one.number):
        trial.books.undo(number, max(today(), trial.books.placings[number].day))
    trial.note(made, -one.ore, today(), today(), reverses=one.number)
    parts = trial.books.plan([one.number, made])
    settlement = max(row.id for row in settling.standing(made))
    trial.note_placing(settlement, parts, day=today())


def _close_out(trial: Trial, debtor_id: int, draw: Draw, work: Callable[..., DebtorPosting], **values: Any) -> None:
    """Write some postings off, or pay them out; the books know what may be."""
    chosen = _some(draw, trial.books.open(debtor_id))
    left = [trial.books.left(number) for number in chosen]
    total = sum(left)
    one_sided = bool(left) and (min(left) > 0 or max(left) < 0)
    is_payout = work is closing_out.pay_out
    may = one_sided and (total < 0 if is_payout else total >= -closing_out.SMALL_CREDIT_ORE)
    made = trial.try_(may, lambda: work(debtor_id, chosen, **values).id)
    if made is not None:
        trial.note(made, -total, today(), today())
        parts = trial.books.plan([*chosen, made])
        trial.note_placing(max(row.id for row in settling.standing(made)), parts)


def _write_off(trial: Trial, debtor_id: int, draw: Draw) -> None:
    _close_out(trial, debtor_id, draw, closing_out.write_off, reason="Tabt")


def _pay_out(trial: Trial, debtor_id: int, draw: Draw) -> None:
    _close_out(trial, debtor_id, draw, closing_out.pay_out)


def _merge(trial: Trial, debtor_id: int, draw: Draw) -> None:
    """Two customers, of whom the debtor pays for one or both, become one; no ledger moves by it."""
    with transaction():
        group_id = db.session.scalars(select(CustomerGroup.id).where(CustomerGroup.is_primary)).one()
        pair = [customers.create({"name": f"Kunde {draw(10)}", "group_id": group_id}).id for _n in range(2)]
        for customer_id in pair[: 1 + draw(2)]:
            debtor_links.link(customer_id, debtor_id)
    with transaction():
        deciding.merge(pair[0], [pair[1]], principal=None)


def _look_back(trial: Trial, debtor_id: int, draw: Draw) -> None:
    trial.compare(debtor_id, _back(draw))


ACTS: dict[str, Callable[[Trial, int, Draw], None]] = {
    "invoice": _invoice,
    "payment": _payment,
    "fee": _fee,
    "settle": _settle,
    "automatic": _automatic,
    "undo": _undo,
    "credit": _credit,
    "reverse": _reverse,
    "write off": _write_off,
    "pay out": _pay_out,
    "merge": _merge,
    "look back": _look_back,
}
WEIGHTS = {"invoice": 6, "payment": 5, "settle": 6, "automatic": 2, "undo": 4, "look back": 4, "merge": 0.2}


def run(operations: int, *, seed: int = 1, among: int = DEBTORS) -> Reckoning:
    """Make so many operations at random on the ledgers of so many debtors; raises Differs at the first difference."""
    chance = random.Random(seed)  # noqa: S311 (what is done next)
    trial, started = Trial.begin(among), time.monotonic()
    names = list(ACTS)
    for name in chance.choices(names, [WEIGHTS.get(name, 1) for name in names], k=operations):
        trial.step(name, chance.randrange)
    failed = trial.finish()
    count = [db.session.scalar(select(func.count()).select_from(model)) or 0 for model in (DebtorPosting, Settlement)]
    return Reckoning(
        operations=operations,
        seconds=round(time.monotonic() - started, 1),
        done=dict(sorted(trial.done.items())),
        refused=trial.refused,
        postings=count[0],
        settlements=count[1],
        compared=trial.compared,
        failed_checks=failed,
    )
