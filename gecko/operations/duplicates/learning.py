"""What the decisions of people say about the matcher: precision by lane, drift, calibration.

Only what somebody looked at counts: not what a batch merged, not what a merge handed on, not what was taken back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from ...clock import local
from ...db import db
from ...models.duplicates import DuplicateDecision, Lane, Verdict

Z = 1.959964
"""Standard deviations of a 95 % interval."""
_EDGES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.0)


@dataclass(frozen=True, slots=True)
class Label:
    """What somebody said about a pair with this score."""

    lane: Lane
    probability: float
    is_same: bool
    month: date
    is_sample: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """How many of some decisions said "one person", and between which shares the truth lies with 95 % certainty."""

    same: int
    total: int

    @property
    def share(self) -> float | None:
        """The share itself; None without decisions."""
        return self.same / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval: right for few decisions and for shares near one, too."""
        return wilson(self.same, self.total)


@dataclass(frozen=True, slots=True)
class Bin:
    """Pairs whose probability lay between `low` and `high`, and how many of them were one person."""

    low: float
    high: float
    expected: float
    share: Share


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The interval in which the true share lies with 95 % certainty."""
    if not total:
        return 0.0, 1.0
    p, z2 = hits / total, Z * Z
    middle = (p + z2 / (2 * total)) / (1 + z2 / total)
    reach = Z / (1 + z2 / total) * math.sqrt(p * (1 - p) / total + z2 / (4 * total * total))
    low = 0.0 if hits == 0 else max(0.0, middle - reach)
    return low, 1.0 if hits == total else min(1.0, middle + reach)


def labels() -> list[Label]:
    """The last word about each pair that somebody looked at."""
    taken_back = aliased(DuplicateDecision)
    statement = (
        select(DuplicateDecision)
        .outerjoin(taken_back, taken_back.undoes_id == DuplicateDecision.id)
        .where(
            DuplicateDecision.verdict != Verdict.UNDONE,
            DuplicateDecision.is_batch.is_(False),
            ~and_(DuplicateDecision.verdict == Verdict.DIFFERENT, DuplicateDecision.merge_id.is_not(None)),
            taken_back.id.is_(None),
        )
        .order_by(DuplicateDecision.id)
    )
    found: dict[tuple[int, int], Label] = {}
    for one in db.session.scalars(statement):
        found[one.a_id, one.b_id] = Label(
            one.lane, one.probability, one.verdict == Verdict.SAME, local(one.created_at).date().replace(day=1),
            one.is_sample,
        )  # fmt: skip
    return list(found.values())


def by_lane(given: Iterable[Label]) -> dict[Lane, Share]:
    """How many pairs of each lane were one person."""
    return {lane: _share(one for one in given if one.lane == lane) for lane, given in _each_lane(given)}


def _each_lane(given: Iterable[Label]) -> list[tuple[Lane, list[Label]]]:
    listed = list(given)
    return [(lane, [one for one in listed if one.lane == lane]) for lane in Lane]


def by_month(given: Iterable[Label], lane: Lane) -> dict[date, Share]:
    """The same by month, for one lane: whether it drifts."""
    mine = [one for one in given if one.lane == lane]
    return {month: _share(one for one in mine if one.month == month) for month in sorted({one.month for one in mine})}


def drifted(months: dict[date, Share]) -> bool:
    """Whether the last month with decisions lies outside of what all earlier ones together allow."""
    if len(months) < 2:
        return False
    *earlier, last = (months[month] for month in sorted(months))
    before = Share(sum(one.same for one in earlier), sum(one.total for one in earlier))
    return last.interval[1] < before.interval[0] or last.interval[0] > before.interval[1]


def calibration(given: Sequence[Label]) -> list[Bin]:
    """Whether pairs of a probability are one person as often as it says."""
    bins = []
    for low, high in pairwise(_EDGES):
        mine = [one for one in given if low <= one.probability < high or (high == 1.0 and one.probability == 1.0)]
        if mine:
            expected = sum(one.probability for one in mine) / len(mine)
            bins.append(Bin(low, high, expected, _share(mine)))
    return bins


def _share(given: Iterable[Label]) -> Share:
    listed = list(given)
    return Share(sum(one.is_same for one in listed), len(listed))
