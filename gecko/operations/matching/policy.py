"""What scores rest on beside the pair itself: weights, how frequent values are, thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .arrays import Records
from .frequencies import NONE_COUNTED, Frequencies
from .levels import COMPARATORS
from .weights import CLASSES, Weights, shipped

Four = tuple[float, float, float, float]
Floats = npt.NDArray[np.float64]


class Policy(NamedTuple):
    """What scores rest on, as compiled code takes it.

    weights: of all levels behind each other, a column for each class. counts, customers: see Frequencies. shares: of
    each class among all pairs. limits: sure, probable, household, floor (see Thresholds).
    """

    weights: Floats
    counts: Records
    customers: float
    shares: Four
    limits: Four


@dataclass(frozen=True)
class Context:
    """What scores rest on beside the pair itself: weights, and how frequent values are."""

    weights: Weights
    frequencies: Frequencies = NONE_COUNTED

    @cached_property
    def priors(self) -> Four:
        """The share of each class among all pairs."""
        return self.weights.priors(self.frequencies.customers, self.frequencies.pairs)

    @cached_property
    def policy(self) -> Policy:
        """The same as arrays."""
        rows = [[getattr(self.weights, group)[name] for name in COMPARATORS] for group in CLASSES]
        limits = self.weights.thresholds
        tables = np.ascontiguousarray(np.array([np.concatenate(row) for row in rows]).T)
        thresholds = limits.sure, limits.probable, limits.household, limits.floor
        counted = self.frequencies
        return Policy(tables, counted.counts, float(counted.customers), self.priors, thresholds)


def shipped_context(frequencies: Frequencies = NONE_COUNTED) -> Context:
    """The shipped weights with the frequencies of a base."""
    return Context(shipped(), frequencies)
