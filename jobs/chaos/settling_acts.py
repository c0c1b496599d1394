"""What is settled and undone, merges that move no ledger, and looking back: on the ledger and in its books."""

from __future__ import annotations

from sqlalchemy import select

from gecko.clock import today
from gecko.db import db, transaction
from gecko.models.customer_groups import CustomerGroup
from gecko.operations import automatic_settling, customers, debtor_links, settling
from gecko.operations.duplicates import deciding

from .trial import Draw, Trial, some_day, some_of


def settle(trial: Trial, debtor_id: int, draw: Draw) -> None:
    """Some postings against each other, all that fits, a part of it, or more than there is."""
    chosen = some_of(draw, trial.books.open(debtor_id))
    whole = sum(part[2] for part in trial.books.plan(chosen))
    amount = draw(whole + 2) if draw(3) == 0 else None
    may = whole > 0 and (amount is None or 0 < amount <= whole)
    made = trial.try_(may, lambda: settling.settle(debtor_id, chosen, amount_ore=amount).id)
    if made is not None:
        trial.note_placing(made, trial.books.plan(chosen, amount))


def automatic(trial: Trial, debtor_id: int, draw: Draw) -> None:
    """What the automatic settlement would do."""
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


def undo(trial: Trial, debtor_id: int, draw: Draw) -> None:
    """A settlement is taken back, once; that of a reversal never."""
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


def merge(trial: Trial, debtor_id: int, draw: Draw) -> None:
    """Two customers, of whom the debtor pays for one or both, become one; no ledger moves by it."""
    with transaction():
        group_id = db.session.scalars(select(CustomerGroup.id).where(CustomerGroup.is_primary)).one()
        pair = [customers.create({"name": f"Kunde {draw(10)}", "group_id": group_id}).id for _n in range(2)]
        for customer_id in pair[: 1 + draw(2)]:
            debtor_links.link(customer_id, debtor_id)
    with transaction():
        deciding.merge(pair[0], [pair[1]], principal=None)


def look_back(trial: Trial, debtor_id: int, draw: Draw) -> None:
    """As of any day everything is as it was."""
    trial.compare(debtor_id, some_day(draw))
