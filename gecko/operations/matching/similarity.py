"""How alike texts are: names letter by letter, others by the pairs of letters they share.

Compiled code asks for the similarity of two names in a table of those that are known. What it misses is told by
RapidFuzz and put there; then it asks again.
"""

from __future__ import annotations

import numpy as np
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from .arrays import Numbers, Records, Whole
from .compiling import compiled
from .signature import LETTER_BITS, MOST_LETTERS, spell

SLIP, ALIKE, SOUNDING, _LONG = 0.9, 0.8, 0.7, 0.94
"""From which Jaro-Winkler similarity on a name is taken as mistyped, or as merely alike."""
_ROUNDING = 1e-9
_SPREAD, _OTHER_SPREAD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_HALF, _LETTER = np.uint64(32), np.uint64(31)
_PAIRS, _FOURS, _EIGHTS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333), np.uint64(0x0F0F0F0F0F0F0F0F)
_BYTES, _ONE, _TWO, _FOUR, _TOP = np.uint64(0x0101010101010101), np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(56)
_NOTHING = np.uint64(0)
_LOWEST = np.uint64(sum(1 << LETTER_BITS * place for place in range(MOST_LETTERS)))
_PREFIXES = tuple(np.uint64((1 << LETTER_BITS * letters) - 1) for letters in range(1, 5))
_FEW = 256


_PAIR = np.dtype([("lower", "<u8"), ("higher", "<u8"), ("alike", "<f8")])


class Similarities:
    """The names that were compared so far, scattered over the places of a table by a product."""

    def __init__(self) -> None:
        self._held = 0
        self.known = np.zeros(2 * _FEW, dtype=_PAIR)

    def missing(self, pairs: int) -> Numbers:
        """An empty list of what may be missed when so many pairs are compared; its first row says how much it is."""
        return np.zeros((pairs + 2, 2), dtype=np.uint64)

    def learn(self, missing: Numbers) -> None:
        """Find what was missed."""
        missing = missing[1 : 1 + int(missing[0, 0])]
        if not len(missing):
            return
        size = len(self.known)
        while 2 * (self._held + len(missing)) > size:
            size *= 2
        if size > len(self.known):
            before, self.known = self.known, np.zeros(size, dtype=_PAIR)
            _move(before, self.known)
        places = np.empty(len(missing), dtype=np.int64)
        places = places[: _put(missing, self.known, places)]
        self._held += len(places)
        fresh = self.known[places]
        self.known["alike"][places] = similarity(fresh["lower"], fresh["higher"])


def similarity(one: Numbers, other: Numbers) -> Numbers:
    """Jaro-Winkler similarity of names in letters.

    What takes more than a slip (two in names so long that they stay much alike) is at most alike: Jade is no Jayden.
    """
    left, right = spell(one), spell(other)
    alike: Numbers = cpdist(left, right, scorer=JaroWinkler.normalized_similarity, dtype=np.float64)
    slipped = np.flatnonzero(alike >= SLIP)
    if len(slipped):
        left, right = [left[place] for place in slipped.tolist()], [right[place] for place in slipped.tolist()]
        slips = cpdist(left, right, scorer=OSA.distance, dtype=np.int32)
        alike[slipped[slips > np.where(alike[slipped] >= _LONG, 2, 1)]] = ALIKE
    return alike


@compiled
def how_alike(one: Whole, other: Whole, least: float, known: Records, missing: Numbers) -> float:
    """The similarity of two names; 0 where one is missing, where they cannot be as much as `least` alike, and where it
    is not known yet (then it is put among the missing)."""
    if one == _NOTHING or other == _NOTHING or most_alike(one, other) < least - _ROUNDING:
        return 0.0
    lower, higher = min(one, other), max(one, other)
    place = _place(lower, higher, known)
    if known[place].lower != _NOTHING:
        return float(known[place].alike)
    row = np.int64(missing[0, 0]) + 1
    if row < len(missing):
        missing[row, 0], missing[row, 1] = lower, higher
        missing[0, 0] = np.uint64(row)
    return 0.0


@compiled
def _place(lower: Whole, higher: Whole, known: Records) -> Whole:
    """Where two names stand, or would stand."""
    last = len(known) - 1
    place = np.int64((lower * _SPREAD ^ higher * _OTHER_SPREAD) >> _HALF) & last
    while known[place].lower != _NOTHING and (known[place].lower != lower or known[place].higher != higher):
        place = (place + 1) & last
    return place


@compiled
def _put(missing: Numbers, known: Records, places: Numbers) -> Whole:
    """Give names places; returns how many are new, `places` says where these stand."""
    fresh = 0
    for row in range(len(missing)):
        lower, higher = missing[row, 0], missing[row, 1]
        place = _place(lower, higher, known)
        if known[place].lower == _NOTHING:
            known[place].lower, known[place].higher = lower, higher
            places[fresh] = place
            fresh += 1
    return fresh


@compiled
def _move(before: Records, known: Records) -> None:
    """Put all of a table into a larger one."""
    for row in range(len(before)):
        if before[row].lower != _NOTHING:
            known[_place(before[row].lower, before[row].higher, known)] = before[row]


@compiled
def most_alike(one: Whole, other: Whole) -> float:
    """How alike names can be by Jaro-Winkler at most: a letter that only one name has matches nothing."""
    letters_1, letters_2, length_1, length_2 = _letters(one), _letters(other), _length(one), _length(other)
    matched = min(length_1 - ones(letters_1 & ~letters_2), length_2 - ones(letters_2 & ~letters_1))
    jaro = (matched / max(length_1, 1) + matched / max(length_2, 1) + 1) / 3
    apart = one ^ other
    prefix = 0
    for letters in range(4):
        prefix += int(apart & _PREFIXES[letters] == _NOTHING)
    return float(jaro + 0.1 * prefix * (1 - jaro))


@compiled
def _letters(name: Whole) -> Whole:
    """Which letters stand in a name, a bit each."""
    found = _NOTHING
    for place in range(MOST_LETTERS):
        found |= _ONE << (name >> np.uint64(LETTER_BITS * place) & _LETTER)
    return found & ~_ONE


@compiled
def _length(name: Whole) -> Whole:
    """How many letters stand in a name: the groups of bits that are not zero, each folded into its lowest bit."""
    folded = name | name >> _ONE
    return ones((folded | folded >> _TWO | name >> _FOUR) & _LOWEST)


@compiled
def ones(bits: Whole) -> Whole:
    """How many bits are set."""
    bits = bits - (bits >> _ONE & _PAIRS)
    bits = (bits & _FOURS) + (bits >> _TWO & _FOURS)
    bits = (bits + (bits >> _FOUR)) & _EIGHTS
    return np.int64(bits * _BYTES >> _TOP)


@compiled
def share(one: Whole, other: Whole, size: Whole) -> float:
    """The share of letter pairs in common, of a set of this size."""
    return float(ones(one & other) / max(size, 1))
