"""The one scoring policy: levels and frequencies in, probabilities and lanes out. Every path ends in `score`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...models.duplicates import Lane
from .arrays import Flags, Levels
from .comparing import Compared, compare
from .frequencies import NONE_COUNTED, Frequencies
from .levels import COMPARATORS, FREQUENT, Email, First, Frequency, Last, Phone
from .signature import Signatures
from .weights import CLASSES, Weights, shipped

LANES: tuple[Lane | None, ...] = (None, Lane.SURE, Lane.PROBABLE, Lane.HOUSEHOLD, Lane.SAME_NAME)
"""Lanes by the number that `Scores.lane` holds; 0 is not worth showing."""

Floats = npt.NDArray[np.float64]
OF_ONE_AGE = 2.0
"""How much likelier one date of birth is between strangers of one first name: names go in and out of fashion. A name
that spreads by twelve years about its peak is so much denser there than people are over eighty years."""
Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Context:
    """What scores rest on beside the pair itself: weights, and how frequent values are."""

    weights: Weights
    frequencies: Frequencies = NONE_COUNTED

    @cached_property
    def priors(self) -> tuple[float, float, float, float]:
        """The share of each class among all pairs."""
        return self.weights.priors(self.frequencies.customers, self.frequencies.pairs)

    @cached_property
    def tables(self) -> Floats:
        """The weights, a row for each class, with the levels of all comparators behind each other."""
        rows = [[getattr(self.weights, group)[name] for name in COMPARATORS] for group in CLASSES]
        return np.array([np.concatenate(row) for row in rows])


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


def joint(compared: Compared, context: Context) -> Floats:
    """A row for each class of weights: the probability of the class and of what was found together."""
    whole: Floats = np.multiply.reduce(likelihoods(compared, context), axis=1)
    whole *= np.array(context.priors)[:, None]
    return whole


def likelihoods(compared: Compared, context: Context) -> Floats:
    """The probability of what was found, by class, comparator and pair.

    Agreement on a frequent value is likelier by chance, among strangers and, beside what they share, among relatives.
    """
    wanted = compared.levels.T + _FIRST_LEVEL
    found: Floats = context.tables.take(wanted, axis=1)
    comparator, pair = _IS_FREQUENT.take(wanted).nonzero()
    if len(pair):
        by_chance = found[_STRANGERS, comparator, pair] * _chances(wanted, compared.values, context, comparator, pair)
        found[_HOUSEHOLD, comparator, pair] += by_chance
        found[_STRANGERS, comparator, pair] = by_chance
    return found


def _chances(wanted: Places, values: Mapping[str, Any], context: Context, comparator: Places, pair: Places) -> Floats:
    """The chance of the values that agree, by the comparators and the pairs where they do."""
    counted = context.frequencies
    level = wanted[comparator, pair]
    every = np.stack([values[name] for name in _SOURCES], dtype=np.uint64, casting="unsafe")
    found = counted.chances(_KIND.take(level), every[_SOURCE.take(level), pair])
    crossed = (level == First.SWAPPED).nonzero()[0]
    if len(crossed):
        found[crossed] = _crossed(found[crossed], values, counted, pair[crossed])
    last = (comparator == _LAST).nonzero()[0]
    found[last] = np.maximum(found[last], _given_first(values, counted, pair[last]))
    found[(comparator == _BIRTH) & values["namesakes"][pair]] *= OF_ONE_AGE
    return found


def _crossed(one_sound: Floats, values: Mapping[str, Any], counted: Frequencies, pair: Places) -> Floats:
    """The chance of both names where they changed places: that of both sounds, or of one who has both names."""
    found = one_sound * counted.chance(Frequency.SOUND, values["last_sound"][pair])
    for order in ("names", "turned_names"):
        found = np.maximum(found, counted.chance(Frequency.NAMES, values[order][pair]))
    return found


def _given_first(values: Mapping[str, Any], counted: Frequencies, pair: Places) -> Floats:
    """The chance of a last name among those of one first name: names go together by origin and by age."""
    kinds = np.repeat(np.array([Frequency.NAMES, Frequency.NAME]), len(pair))
    found = counted.chances(kinds, np.concatenate((values["names"][pair], values["first"][pair])))
    return np.asarray(found[: len(pair)] / found[len(pair) :])


_HOUSEHOLD, _STRANGERS = CLASSES.index("household"), CLASSES.index("strangers")
_LAST, _BIRTH = (list(COMPARATORS).index(name) for name in ("last", "birth"))
_SIZES = [len(levels) for levels in COMPARATORS.values()]
_FIRST_LEVEL = np.cumsum([0, *_SIZES[:-1]])[:, None]
"""Where the levels of each comparator begin, when all stand in one row."""
_KIND = np.array(
    [FREQUENT[name].get(level, Frequency.NONE) for name, levels in COMPARATORS.items() for level in levels]
)
_IS_FREQUENT = _KIND != Frequency.NONE
_VALUES = {
    ("first", Frequency.NAME): "first", ("first", Frequency.SOUND): "full", ("last", Frequency.NAME): "last",
    ("last", Frequency.SOUND): "last_sound",
}  # fmt: skip
_SOURCES = ("first", "full", "last", "last_sound", "email", "phone", "address", "birth")
"""The values that can agree."""
_SOURCE = np.array(
    [
        _SOURCES.index(_VALUES.get((name, FREQUENT[name][level]), name)) if level in FREQUENT[name] else 0
        for name, levels in COMPARATORS.items() for level in levels
    ]
)  # fmt: skip


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
