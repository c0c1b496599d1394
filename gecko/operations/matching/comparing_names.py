"""Names against names: first, last and middle ones, in whatever order and field they stand."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .arrays import Flags, Levels, Numbers
from .levels import First, Last, Middle
from .signature import Columns, name_pairs
from .similarity import ALIKE, SLIP, SOUNDING, similarity

_PAIRS_OF_A_NAME = 4
"""Names of fewer letter pairs stand in mailboxes by chance."""
_SOUND, _LETTER = np.uint32(5), np.uint32(31)


class _Side(NamedTuple):
    first: Numbers
    last: Numbers
    full: Numbers
    first_sound: Numbers
    last_sound: Numbers


def names_alike(levels: Levels) -> Flags:
    """Whether first and last name are as those of one person would be."""
    first, last = levels[:, 0], levels[:, 1]
    return np.asarray((first > 0) & (first <= First.SWAPPED) & (last != Last.OTHER) & (last != Last.ALIKE))


def names(left: Columns, right: Columns, levels: Levels, values: dict[str, Numbers]) -> None:
    """First and last names."""
    one, other = _side(left), _side(right)
    _settle_single(one, other)
    values["first"], values["last"] = one.first, one.last
    values["full"], values["last_sound"] = np.minimum(one.full, other.full), one.last_sound >> _SOUND
    levels[:, 0] = _first(one, other, left, right)
    levels[:, 1] = _last(one, other, left, right)
    _settle_crossed(one, other, levels, values)
    _settle_mailbox(left, right, levels)
    both = (levels[:, 0] == First.SAME) & (levels[:, 1] == Last.SAME)
    swapped = levels[:, 0] == First.SWAPPED
    values["names"] = np.where(both | swapped, whole_name(one.first, one.last), 0)
    values["turned_names"] = np.where(swapped, whole_name(other.first, other.last), 0)


def whole_name(first: Numbers, last: Numbers) -> Numbers:
    """A number for first and last name together; 0 where there is only one."""
    mixed = (first * np.uint64(0x9E3779B97F4A7C15)) ^ (last * np.uint64(0xC2B2AE3D27D4EB4F))
    return np.where((first != 0) & (last != 0), mixed >> np.uint64(1), np.uint64(0))


def _side(signatures: Columns) -> _Side:
    return _Side(*(signatures[name].copy() for name in _Side._fields))


def _settle_single(one: _Side, other: _Side) -> None:
    """A name of one word is a last name where the other's last name sounds like it."""
    for single, whole in ((one, other), (other, one)):
        at = ((single.last == 0) & (whole.last != 0) & (single.first != 0)).nonzero()[0]
        if not len(at):
            continue
        sounds = single.full[at]
        is_last = (sounds == whole.last_sound[at] >> _SOUND) & (sounds != whole.full[at])
        rest = (~is_last).nonzero()[0]
        to_last = similarity(single.first[at[rest]], whole.last[at[rest]])
        to_first = similarity(single.first[at[rest]], whole.first[at[rest]])
        is_last[rest] = (to_last >= SLIP) & (to_last > to_first)
        at = at[is_last]
        single.last[at] = single.first[at]
        single.last_sound[at] = single.full[at] << _SOUND | single.first_sound[at] & _LETTER
        single.first[at], single.first_sound[at], single.full[at] = 0, 0, 0


def _crossed(one: _Side, other: _Side) -> tuple[Flags, Numbers]:
    """Whether first and last names changed places, by a sound that both have (0: by both); and that sound."""
    last_1, last_2 = one.last_sound >> _SOUND, other.last_sound >> _SOUND
    there = (last_1 != 0) & (last_2 != 0) & (one.full != other.full) & (last_1 != last_2)
    here, back = there & (one.full == last_2), there & (last_1 == other.full)
    return np.asarray(here | back), np.where(here & back, 0, np.where(here, one.full, last_1))


def _first(one: _Side, other: _Side, left: Columns, right: Columns) -> Levels:
    level = np.full(len(one.first), First.OTHER, dtype=np.uint8)
    sound_1, sound_2 = one.first_sound >> _SOUND, other.first_sound >> _SOUND
    initial = ((sound_1 == 0) | (sound_2 == 0)) & ((one.first_sound ^ other.first_sound) & _LETTER == 0)
    level[(one.full == other.full) & (one.full != 0)] = First.PET
    near = (sound_1 == sound_2) & (sound_1 != 0)
    level[near] = First.SOUND
    level[one.first == other.first] = First.SAME
    level[initial] = First.INITIAL
    level[(one.first == 0) | (other.first == 0)] = First.UNKNOWN
    at = ((level == First.OTHER) | (level == First.SOUND)).nonzero()[0]
    if len(at):
        alike = similarity(one.first[at], other.first[at], near[at])
        level[at] = _by_similarity(alike, near[at], First.SLIP, First.ALIKE, First.SOUND, First.OTHER)
    at = ((level == First.OTHER) | (level == First.ALIKE)).nonzero()[0]
    if len(at):
        middle = _among(one.full[at], right["middle"][at]) | _among(other.full[at], left["middle"][at])
        level[at[middle]] = First.MIDDLE
    return level


def _last(one: _Side, other: _Side, left: Columns, right: Columns) -> Levels:
    level = np.full(len(one.first), Last.OTHER, dtype=np.uint8)
    sound_1, sound_2 = one.last_sound >> _SOUND, other.last_sound >> _SOUND
    near = (sound_1 == sound_2) & (sound_1 != 0)
    level[near] = Last.SOUND
    level[one.last == other.last] = Last.SAME
    level[(one.last == 0) | (other.last == 0)] = Last.UNKNOWN
    at = ((level == Last.OTHER) | (level == Last.SOUND)).nonzero()[0]
    if len(at):
        alike = similarity(one.last[at], other.last[at], near[at])
        level[at] = _by_similarity(alike, near[at], Last.SLIP, Last.ALIKE, Last.SOUND, Last.OTHER)
    at = ((level == Last.OTHER) | (level == Last.ALIKE)).nonzero()[0]
    if len(at):
        part = _among(sound_1[at], right["middle"][at]) | _among(sound_2[at], left["middle"][at])
        level[at[part]] = Last.PART
    return level


def _settle_crossed(one: _Side, other: _Side, levels: Levels, values: dict[str, Numbers]) -> None:
    """Levels of names that changed places, where read straight neither first nor last names agree."""
    crossed, sound = _crossed(one, other)
    at = (crossed & (levels[:, 0] >= First.MIDDLE) & (levels[:, 1] >= Last.PART)).nonzero()[0]
    if not len(at):
        return
    sound, last_1, last_2 = sound[at], one.last_sound[at] >> _SOUND, other.last_sound[at] >> _SOUND
    here = one.full[at] == last_2
    rest = similarity(np.where(here, one.last[at], one.first[at]), np.where(here, other.first[at], other.last[at]))
    by_rest = np.where(rest >= SLIP, First.SLIP, np.where(rest >= ALIKE, First.ALIKE, First.OTHER))
    short = np.where(here, one.last_sound[at] ^ other.first_sound[at], one.first_sound[at] ^ other.last_sound[at])
    sounds = (
        np.where(here, one.last_sound[at], one.first_sound[at]),
        np.where(here, other.first_sound[at], other.last_sound[at]),
    )
    by_rest[(short & _LETTER == 0) & ((sounds[0] >> _SOUND == 0) | (sounds[1] >> _SOUND == 0))] = First.INITIAL
    levels[at, 0] = np.where(sound == 0, First.SWAPPED, by_rest)
    levels[at, 1] = np.where(sound == 0, Last.UNKNOWN, Last.SWAPPED)
    values["full"][at] = np.minimum(one.full[at], last_1)
    values["last_sound"][at] = np.where(sound == 0, np.maximum(one.full[at], last_1), sound)


def _settle_mailbox(left: Columns, right: Columns, levels: Levels) -> None:
    """A last name that is another, but stands in the other's mailbox: people keep theirs when they marry."""
    fitting = (levels[:, 1] == Last.OTHER) & (levels[:, 0] > 0) & (levels[:, 0] <= First.INITIAL)
    fitting &= left["email"] != right["email"]
    for one, other in ((left, right), (right, left)):
        at = (fitting & (other["email"] != 0)).nonzero()[0]
        if len(at):
            wanted = np.array([name_pairs(name) for name in one["last"][at].tolist()], dtype=np.uint64)
            held = (wanted & ~other["local_pairs"][at] == 0) & (np.bitwise_count(wanted) >= _PAIRS_OF_A_NAME)
            levels[at[held], 1] = Last.MAILBOX


def _by_similarity(alike: Numbers, near: Flags, slip: int, similar: int, sound: int, different: int) -> Levels:
    """Levels of names that are not equal; one sound counts only where the letters are not far apart either."""
    level = np.where(alike >= SLIP, slip, np.where(alike >= ALIKE, similar, different))
    return np.where(near & (alike >= SOUNDING), sound, level).astype(np.uint8)


def _among(sound: Numbers, middle: Numbers) -> Flags:
    """Whether a name sounds like one of the middle names."""
    wanted = sound[:, None]
    return np.asarray(((middle >> _SOUND == wanted) & (wanted != 0)).any(axis=1))


def middle_names(left: Columns, right: Columns) -> Levels:
    """Middle names: one in common, one that an initial may stand for, or none."""
    level = np.zeros(len(left["first"]), dtype=np.uint8)
    at = ((left["middle"][:, 0] != 0) & (right["middle"][:, 0] != 0)).nonzero()[0]
    if len(at):
        one, other = left["middle"][at][:, :, None], right["middle"][at][:, None, :]
        there = (one != 0) & (other != 0)
        same = ((one >> _SOUND == other >> _SOUND) & (one >> _SOUND != 0) & there).any(axis=(1, 2))
        initial = (one >> _SOUND == 0) | (other >> _SOUND == 0)
        abbreviated = (initial & ((one ^ other) & _LETTER == 0) & there).any(axis=(1, 2))
        level[at] = np.where(same, Middle.SAME, np.where(abbreviated, Middle.INITIAL, Middle.OTHER))
    return level
