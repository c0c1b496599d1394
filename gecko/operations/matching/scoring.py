"""The one scoring policy: levels and frequencies in, probabilities and lanes out. Every path ends in `score_rows`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...models.duplicates import Lane
from .arrays import Levels, Numbers, Records
from .comparing import Rows, compare_pair
from .compiling import compiled, compiled_with_arrays
from .levels import COMPARATORS, VALUES, Email, First, Last, Phone
from .likelihoods import together
from .policy import Context, Floats, Four, Policy
from .signature import Signatures, readable
from .similarity import Similarities
from .threads import shared, workers

LANES: tuple[Lane | None, ...] = (None, Lane.SURE, Lane.PROBABLE, Lane.HOUSEHOLD, Lane.SAME_NAME)
"""Lanes by the number that `Scores.lane` holds; 0 is not worth showing."""

ODDS_PLACES = 1e4
"""Odds are rounded to four decimal places."""
NEAR = 256
"""So many pairs of signatures are fetched together: one after the other each would be waited for."""
WORTH_SHARING = 4_096
"""More pairs than these are shared by threads."""


class Scores(NamedTuple):
    """A row for each pair: levels, P(one person), P(one household), log2 odds of one person (0 where there is no lane),
    number of the lane."""

    levels: Levels
    probability: Floats
    household: Floats
    score: Floats
    lane: npt.NDArray[np.int8]


def score_rows(
    signatures: Signatures, left: Rows, right: Rows, context: Context, similarities: Similarities | None = None
) -> Scores:
    """Score pairs of rows; which side is which makes no difference. similarities: of names compared before."""
    found = Scores(
        np.empty((len(left), _COMPARATORS), dtype=np.uint8),
        np.empty(len(left)),
        np.empty(len(left)),
        np.empty(len(left)),
        np.empty(len(left), dtype=np.int8),
    )
    similarities, wanted = similarities or Similarities(), np.arange(len(left))
    left, right = (np.ascontiguousarray(rows, dtype=np.int64) for rows in (left, right))
    sides = readable(signatures), left, right

    def of_part(part: Rows) -> tuple[Rows, Numbers]:
        missing = similarities.missing(len(part))
        again = _score(sides, part, similarities.known, missing, context.policy, found)
        return part[:again], missing

    while len(wanted):
        done = shared(of_part, np.array_split(wanted, workers()) if len(wanted) > WORTH_SHARING else [wanted])
        wanted = np.concatenate([again for again, _missing in done])
        for _again, missing in done:
            similarities.learn(missing)
    return found


@compiled_with_arrays
def _score(
    sides: tuple[Signatures, Rows, Rows], wanted: Rows, known: Records, missing: Numbers, policy: Policy, scores: Scores
) -> int:
    """Score the wanted pairs; those for which a similarity is missing are put first in `wanted` again, and counted."""
    signatures, left, right = sides
    weights, counts, customers, shares, limits = policy
    levels, probability, household, odds, lane = scores
    again = 0
    found, values = np.empty(_COMPARATORS, dtype=np.int64), np.empty(_VALUES, dtype=np.uint64)
    ours, theirs = np.empty(NEAR, dtype=signatures.dtype), np.empty(NEAR, dtype=signatures.dtype)
    for start in range(0, len(wanted), NEAR):
        these = min(NEAR, len(wanted) - start)
        for place in range(these):
            pair = wanted[start + place]
            ours[place], theirs[place] = signatures[left[pair]], signatures[right[pair]]
        for place in range(these):
            pair, missed = wanted[start + place], missing[0, 0]
            compare_pair(ours[place], theirs[place], known, missing, found, values)
            if missing[0, 0] > missed or missing[0, 0] == len(missing) - 1:
                wanted[again] = pair
                again += 1
                continue
            careful, careless, at_home, strangers = together(found, values, weights, counts, customers, shares)
            person, rest = careful + careless, at_home + strangers
            probability[pair], household[pair] = person / (person + rest), at_home / (person + rest)
            lane[pair] = _lane(found, probability[pair], household[pair], limits)
            odds[pair] = np.rint(np.log2(person / rest) * ODDS_PLACES) / ODDS_PLACES if lane[pair] else 0.0
            for comparator in range(_COMPARATORS):
                levels[pair, comparator] = found[comparator]
    return again


_COMPARATORS, _VALUES = len(COMPARATORS), len(VALUES)
_FIRST, _LAST, _EMAIL, _PHONE = (list(COMPARATORS).index(name) for name in ("first", "last", "email", "phone"))


@compiled
def _lane(levels: Numbers, probability: float, household: float, limits: Four) -> int:
    """The lane of a pair, by its number in LANES."""
    if probability >= limits[0]:
        return 1
    if probability >= limits[1]:
        return 2
    is_worth = probability >= limits[3]
    if (is_worth or _is_contact_shared(levels)) and household >= limits[2]:
        return 3
    return 4 if is_worth and levels[_FIRST] == First.SAME and levels[_LAST] == Last.SAME else 0


@compiled
def _is_contact_shared(levels: Numbers) -> bool:
    """Whether both are reached at one mailbox or number: staff who search by these find both."""
    email, phone = levels[_EMAIL], levels[_PHONE]
    is_one_mailbox = email == Email.SAME or email == Email.DOTS or email == Email.SAME_OTHER_NAME
    return bool(is_one_mailbox or Phone.MOBILE <= phone <= Phone.BOTH)
