"""Closing with open eyes: what a closing would leave behind, counted before, and agreed to by who closes.

What is dated in the period and is not in the books yet cannot be entered with its date once the period is closed. That
is a choice, so somebody makes it: a closing leaves behind no more than was agreed to, whatever came in meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, and_, func, select

from ..clock import today
from ..db import db
from ..errors import Conflict, Invalid
from ..language import _
from ..models.bank import BankEntry, EntryState
from ..models.dunning import Dunning, DunningRun, DunningState
from ..models.invoice_drafts import InvoiceDraft
from ..models.period_locks import PeriodLock
from . import periods
from .dunning import planning, running, states
from .dunning.planning import Terms


class Left(StrEnum):
    """What can be left behind: drafts of invoices, payments of the bank that nobody dealt with, runs of reminders that
    would still remind somebody, and reminders in the books whose letters did not go."""

    DRAFTS = "left_drafts"
    BANK = "left_bank"
    RUNS = "left_runs"
    LETTERS = "left_letters"


@dataclass(frozen=True, slots=True)
class Leftover:
    """So many of a kind, and what they come to in øre. run_ids: the runs, where it is these."""

    kind: Left
    count: int
    ore: int
    run_ids: Sequence[int] = ()


def left_behind(until: date) -> list[Leftover]:
    """What a closing up to and including `until` would leave behind, beyond what is closed already; kinds of which
    there is nothing are not listed."""
    former = periods.closed_until()

    def within(day: Any) -> Any:
        return day <= until if former is None else and_(day > former, day <= until)

    counted = (
        (Left.DRAFTS, _sums(InvoiceDraft.total_ore).where(within(InvoiceDraft.document_date))),
        (Left.BANK, _sums(BankEntry.amount_ore).where(BankEntry.state == EntryState.OPEN, within(BankEntry.booked_on))),
        (
            Left.LETTERS,
            _sums(Dunning.total_ore).where(
                within(Dunning.created_on), states.state_sql().in_((DunningState.CREATED, DunningState.FAILED))
            ),
        ),
    )
    found = []
    for kind, statement in counted:
        count, ore = db.session.execute(statement).one()
        found.append(Leftover(kind, count, int(ore)))
    found.append(_unfinished(db.session.scalars(select(DunningRun).where(within(DunningRun.to_date))).all()))
    order = list(Left)
    return sorted((one for one in found if one.count), key=lambda one: order.index(one.kind))


def _sums(ore: Any) -> Select[int, Any]:
    return select(func.count(), func.coalesce(func.sum(ore), 0))


def _unfinished(runs: Sequence[DunningRun]) -> Leftover:
    """Runs that were broken off, and what the reminders they lack would ask for; who has paid meanwhile lacks none."""
    found: dict[int, int] = {}
    for run in runs:
        goes = [one for one in planning.plans(Terms(run.stage, run.to_date), running.waiting(run)) if one.goes]
        if goes:
            found[run.id] = sum(one.total_ore for one in goes)
    return Leftover(Left.RUNS, len(found), sum(found.values()), tuple(found))


def close(
    until: date, *, reason: str, seen: int, agreed: Mapping[str, int] | None = None, key: str | None = None
) -> PeriodLock:
    """Close as `periods.close` does, and leave behind no more than was agreed to, by kind and count.

    Raises Invalid where nothing was agreed to, Conflict where more would be left behind by now.
    """
    periods.hold_still()
    left = {}
    if periods.by_key(key) is None and until < today():
        left = {one.kind.value: one.count for one in left_behind(until)}
        if left and not agreed:
            raise Invalid(_("Say that what is listed may be left behind, or deal with it first."), field="leave")
        if any(count > (agreed or {}).get(kind, 0) for kind, count in left.items()):
            raise Conflict(_("More would be left behind by now. Look at it again."))
    return periods.close(until, reason=reason, seen=seen, key=key, left=left)
