"""How alike texts are: names letter by letter, others by the pairs of letters they share."""

from __future__ import annotations

from typing import Any

import numpy as np
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from .arrays import Flags, Numbers
from .signature import letter_set, spell

SLIP, ALIKE, SOUNDING, _LONG = 0.9, 0.8, 0.7, 0.94
"""From which Jaro-Winkler similarity on a name is taken as mistyped, or as merely alike."""
_FEW = 200
"""So many names are compared sooner than it is told which of them could be alike."""
_ROUNDING = 1e-9


def similarity(one: Numbers, other: Numbers, near: Flags | None = None) -> Numbers:
    """Jaro-Winkler similarity of names in letters; 0 where one is missing or their letters allow none worth a level.

    near: of which names less is asked, as they sound alike.
    What takes more than a slip (two in names so long that they stay much alike) is at most alike: Jade is no Jayden.
    """
    found = np.zeros(len(one))
    worth = (one != 0) & (other != 0)
    if len(one) > _FEW:
        least = ALIKE if near is None else np.where(near, SOUNDING, ALIKE)
        worth &= most_alike(one, other, letter_set(one), letter_set(other)) >= least - _ROUNDING
    at = worth.nonzero()[0]
    if not len(at):
        return found
    left, right = spell(one[at]), spell(other[at])
    alike = cpdist(left, right, scorer=JaroWinkler.normalized_similarity, dtype=np.float64)
    slipped = np.flatnonzero(alike >= SLIP)
    if len(slipped):
        left, right = [left[place] for place in slipped.tolist()], [right[place] for place in slipped.tolist()]
        slips = cpdist(left, right, scorer=OSA.distance, dtype=np.int32)
        alike[slipped[slips > np.where(alike[slipped] >= _LONG, 2, 1)]] = ALIKE
    found[at] = alike
    return found


def most_alike(
    one: Numbers, other: Numbers, letters: tuple[Numbers, Numbers], others: tuple[Numbers, Numbers]
) -> Numbers:
    """How alike names can be by Jaro-Winkler at most: a letter that only one name has matches nothing."""
    (letters_1, length_1), (letters_2, length_2) = letters, others
    matched = np.minimum(
        length_1 - np.bitwise_count(letters_1 & ~letters_2), length_2 - np.bitwise_count(letters_2 & ~letters_1)
    )
    jaro = (matched / np.maximum(length_1, 1) + matched / np.maximum(length_2, 1) + 1) / 3
    apart = one ^ other
    prefix = sum((apart & np.uint64((1 << 5 * letters) - 1) == 0).view(np.uint8) for letters in range(1, 5))
    return np.asarray(jaro + 0.1 * prefix * (1 - jaro))


def overlap(one: Numbers, other: Numbers, of: Any) -> Numbers:
    """The share of letter pairs in common, of the larger (np.maximum) or the smaller (np.minimum) set."""
    size = of(np.bitwise_count(one), np.bitwise_count(other))
    return np.asarray(np.bitwise_count(one & other) / np.maximum(size, 1))
