"""Signatures against signatures: levels of agreement, many pairs at a time.

Everything is symmetric: comparing the other way round gives the same.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from .levels import COMPARATORS, Address, Birth, Email, First, Last, Middle, Phone
from .signature import Columns, Signatures, letter_set, name_pairs, spell

Levels = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[Any]
SLIP, ALIKE, _SOUNDING, _LONG = 0.9, 0.8, 0.7, 0.94
"""From which Jaro-Winkler similarity on a name is taken as mistyped, or as merely alike."""
MAILBOX_ALIKE, ADDRESS_ALIKE, HOUSE_ALIKE = 0.75, 0.75, 0.5
"""From which share of letter pairs in common mailboxes and streets are alike; the last where house and place agree."""
_BY_POSTAL_CODE = np.array([Address.POSTAL_CODE, Address.POSTAL_CODE_ALONE], dtype=np.uint8)
_PAIRS_OF_A_NAME = 4
"""Names of fewer letter pairs stand in mailboxes by chance."""

_POWERS = 10 ** np.arange(8, dtype=np.int64)
_ONE_SLIP = np.unique(np.outer([*range(1, 10), *range(9, 82, 9)], _POWERS)).astype(np.uint64)
"""By how much numbers can differ that are one slip apart."""


def _slip_table() -> tuple[Numbers, np.uint64]:
    """The same, each where its product with a number of its own making falls: looked up many times faster."""
    for spread in np.random.default_rng(1).integers(1 << 62, 1 << 63, 1_000, dtype=np.uint64) | np.uint64(1):
        places = _ONE_SLIP * spread >> _SLIP_PLACES
        if len(np.unique(places)) == len(places):
            table = np.full(1 << 13, ~np.uint64(0))
            table[places] = _ONE_SLIP
            return table, spread
    raise AssertionError("no such number")


_SLIP_PLACES = np.uint64(64 - 13)
_SLIPS, _SPREAD = _slip_table()
_OTHER_NAME = np.array(
    [
        0,
        Email.SAME_OTHER_NAME,
        Email.SAME_OTHER_NAME,
        Email.LOCAL_OTHER_NAME,
        Email.ALIKE_OTHER_NAME,
        Email.OTHER_OTHER_NAME,
    ]
)
_NAMESAKES = np.array([First.SAME, First.PET, First.SWAPPED], dtype=np.uint8)
_SOUND, _LETTER = np.uint32(5), np.uint32(31)


class Compared(NamedTuple):
    """Levels (a row for each pair, a column for each comparator), and the values that agree, by comparator."""

    levels: Levels
    values: dict[str, Numbers]


class _Side(NamedTuple):
    first: Numbers
    last: Numbers
    full: Numbers
    first_sound: Numbers
    last_sound: Numbers


def compare(one: Signatures, other: Signatures) -> Compared:
    """Levels of all comparators for pairs of signatures."""
    left, right = Columns(one), Columns(other)
    levels = np.zeros((len(one), len(COMPARATORS)), dtype=np.uint8, order="F")
    values: dict[str, Numbers] = {}
    names(left, right, levels, values)
    levels[:, 2] = middle_names(left, right)
    alike = names_alike(levels)
    levels[:, 3], values["email"] = emails(left, right, alike)
    levels[:, 4], values["phone"] = phones(left, right, alike)
    levels[:, 5], values["address"] = addresses(left, right)
    levels[:, 6] = births(left, right)
    values["birth"] = left["birth"]
    values["namesakes"] = np.isin(levels[:, 0], _NAMESAKES)
    return Compared(levels, values)


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
    return np.where(near & (alike >= _SOUNDING), sound, level).astype(np.uint8)


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
        least = ALIKE if near is None else np.where(near, _SOUNDING, ALIKE)
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


def emails(left: Columns, right: Columns, alike: Flags) -> tuple[Levels, Numbers]:
    """Mailboxes, given whether the names are alike; and what agrees."""
    one, other = left["email"], right["email"]
    level = np.zeros(len(left["first"]), dtype=np.uint8)
    at = ((one != 0) & (other != 0)).nonzero()[0]
    values = left["local"].copy()
    if len(at):
        same = one[at] == other[at]
        local = left["local"][at] == right["local"][at]
        near = overlap(left["local_pairs"][at], right["local_pairs"][at], np.maximum) >= MAILBOX_ALIKE
        same_dots = left["email_length"][at] == right["email_length"][at]
        found = np.where(near, Email.ALIKE, Email.OTHER)
        found = np.where(local, Email.LOCAL, found)
        found = np.where(same, np.where(same_dots, Email.SAME, Email.DOTS), found)
        level[at] = np.where(alike[at], found, _OTHER_NAME[found])
        values[at] = np.where(same, one[at], values[at])
    return level, values


def overlap(one: Numbers, other: Numbers, of: Any) -> Numbers:
    """The share of letter pairs in common, of the larger (np.maximum) or the smaller (np.minimum) set."""
    size = of(np.bitwise_count(one), np.bitwise_count(other))
    return np.asarray(np.bitwise_count(one & other) / np.maximum(size, 1))


def phones(left: Columns, right: Columns, alike: Flags) -> tuple[Levels, Numbers]:
    """Telephone numbers crosswise, and the one that agrees; slips are looked for where names are alike."""
    mobile_1, mobile_2 = left["mobile"], right["mobile"]
    telephone_1, telephone_2 = left["telephone"], right["telephone"]
    level = np.zeros(len(left["first"]), dtype=np.uint8)
    level[(telephone_1 != 0) & (telephone_2 != 0)] = Phone.OTHER_TELEPHONE
    both = (mobile_1 != 0) & (mobile_2 != 0)
    level[both] = Phone.OTHER_MOBILE
    at = (both & alike).nonzero()[0]
    level[at[digit_slip(mobile_1[at], mobile_2[at])]] = Phone.SLIP
    crossed = ((mobile_1 == telephone_2) & (mobile_1 != 0)) | ((telephone_1 == mobile_2) & (telephone_1 != 0))
    level[crossed] = Phone.CROSSWISE
    same_telephone = (telephone_1 == telephone_2) & (telephone_1 != 0)
    same_mobile = (mobile_1 == mobile_2) & (mobile_1 != 0)
    level[same_telephone] = Phone.TELEPHONE
    level[same_mobile] = Phone.MOBILE
    level[same_mobile & same_telephone] = Phone.BOTH
    values = np.where(same_mobile, mobile_1, np.where(same_telephone, telephone_1, 0))
    return level, np.where(
        crossed & (values == 0), np.where((mobile_1 == telephone_2) & (mobile_1 != 0), mobile_1, telephone_1), values
    )


def digit_slip(one: Numbers, other: Numbers) -> Flags:
    """Whether numbers of up to eight digits differ in one digit, or in two neighbours that changed places."""
    found = may_be_slip(one, other)
    at = found.nonzero()[0]
    if len(at):
        a, b = _digits(one[at]), _digits(other[at])
        found[at] = ((a != b).sum(axis=1) == 1) | _turned(a, b)
    return np.asarray(found)


def may_be_slip(one: Numbers, other: Numbers) -> Flags:
    """Whether numbers are as far apart as a slip takes them."""
    apart = np.abs(one.astype(np.int64) - other.astype(np.int64)).view(np.uint64)
    return np.asarray(_SLIPS.take(apart * _SPREAD >> _SLIP_PLACES) == apart)


def turned_digits(one: Numbers, other: Numbers) -> Flags:
    """Whether two neighbouring digits changed places."""
    found = (one.astype(np.int64) - other.astype(np.int64)) % 9 == 0
    found &= one != other
    at = found.nonzero()[0]
    if len(at):
        found[at] = _turned(_digits(one[at]), _digits(other[at]))
    return np.asarray(found)


def _digits(numbers: Numbers) -> Numbers:
    return numbers.astype(np.int64)[:, None] // _POWERS % 10


def _turned(a: Numbers, b: Numbers) -> Flags:
    turned = (a[:, 1:] == b[:, :-1]) & (a[:, :-1] == b[:, 1:]) & (a[:, 1:] != a[:, :-1])
    return np.asarray(((a != b).sum(axis=1) == 2) & turned.any(axis=1))


def addresses(left: Columns, right: Columns) -> tuple[Levels, Numbers]:
    """Addresses; and what agrees: the dwelling, or the postal code."""
    post_1, post_2 = left["postal_code"], right["postal_code"]
    same_post = (post_1 == post_2) & (post_1 != 0)
    same_town = (left["city"] == right["city"]) & (left["city"] != 0)
    same_area = (left["area"] == right["area"]) & (left["area"] != 0)
    place_known = ((post_1 != 0) & (post_2 != 0)) | ((left["city"] != 0) & (right["city"] != 0))
    streets = (left["street"] != 0) & (right["street"] != 0)
    level = np.zeros(len(left["first"]), dtype=np.uint8)
    level[place_known] = Address.OTHER
    level[place_known & (same_town | same_area)] = Address.TOWN
    level[same_post] = np.where(streets[same_post], Address.POSTAL_CODE, Address.POSTAL_CODE_ALONE)
    at = streets.nonzero()[0]
    if len(at):
        level[at] = _streets(left.at(at), right.at(at), level[at], same_post[at] | same_town[at], place_known[at])
    on_street = (level == Address.STREET) | (level == Address.STREET_ALONE)
    values = np.where(on_street, np.minimum(street(left), street(right)), np.minimum(dwelling(left), dwelling(right)))
    return level, np.where(np.isin(level, _BY_POSTAL_CODE), post_1, values)


def street(signatures: Columns | Signatures) -> Numbers:
    """A number for a street in its district."""
    mixed = signatures["street"].astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + signatures["area"]
    return np.asarray(mixed >> np.uint64(1))


def dwelling(signatures: Columns | Signatures) -> Numbers:
    """A number for street, house and place."""
    mixed = signatures["street"].astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + signatures["house"]
    return np.asarray((mixed * np.uint64(0xC2B2AE3D27D4EB4F) + signatures["area"]) >> np.uint64(1))


def _streets(left: Columns, right: Columns, level: Levels, same_place: Flags, place_known: Flags) -> Levels:
    house_1, house_2 = left["house"], right["house"]
    known, same_house = (house_1 != 0) & (house_2 != 0), (house_1 == house_2) & (house_1 != 0)
    same_street = left["street"] == right["street"]
    near_place = digit_slip(left["postal_code"], right["postal_code"])
    alike = overlap(left["street_pairs"], right["street_pairs"], np.minimum)
    near = same_street | (alike >= np.where(same_house & (same_place | near_place), HOUSE_ALIKE, ADDRESS_ALIKE))
    nearly = same_house | (same_street & turned_digits(house_1, house_2))
    in_place = np.where(known, np.where(nearly, Address.ALIKE, Address.STREET), Address.STREET_ALONE)
    elsewhere = np.where(near_place, Address.ALIKE, Address.OTHER_PLACE)
    level = np.where(near & same_place, in_place, np.where(near & same_house, elsewhere, level))
    exact = same_street & (house_1 == house_2) & (same_place | ~place_known) & ((house_1 != 0) | same_place)
    level = np.where(exact, Address.SAME, level)
    other_flat = (left["unit"] != right["unit"]) & (left["unit"] != 0) & (right["unit"] != 0)
    return np.where(exact & other_flat, Address.OTHER_FLAT, level).astype(np.uint8)


def births(left: Columns, right: Columns) -> Levels:
    """Dates of birth."""
    level = np.zeros(len(left["first"]), dtype=np.uint8)
    at = ((left["birth"] != 0) & (right["birth"] != 0)).nonzero()[0]
    if not len(at):
        return level
    one, other = left["birth"][at].astype(np.int64), right["birth"][at].astype(np.int64)
    same_year, same_day = one // 10000 == other // 10000, one % 100 == other % 100
    same_month = one // 100 % 100 == other // 100 % 100
    found = np.where(same_year, Birth.YEAR, Birth.OTHER)
    parts = same_year.astype(np.int8) + same_month + same_day
    found = np.where(parts == 2, Birth.TWO_PARTS, found)
    found = np.where(digit_slip(one, other), Birth.SLIP, found)
    turned = same_year & (one // 100 % 100 == other % 100) & (one % 100 == other // 100 % 100)
    found = np.where(turned, Birth.DAY_AND_MONTH, found)
    level[at] = np.where(one == other, Birth.SAME, found)
    return level
