"""The weights: how likely each level is between records of one person, of one household, and of strangers.

Records of one person come in two sorts: most agree but for a change or two, and some were taken down carelessly, with
slips everywhere. Slips keep company, which one table of levels that are independent of each other could not say.

The shipped file needs no training. A base may have weights of its own, estimated by `training`; they have a version.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from .found import Thresholds
from .levels import COMPARATORS, FREQUENT

CLASSES = ("person", "careless", "household", "strangers")
SHIPPED_VERSION = 1
Pairs = tuple[float, float, float]
Table = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """Probabilities of levels by class and comparator, how many pairs of each class there are, and thresholds.

    person, careless, household, strangers: for each comparator a probability a level. Where agreement depends on the
    value, `strangers` holds a factor of the chance that another customer bears it; relatives agree by that chance, too,
    beside what they share.
    pairs: pairs of one person (taken down with care, and carelessly) and of one household, per customer.
    """

    version: int
    person: dict[str, Table]
    careless: dict[str, Table]
    household: dict[str, Table]
    strangers: dict[str, Table]
    pairs: Pairs
    thresholds: Thresholds

    def priors(self, customers: int, pairs: Pairs | None = None) -> tuple[float, float, float, float]:
        """The share of each class among all pairs of a base; `pairs` are its own where they are known."""
        others = max(customers, 20) / 2
        person, careless, household = (min(share / others, 0.1) for share in pairs or self.pairs)
        return person, careless, household, 1 - person - careless - household


def read(content: dict[str, Any], version: int) -> Weights:
    """Weights out of a file's content."""
    tables = {
        group: {name: _table(content[group][name], levels) for name, levels in COMPARATORS.items()} for group in CLASSES
    }
    person, careless, household = content["pairs"]
    limits = Thresholds(**content["thresholds"])
    return Weights(version, **tables, pairs=(person, careless, household), thresholds=limits)


def _table(by_level: dict[str, float], levels: type[Any]) -> Table:
    """Probabilities in the order of the levels; that of UNKNOWN is 1 everywhere, so it is no evidence."""
    return np.array([1.0 if level == 0 else float(by_level[level.name.lower()]) for level in levels])


def content(weights: Weights) -> dict[str, Any]:
    """What `read` reads."""
    written: dict[str, Any] = {
        group: {
            name: {
                level.name.lower(): float(f"{getattr(weights, group)[name][level]:.4g}") for level in levels if level
            }
            for name, levels in COMPARATORS.items()
        }
        for group in CLASSES
    }
    limits = weights.thresholds
    written["pairs"] = list(weights.pairs)
    written["thresholds"] = {field: getattr(limits, field) for field in ("sure", "probable", "household", "floor")}
    return written


@cache
def shipped() -> Weights:
    """The weights that come with the product."""
    text = resources.files(__package__).joinpath("weights.json").read_text(encoding="utf-8")
    return read(json.loads(text), SHIPPED_VERSION)


def is_frequent(name: str) -> npt.NDArray[np.bool_]:
    """By level, whether the value's frequency counts."""
    return np.array([level in FREQUENT[name] for level in COMPARATORS[name]])
