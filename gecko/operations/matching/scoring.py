"""The one scoring policy: levels and frequencies in, probabilities and lanes out. Every path ends in `score`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...models.duplicates import Lane
from .comparing import Compared, Flags, Levels, compare
from .frequencies import NONE_COUNTED, Frequencies
from .levels import COMPARATORS, FREQUENT, Email, First, Frequency, Last, Phone
from .signature import Signatures
from .weights import Weights, is_frequent, shipped

LANES: tuple[Lane | None, ...] = (None, Lane.SURE, Lane.PROBABLE, Lane.HOUSEHOLD, Lane.SAME_NAME)
"""Lanes by the number that `Scores.lane` holds; 0 is not worth showing."""

Floats = npt.NDArray[np.float64]
OF_ONE_AGE = 2.0
"""How much likelier one date of birth is between strangers of one first name: names go in and out of fashion. A name
that spreads by twelve years about its peak is so much denser there than people are over eighty years."""
_VALUES = {
    ("first", Frequency.NAME): "first", ("first", Frequency.SOUND): "full", ("last", Frequency.NAME): "last",
    ("last", Frequency.SOUND): "last_sound",
}  # fmt: skip


@dataclass(frozen=True)
class Context:
    """What scores rest on beside the pair itself: weights, and how frequent values are."""

    weights: Weights
    frequencies: Frequencies = NONE_COUNTED

    @cached_property
    def priors(self) -> tuple[float, float, float, float]:
        """The share of each class among all pairs."""
        return self.weights.priors(self.frequencies.customers, self.frequencies.pairs)


def shipped_context(frequencies: Frequencies = NONE_COUNTED) -> Context:
    """The shipped weights with the frequencies of a base."""
    return Context(shipped(), frequencies)


class Scores(NamedTuple):
    """A row for each pair: levels, P(one person), P(one household), log2 odds of one person, number of the lane."""

    levels: Levels
    probability: Floats
    household: Floats
    score: Floats
    lane: npt.NDArray[np.int8]


def score(left: Signatures, right: Signatures, context: Context) -> Scores:
    """Score pairs of signatures; which side is which makes no difference."""
    compared = compare(left, right)
    careful, careless, household, strangers = joint(compared, context)
    person = careful + careless
    rest = household + strangers
    probability = person / (person + rest)
    at_home = household / (person + rest)
    odds: Floats = np.round(np.log2(person / rest), 4).astype(np.float64)
    return Scores(compared.levels, probability, at_home, odds, lanes(compared.levels, probability, at_home, context))


def joint(compared: Compared, context: Context) -> list[Floats]:
    """By class of weights, the probability of the class and of what was found together."""
    found = [np.full(len(compared.levels), prior) for prior in context.priors]
    for number, name in enumerate(COMPARATORS):
        levels = compared.levels[:, number]
        for total, part in zip(found, likelihoods(name, levels, compared.values, context), strict=True):
            total *= part
    return found


def likelihoods(
    name: str, levels: npt.NDArray[np.uint8], values: dict[str, Any], context: Context
) -> tuple[Floats, Floats, Floats, Floats]:
    """By class, the probability of one comparator's levels; agreement on a frequent value is likelier by chance."""
    weights = context.weights
    person = weights.person[name][levels]
    careless = weights.careless[name][levels]
    household = weights.household[name][levels]
    strangers = weights.strangers[name][levels]
    if FREQUENT[name]:
        at = is_frequent_level(name)[levels].nonzero()[0]
        if len(at):
            chance = chances(name, levels[at], values, at, context.frequencies)
            by_chance = strangers[at] * chance
            household[at] += by_chance
            strangers[at] = by_chance
    return person, careless, household, strangers


def chances(
    name: str, levels: npt.NDArray[np.uint8], values: dict[str, Any], at: npt.NDArray[np.intp], counted: Frequencies
) -> Floats:
    """The chance of the values that agree at the rows `at`."""
    found = np.ones(len(at))
    kinds = _KINDS[name][levels]
    for kind in _COUNTED[name]:
        chosen = (kinds == int(kind)).nonzero()[0]
        if len(chosen):
            found[chosen] = counted.chance(kind, values[_VALUES.get((name, kind), name)][at[chosen]])
    if name == "first":
        crossed = (levels == First.SWAPPED).nonzero()[0]
        found[crossed] *= counted.chance(Frequency.SOUND, values["last_sound"][at[crossed]])
        for order in ("names", "turned_names"):
            found[crossed] = np.maximum(found[crossed], counted.chance(Frequency.NAMES, values[order][at[crossed]]))
    if name == "birth":
        found[values["namesakes"][at]] *= OF_ONE_AGE
    if name == "last":
        return np.maximum(found, _given_first(values, at, counted))
    return found


def _given_first(values: dict[str, Any], at: npt.NDArray[np.intp], counted: Frequencies) -> Floats:
    """The chance of a last name among those of one first name: names go together by origin and by age."""
    both = counted.chance(Frequency.NAMES, values["names"][at])
    return both / counted.chance(Frequency.NAME, values["first"][at])


_KINDS = {
    name: np.array([FREQUENT[name].get(level, Frequency.NONE) for level in levels], dtype=np.uint8)
    for name, levels in COMPARATORS.items()
}
_COUNTED = {name: sorted(set(kinds.values())) for name, kinds in FREQUENT.items()}
_FREQUENT_LEVELS = {name: is_frequent(name) > 0 for name in COMPARATORS}


def is_frequent_level(name: str) -> npt.NDArray[np.bool_]:
    """By level, whether the value's frequency counts."""
    return _FREQUENT_LEVELS[name]


def lanes(levels: Levels, probability: Floats, household: Floats, context: Context) -> npt.NDArray[np.int8]:
    """The lane of each pair, by its number in LANES."""
    limits = context.weights.thresholds
    lane = np.zeros(len(levels), dtype=np.int8)
    worth = probability >= limits.floor
    lane[worth & _same_name(levels)] = 4
    lane[(worth | _shared_contact(levels)) & (household >= limits.household)] = 3
    lane[probability >= limits.probable] = 2
    lane[probability >= limits.sure] = 1
    return lane


def _same_name(levels: Levels) -> Flags:
    return np.asarray((levels[:, 0] == First.SAME) & (levels[:, 1] == Last.SAME))


def _shared_contact(levels: Levels) -> Flags:
    """Whether both are reached at one mailbox or number: staff who search by these find both."""
    email, phone = levels[:, 3], levels[:, 4]
    return np.asarray(
        (email == Email.SAME)
        | (email == Email.DOTS)
        | (email == Email.SAME_OTHER_NAME)
        | ((phone >= Phone.MOBILE) & (phone <= Phone.BOTH))
    )
