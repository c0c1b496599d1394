"""Better thresholds out of decisions: suggestions that change nothing by themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .learning import Label, Z, wilson

SURE_PRECISION = 0.997
"""How many of the pairs called sure must be right."""
ENOUGH = 50
"""So many decisions a suggestion needs on the side of the scale that it is about."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A threshold as it is, and as decisions would have it: None where they are too few, and how many are `needed`."""

    name: str
    now: float
    suggested: float | None
    rests_on: int
    needed: int = 0


def suggest_sure(given: Sequence[Label], now: float) -> Suggestion:
    """The lowest probability above which surely enough pairs were one person."""
    best = None
    ranked = sorted(given, key=lambda one: -one.probability)
    same = 0
    for n, one in enumerate(ranked, start=1):
        same += one.is_same
        is_last_of_equals = n == len(ranked) or ranked[n].probability < one.probability
        if n >= ENOUGH and is_last_of_equals and wilson(same, n)[0] >= SURE_PRECISION:
            best = one.probability
    above = sum(one.probability >= (best if best is not None else now) for one in given)
    return Suggestion("sure", now, best, above, max(0, _enough_without_error() - above) if best is None else 0)


def _enough_without_error() -> int:
    """How many right decisions in a row prove SURE_PRECISION."""
    return math.ceil(Z * Z * SURE_PRECISION / (1 - SURE_PRECISION))


def suggest_probable(given: Sequence[Label], now: float) -> Suggestion:
    """The probability from which on a pair is more often one person than not, by decisions smoothed to rise with it."""
    below, above = (sum(one.probability < now for one in given), sum(one.probability >= now for one in given))
    missing = max(0, ENOUGH - below) + max(0, ENOUGH - above)
    if missing:
        return Suggestion("probable", now, None, len(given), missing)
    blocks = _rising(sorted(given, key=lambda one: one.probability))
    cut = next((low for low, share in blocks if share >= 0.5), None)
    return Suggestion("probable", now, cut, len(given))


def _rising(ranked: Sequence[Label]) -> list[tuple[float, float]]:
    """Blocks of decisions (lowest probability, share of "one person"), pooled until the shares rise."""
    blocks: list[list[float]] = []  # lowest probability, same, total
    for one in ranked:
        blocks.append([one.probability, float(one.is_same), 1.0])
        while len(blocks) > 1 and blocks[-2][1] / blocks[-2][2] >= blocks[-1][1] / blocks[-1][2]:
            _low, same, total = blocks.pop()
            blocks[-1][1] += same
            blocks[-1][2] += total
    return [(low, same / total) for low, same, total in blocks]
