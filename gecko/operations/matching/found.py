"""What the matcher answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...models.duplicates import Lane


@dataclass(frozen=True, slots=True)
class Found:
    """Two customers that may be one, `a_id` the lower (0 for values that nobody has stored).

    probability: that they are one person. household: that they are two of one household. score: log2 odds of one person
    against everything else. levels: one character per comparator. evidence: digest of everything that was compared.
    model: the version of the weights.
    """

    a_id: int
    b_id: int
    probability: float
    household: float
    score: float
    lane: Lane
    levels: str
    evidence: str
    model: int


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability of one person on a pair is sure, probable, or worth keeping in the two other lanes.

    household: from which probability of one household on a pair below `probable` is shown as a household.
    """

    sure: float
    probable: float
    household: float
    floor: float


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a pair scores as it does: the field, what was found in plain words (lazy), and its weight in bits, signed."""

    field: str
    text: Any
    weight: float
