"""Everything that moves a debtor's ledger, in any order, held step by step against `books`.

A step draws what it does from `draw(n)`, a number below n, so that a test may drive it as well as chance. It acts on
the database and on the books, and then compares the debtor it touched. What the books say cannot be done must be
refused by the operations, and nothing else may be.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from sqlalchemy import func, select

from gecko.db import db
from gecko.models.postings import DebtorPosting
from gecko.models.settlements import Settlement
from gecko.operations import checking

from . import posting_acts, prepaid_acts, settling_acts
from .trial import Act, Trial

DEBTORS = 25
"""How many debtors."""


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


ACTS: dict[str, Act] = {
    "invoice": posting_acts.invoice,
    "payment": posting_acts.payment,
    "fee": posting_acts.fee,
    "settle": settling_acts.settle,
    "automatic": settling_acts.automatic,
    "undo": settling_acts.undo,
    "credit": posting_acts.credit,
    "reverse": posting_acts.reverse,
    "write off": posting_acts.write_off,
    "pay out": posting_acts.pay_out,
    "prepay": prepaid_acts.prepay,
    "use prepayment": prepaid_acts.use,
    "pay prepayment back": prepaid_acts.pay_back,
    "take prepayment back": prepaid_acts.take_back,
    "merge": settling_acts.merge,
    "look back": settling_acts.look_back,
}
WEIGHTS = {"invoice": 6, "payment": 5, "settle": 6, "automatic": 2, "undo": 4, "look back": 4, "merge": 0.2,
           "prepay": 2, "use prepayment": 3}  # fmt: skip


def begin(count: int) -> Trial:
    """A trial of so many debtors, to whom anything may be done."""
    return Trial.begin(count, ACTS)


def run(operations: int, *, seed: int = 1, among: int = DEBTORS) -> Reckoning:
    """Make so many operations at random on the ledgers of so many debtors; raises Differs at the first difference."""
    chance = random.Random(seed)  # noqa: S311 (what is done next)
    trial, started = begin(among), time.monotonic()
    names = list(ACTS)
    for name in chance.choices(names, [WEIGHTS.get(name, 1) for name in names], k=operations):
        trial.step(name, chance.randrange)
    trial.compare_all()
    failed = tuple(one.name for one in checking.run() if not one.is_ok)
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
