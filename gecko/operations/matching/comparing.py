"""Signatures against signatures: levels of agreement, pair by pair in machine code.

Everything is symmetric: comparing the other way round gives the same.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .arrays import Levels, Numbers, Records, Whole
from .comparing_names import middle_names, names, names_alike
from .comparing_places import addresses
from .compiling import compiled, compiled_with_arrays
from .digits import digit_slip
from .levels import COMPARATORS, VALUES, Birth, Email, Phone
from .signature import Signatures, readable, unpack
from .similarity import Similarities, ones, share

_ALIKE = 0.75
"""From which share of letter pairs in common mailboxes are alike."""
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
_EMAIL, _PHONE, _ADDRESS, _BIRTH = (VALUES.index(name) for name in ("email", "phone", "address", "birth"))
_COMPARATORS, _VALUES = len(COMPARATORS), len(VALUES)
Rows = npt.NDArray[np.int64]


class Compared(NamedTuple):
    """Levels (a row for each pair, a column for each comparator), and the values that agree (a column for each of
    `levels.VALUES`)."""

    levels: Levels
    values: Numbers


def compare(one: Signatures, other: Signatures) -> Compared:
    """Levels of all comparators for pairs of signatures."""
    both = unpack(one.tobytes() + other.tobytes())
    rows = np.arange(len(one))
    return compare_rows(both, rows, rows + len(one))


def compare_rows(signatures: Signatures, left: Rows, right: Rows) -> Compared:
    """The same for pairs of rows."""
    found = Compared(
        np.empty((len(left), len(COMPARATORS)), dtype=np.uint8), np.empty((len(left), len(VALUES)), dtype=np.uint64)
    )
    similarities, wanted = Similarities(), np.arange(len(left))
    while len(wanted):
        missing = similarities.missing(len(wanted))
        again = _compare(readable(signatures), left, right, wanted, similarities.known, missing, *found)
        wanted = wanted[:again]
        similarities.learn(missing)
    return found


@compiled_with_arrays
def _compare(
    signatures: Signatures, left: Rows, right: Rows, wanted: Rows, known: Records, missing: Numbers,
    levels: Levels, values: Numbers,
) -> Whole:  # fmt: skip
    """Compare the wanted pairs; those for which a similarity is missing are put first in `wanted` again, and
    counted."""
    again = 0
    found, agreeing = np.empty(_COMPARATORS, dtype=np.int64), np.empty(_VALUES, dtype=np.uint64)
    for place in range(len(wanted)):
        pair, missed = wanted[place], missing[0, 0]
        compare_pair(signatures[left[pair]], signatures[right[pair]], known, missing, found, agreeing)
        if missing[0, 0] > missed or missing[0, 0] == len(missing) - 1:
            wanted[again] = pair
            again += 1
        for comparator in range(_COMPARATORS):
            levels[pair, comparator] = found[comparator]
        for value in range(_VALUES):
            values[pair, value] = agreeing[value]
    return again


@compiled
def compare_pair(left: Any, right: Any, known: Records, missing: Numbers, levels: Numbers, values: Numbers) -> None:
    """One pair: its levels and what agrees are written to `levels` and `values`."""
    first, last = names(left, right, known, missing, values)
    alike = names_alike(first, last)
    levels[0], levels[1], levels[2] = first, last, middle_names(left, right)
    levels[3], values[_EMAIL] = emails(left, right, alike)
    levels[4], values[_PHONE] = phones(left, right, alike)
    levels[5], values[_ADDRESS] = addresses(left, right)
    levels[6], values[_BIRTH] = births(np.int64(left.birth), np.int64(right.birth)), left.birth


@compiled
def emails(left: Any, right: Any, alike: bool) -> tuple[Whole, Whole]:
    """Mailboxes, given whether the names are alike; and what agrees."""
    if left.email == 0 or right.email == 0:
        return Email.UNKNOWN, left.local
    value = left.local
    if left.email == right.email:
        value = left.email
        level = Email.SAME if left.email_length == right.email_length else Email.DOTS
    elif left.local == right.local:
        level = Email.LOCAL
    else:
        size = max(ones(left.local_pairs), ones(right.local_pairs))
        level = Email.ALIKE if share(left.local_pairs, right.local_pairs, size) >= _ALIKE else Email.OTHER
    return level if alike else _OTHER_NAME[level], value


@compiled
def phones(left: Any, right: Any, alike: bool) -> tuple[Whole, Whole]:
    """Telephone numbers crosswise, and the one that agrees; slips are looked for where names are alike."""
    same_mobile = left.mobile == right.mobile and left.mobile != 0
    same_telephone = left.telephone == right.telephone and left.telephone != 0
    if same_mobile:
        return Phone.BOTH if same_telephone else Phone.MOBILE, left.mobile
    if same_telephone:
        return Phone.TELEPHONE, left.telephone
    if left.mobile != 0 and left.mobile == right.telephone:
        return Phone.CROSSWISE, left.mobile
    if left.telephone != 0 and left.telephone == right.mobile:
        return Phone.CROSSWISE, left.telephone
    if left.mobile != 0 and right.mobile != 0:
        is_slip = alike and digit_slip(np.int64(left.mobile), np.int64(right.mobile))
        return Phone.SLIP if is_slip else Phone.OTHER_MOBILE, np.uint32(0)
    both = left.telephone != 0 and right.telephone != 0
    return Phone.OTHER_TELEPHONE if both else Phone.UNKNOWN, np.uint32(0)


@compiled
def births(one: Whole, other: Whole) -> Whole:
    """Dates of birth."""
    if one == 0 or other == 0:
        return Birth.UNKNOWN
    if one == other:
        return Birth.SAME
    month, day, other_month, other_day = one // 100 % 100, one % 100, other // 100 % 100, other % 100
    same_year = one // 10000 == other // 10000
    if same_year and month == other_day and day == other_month:
        return Birth.DAY_AND_MONTH
    if digit_slip(one, other):
        return Birth.SLIP
    if int(same_year) + int(month == other_month) + int(day == other_day) == 2:
        return Birth.TWO_PARTS
    return Birth.YEAR if same_year else Birth.OTHER
