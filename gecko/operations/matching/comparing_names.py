"""Names against names: first, last and middle ones, in whatever order and field they stand."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .arrays import Numbers, Records, Whole
from .compiling import compiled
from .levels import VALUES, First, Last, Middle
from .normalising import MOST_MIDDLE
from .signature import LETTERS_MASK, MAILBOX_LETTERS, MAILBOX_PAIRS
from .similarity import ALIKE, SLIP, SOUNDING, how_alike, ones

_PAIRS_OF_A_NAME = 4
"""Names of fewer letter pairs stand in mailboxes by chance."""
_SOUND, _LETTER = 5, 31
_NOTHING, _ONE, _CODE, _CODE_BITS = np.uint64(0), np.uint64(1), np.uint64(31), np.uint64(5)
_FIRST_SPREAD, _LAST_SPREAD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_FIRST, _LAST, _FULL, _LAST_SOUND, _NAMES, _TURNED = (
    VALUES.index(name) for name in ("first", "last", "full", "last_sound", "names", "turned_names")
)


class Name(NamedTuple):
    """First and last name of one side, in letters, and their codes of sound and initial (see signature)."""

    first: Whole
    last: Whole
    full: Whole
    first_sound: Whole
    last_sound: Whole


@compiled
def names_alike(first: Whole, last: Whole) -> bool:
    """Whether first and last name are as those of one person would be."""
    return bool(0 < first <= First.SWAPPED and last != Last.OTHER and last != Last.ALIKE)


@compiled
def names(left: Any, right: Any, known: Records, missing: Numbers, values: Numbers) -> tuple[Whole, Whole]:
    """The levels of first and last names; what agrees is written to `values`."""
    one, other = _name(left), _name(right)
    one = _settled(one, other, known, missing)
    other = _settled(other, one, known, missing)
    first = _first(one, other, left, right, known, missing)
    last = _last(one, other, left, right, known, missing)
    values[_FIRST], values[_LAST] = one.first, one.last
    values[_FULL], values[_LAST_SOUND] = min(one.full, other.full), one.last_sound >> _SOUND
    if first >= First.MIDDLE and last >= Last.PART:
        first, last = _crossed(one, other, first, last, known, missing, values)
    if last == Last.OTHER and 0 < first <= First.INITIAL and _is_name_kept(left, right):
        last = Last.MAILBOX
    is_swapped = first == First.SWAPPED
    is_both = first == First.SAME and last == Last.SAME
    values[_NAMES] = whole_name(one.first, one.last) if is_both or is_swapped else _NOTHING
    values[_TURNED] = whole_name(other.first, other.last) if is_swapped else _NOTHING
    return first, last


@compiled
def whole_name(first: Whole, last: Whole) -> Whole:
    """A number for first and last name together; 0 where there is only one."""
    if first == _NOTHING or last == _NOTHING:
        return _NOTHING
    return (first * _FIRST_SPREAD ^ last * _LAST_SPREAD) >> _ONE


@compiled
def _name(side: Any) -> Name:
    return Name(side.first, side.last, np.int64(side.full), np.int64(side.first_sound), np.int64(side.last_sound))


@compiled
def _settled(single: Name, whole: Name, known: Records, missing: Numbers) -> Name:
    """A name of one word is a last name where the other's last name sounds like it."""
    if single.last != _NOTHING or whole.last == _NOTHING or single.first == _NOTHING:
        return single
    is_last = single.full == whole.last_sound >> _SOUND and single.full != whole.full
    if not is_last:
        to_last = how_alike(single.first, whole.last, ALIKE, known, missing)
        is_last = to_last >= SLIP and to_last > how_alike(single.first, whole.first, ALIKE, known, missing)
    if not is_last:
        return single
    return Name(_NOTHING, single.first, 0, 0, single.full << _SOUND | single.first_sound & _LETTER)


@compiled
def _first(one: Name, other: Name, left: Any, right: Any, known: Records, missing: Numbers) -> Whole:
    if one.first == _NOTHING or other.first == _NOTHING:
        return First.UNKNOWN
    sound_1, sound_2 = one.first_sound >> _SOUND, other.first_sound >> _SOUND
    if (sound_1 == 0 or sound_2 == 0) and (one.first_sound ^ other.first_sound) & _LETTER == 0:
        return First.INITIAL
    if one.first == other.first:
        return First.SAME
    is_near = sound_1 == sound_2 and sound_1 != 0
    if not is_near and one.full == other.full and one.full != 0:
        return First.PET
    alike = how_alike(one.first, other.first, SOUNDING if is_near else ALIKE, known, missing)
    if is_near and alike >= SOUNDING:
        return First.SOUND
    if alike >= SLIP:
        return First.SLIP
    if _is_among(one.full, right) or _is_among(other.full, left):
        return First.MIDDLE
    return First.ALIKE if alike >= ALIKE else First.OTHER


@compiled
def _last(one: Name, other: Name, left: Any, right: Any, known: Records, missing: Numbers) -> Whole:
    if one.last == _NOTHING or other.last == _NOTHING:
        return Last.UNKNOWN
    if one.last == other.last:
        return Last.SAME
    sound_1, sound_2 = one.last_sound >> _SOUND, other.last_sound >> _SOUND
    is_near = sound_1 == sound_2 and sound_1 != 0
    alike = how_alike(one.last, other.last, SOUNDING if is_near else ALIKE, known, missing)
    if is_near and alike >= SOUNDING:
        return Last.SOUND
    if alike >= SLIP:
        return Last.SLIP
    if _is_among(sound_1, right) or _is_among(sound_2, left):
        return Last.PART
    return Last.ALIKE if alike >= ALIKE else Last.OTHER


@compiled
def _crossed(
    one: Name, other: Name, first: Whole, last: Whole, known: Records, missing: Numbers, values: Numbers
) -> tuple[Whole, Whole]:
    """Levels of names that may have changed places, where read straight neither first nor last names agree."""
    last_1, last_2 = one.last_sound >> _SOUND, other.last_sound >> _SOUND
    if last_1 == 0 or last_2 == 0 or one.full == other.full or last_1 == last_2:
        return first, last
    here, back = one.full == last_2, last_1 == other.full
    if not (here or back):
        return first, last
    values[_FULL] = min(one.full, last_1)
    if here and back:
        values[_LAST_SOUND] = max(one.full, last_1)
        return First.SWAPPED, Last.UNKNOWN
    values[_LAST_SOUND] = one.full if here else last_1
    if here:
        return _rest(one.last, other.first, one.last_sound, other.first_sound, known, missing), Last.SWAPPED
    return _rest(one.first, other.last, one.first_sound, other.last_sound, known, missing), Last.SWAPPED


@compiled
def _rest(one: Whole, other: Whole, code: Whole, other_code: Whole, known: Records, missing: Numbers) -> Whole:
    """What the names are to each other that are left where one changed places."""
    if (code ^ other_code) & _LETTER == 0 and (code >> _SOUND == 0 or other_code >> _SOUND == 0):
        return First.INITIAL
    alike = how_alike(one, other, ALIKE, known, missing)
    if alike >= SLIP:
        return First.SLIP
    return First.ALIKE if alike >= ALIKE else First.OTHER


@compiled
def _is_name_kept(left: Any, right: Any) -> bool:
    """Whether a last name stands in the mailbox of somebody whose name is another: people keep theirs when they
    marry."""
    return bool(left.email != right.email and (_stands_in(left.last, right) or _stands_in(right.last, left)))


@compiled
def _stands_in(last: Whole, other: Any) -> bool:
    """Whether a last name, spelled as in a mailbox, stands in the other's."""
    if other.email == 0:
        return False
    found, before, rest = _NOTHING, 0, last & LETTERS_MASK
    while rest != _NOTHING:
        code = np.int64(rest & _CODE)
        for place in range(2):
            letter = MAILBOX_LETTERS[code, place]
            if letter and before:
                pair = MAILBOX_PAIRS[before, letter]
                if other.local_pairs & pair == _NOTHING:
                    return False
                found |= pair
            if letter:
                before = letter
        rest = rest >> _CODE_BITS
    return bool(ones(found) >= _PAIRS_OF_A_NAME)


@compiled
def _is_among(sound: Whole, other: Any) -> bool:
    """Whether a name sounds like one of the other's middle names."""
    if sound == 0:
        return False
    found = False
    for place in range(MOST_MIDDLE):
        found |= np.int64(other.middle[place]) >> _SOUND == sound
    return found


@compiled
def middle_names(left: Any, right: Any) -> Whole:
    """Middle names: one in common, one that an initial may stand for, or none."""
    if left.middle[0] == 0 or right.middle[0] == 0:
        return Middle.UNKNOWN
    found = Middle.OTHER
    for place in range(MOST_MIDDLE):
        for other_place in range(MOST_MIDDLE):
            code, other = np.int64(left.middle[place]), np.int64(right.middle[other_place])
            if code == 0 or other == 0:
                continue
            sound, other_sound = code >> _SOUND, other >> _SOUND
            if sound == other_sound and sound != 0:
                return Middle.SAME
            if (sound == 0 or other_sound == 0) and (code ^ other) & _LETTER == 0:
                found = Middle.INITIAL
    return found
