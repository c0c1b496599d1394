"""How likely it is that two customers agree as they do, were they one person, of one household or strangers."""

from __future__ import annotations

import numpy as np

from .arrays import Numbers, Records
from .comparing import Compared
from .compiling import compiled
from .frequencies import chance
from .levels import COMPARATORS, FREQUENT, VALUES, First, Frequency
from .policy import Context, Floats, Four, Policy
from .weights import CLASSES

OF_ONE_AGE = 2.0
"""How much likelier one date of birth is between strangers of one first name: names go in and out of fashion. A name
that spreads by twelve years about its peak is so much denser there than people are over eighty years."""
_SOUND, _NAMES, _NAME = int(Frequency.SOUND), int(Frequency.NAMES), int(Frequency.NAME)
_NOTHING = np.uint64(0)
_COMPARATORS, _CLASSES = len(COMPARATORS), len(CLASSES)
_FIRST, _LAST, _BIRTH = (list(COMPARATORS).index(name) for name in ("first", "last", "birth"))
_FIRST_VALUE, _LAST_SOUND_VALUE, _NAMES_VALUE, _TURNED_VALUE = (
    VALUES.index(name) for name in ("first", "last_sound", "names", "turned_names")
)
_FIRST_LEVEL = np.cumsum([0, *(len(levels) for levels in list(COMPARATORS.values())[:-1])])
"""Where the levels of each comparator begin, when all stand in one row."""
_KIND = np.array(
    [int(FREQUENT[name].get(level, Frequency.NONE)) for name, levels in COMPARATORS.items() for level in levels]
)
_BY_KIND = {
    ("first", Frequency.NAME): "first", ("first", Frequency.SOUND): "full", ("last", Frequency.NAME): "last",
    ("last", Frequency.SOUND): "last_sound",
}  # fmt: skip
_SOURCE = np.array(
    [
        VALUES.index(_BY_KIND.get((name, FREQUENT[name][level]), name)) if level in FREQUENT[name] else 0
        for name, levels in COMPARATORS.items() for level in levels
    ]
)  # fmt: skip
"""By level, which of the values agrees."""


def joint(compared: Compared, context: Context) -> Floats:
    """A row for each class of weights: the probability of the class and of what was found together."""
    found = np.empty((_CLASSES, len(compared.levels)))
    _fill_joint(compared.levels.astype(np.int64), compared.values, context.policy, found)
    return found


def likelihoods(compared: Compared, context: Context) -> Floats:
    """The probability of what was found, by class, comparator and pair."""
    found = np.empty((len(compared.levels), _COMPARATORS, _CLASSES))
    _fill_all(compared.levels.astype(np.int64), compared.values, context.policy, found)
    return found.transpose(2, 1, 0)


@compiled
def _fill_joint(levels: Numbers, values: Numbers, policy: Policy, found: Floats) -> None:
    for pair in range(len(levels)):
        found[0, pair], found[1, pair], found[2, pair], found[3, pair] = together(
            levels[pair], values[pair], policy.weights, policy.counts, policy.customers, policy.shares
        )


@compiled
def _fill_all(levels: Numbers, values: Numbers, policy: Policy, found: Floats) -> None:
    for pair in range(len(levels)):
        for comparator in range(_COMPARATORS):
            one = found[pair, comparator]
            one[0], one[1], one[2], one[3] = _of_one(
                comparator, levels[pair], values[pair], policy.weights, policy.counts, policy.customers
            )


@compiled
def together(
    levels: Numbers, values: Numbers, weights: Floats, counts: Records, customers: float, shares: Four
) -> Four:
    """The probability of each class, and of all that was found in it."""
    careful, careless, at_home, strangers = _of_one(0, levels, values, weights, counts, customers)
    for comparator in range(1, _COMPARATORS):
        one, two, three, four = _of_one(comparator, levels, values, weights, counts, customers)
        careful, careless, at_home, strangers = careful * one, careless * two, at_home * three, strangers * four
    return careful * shares[0], careless * shares[1], at_home * shares[2], strangers * shares[3]


@compiled
def _of_one(
    comparator: int, levels: Numbers, values: Numbers, weights: Floats, counts: Records, customers: float
) -> Four:
    """The probability of what one comparator found in one pair, by class.

    Agreement on a frequent value is likelier by chance, among strangers and, beside what they share, among relatives.
    """
    at = _FIRST_LEVEL[comparator] + levels[comparator]
    at_home, strangers = weights[at, 2], weights[at, 3]
    if _KIND[at] != 0:
        strangers *= _chance(comparator, at, levels, values, counts, customers)
        at_home += strangers
    return weights[at, 0], weights[at, 1], at_home, strangers


@compiled
def _chance(comparator: int, at: int, levels: Numbers, values: Numbers, counts: Records, customers: float) -> float:
    """The chance of the value that agrees."""
    found = chance(_KIND[at], values[_SOURCE[at]], counts, customers)
    if comparator == _FIRST and levels[_FIRST] == First.SWAPPED:  # of both sounds, or of one who has both names
        found *= chance(_SOUND, values[_LAST_SOUND_VALUE], counts, customers)
        found = max(found, chance(_NAMES, values[_NAMES_VALUE], counts, customers))
        return max(found, chance(_NAMES, values[_TURNED_VALUE], counts, customers))
    if comparator == _LAST and values[_NAMES_VALUE] != _NOTHING:
        # among those of one first name: names go together by origin and by age
        together = chance(_NAMES, values[_NAMES_VALUE], counts, customers)
        return max(found, together / chance(_NAME, values[_FIRST_VALUE], counts, customers))
    if comparator == _BIRTH and _is_namesake(levels[_FIRST]):
        return float(found * OF_ONE_AGE)
    return float(found)


@compiled
def _is_namesake(first: int) -> bool:
    return first == First.SAME or first == First.PET or first == First.SWAPPED
