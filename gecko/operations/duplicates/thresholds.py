"""The thresholds in force, what others would do to the queue, and putting those in force.

Nothing changes them but a person who saw the effect: as a new version of the weights, which the log names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from ... import audit
from ...db import db
from ...errors import Conflict, Invalid
from ...language import _
from ...models.duplicates import DuplicatePair, Lane, PairState
from .. import matching
from ..matching import adopting
from . import freshness, suggesting
from .learning import Label
from .suggesting import Suggestion

__all__ = ["Effect", "Limits", "Suggestion", "apply", "effect", "in_force", "read", "suggest", "suggested"]


@dataclass(frozen=True, slots=True)
class Limits:
    """From which probability on a pair is sure, and probable. version: of the weights they belong to."""

    sure: float
    probable: float
    version: int = 0


def in_force() -> Limits:
    """The thresholds that hold now."""
    now = matching.thresholds()
    return Limits(now.sure, now.probable, freshness.model())


def read(sure: str, probable: str) -> Limits:
    """Thresholds as people write them, in percent; raises Invalid."""
    try:
        high, low = (round(float(Decimal(text.strip().replace(",", "."))) / 100, 8) for text in (sure, probable))
    except (ArithmeticError, ValueError, OverflowError):
        raise Invalid(_("Please write the thresholds as percentages.")) from None
    if not 0.01 <= low < high < 1:
        raise Invalid(_("Probable must lie below sure, and both between 1 and 100 percent."))
    return Limits(high, low)


def suggest(given: Sequence[Label], limits: Limits) -> list[Suggestion]:
    """What decisions say about both."""
    return [suggesting.suggest_sure(given, limits.sure), suggesting.suggest_probable(given, limits.probable)]


def suggested(limits: Limits, suggestions: Sequence[Suggestion]) -> Limits:
    """The suggested thresholds, where there are some; else those in force."""
    by_name = {one.name: one.suggested for one in suggestions if one.suggested is not None}
    wanted = Limits(by_name.get("sure", limits.sure), by_name.get("probable", limits.probable), limits.version)
    return wanted if wanted.probable < wanted.sure else limits


def apply(wanted: Limits, *, seen: int) -> int:
    """Put thresholds in force as a new version of the weights; returns it. A scan must follow.

    seen: the version that was looked at; Conflict where another is in force by now.
    """
    before = in_force()
    if before.version != seen:
        raise Conflict(_("The weights or thresholds have changed meanwhile. Please look at the effect again."))
    version = adopting.adopt(sure=wanted.sure, probable=wanted.probable)
    facts = {"sure": [before.sure, wanted.sure], "probable": [before.probable, wanted.probable]}
    audit.record("duplicate.thresholds", entity="match_model", entity_id=version, facts=facts)
    return version


@dataclass(frozen=True, slots=True)
class Effect:
    """What other thresholds would do to the open pairs, by stored scores: how many are in each lane, and would be.

    leaving: pairs that would be in no lane of persons any more.
    """

    before: dict[Lane, int]
    after: dict[Lane, int]
    leaving: int


def effect(sure: float, probable: float) -> Effect:
    """Count it. Pairs that were never stored because they lie below today's threshold come only with the next scan."""
    pair: Any = DuplicatePair
    mine = pair.state == PairState.OPEN
    counted = select(pair.lane, func.count()).where(mine).group_by(pair.lane)
    before = dict.fromkeys(Lane, 0) | {row[0]: row[1] for row in db.session.execute(counted)}

    def number(*rules: Any) -> int:
        return db.session.scalar(select(func.count()).where(mine, *rules)) or 0

    after = dict(before)
    after[Lane.SURE] = number(pair.probability >= sure)
    after[Lane.PROBABLE] = number(pair.probability >= probable, pair.probability < sure)
    for lane in (Lane.HOUSEHOLD, Lane.SAME_NAME):
        after[lane] = number(pair.lane == lane, pair.probability < probable)
    leaving = number(pair.lane.in_((Lane.SURE, Lane.PROBABLE)), pair.probability < probable)
    return Effect(before, after, leaving)
