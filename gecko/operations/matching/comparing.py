"""Signatures against signatures: levels of agreement, many pairs at a time.

Everything is symmetric: comparing the other way round gives the same.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .arrays import Flags, Levels, Numbers
from .comparing_names import middle_names, names, names_alike
from .comparing_places import addresses
from .digits import digit_slip
from .levels import COMPARATORS, Birth, Email, First, Phone
from .signature import Columns, Signatures
from .similarity import overlap

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
_NAMESAKES = np.array([level in (First.SAME, First.PET, First.SWAPPED) for level in First])


class Compared(NamedTuple):
    """Levels (a row for each pair, a column for each comparator), and the values that agree, by comparator."""

    levels: Levels
    values: dict[str, Numbers]


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
    values["namesakes"] = _NAMESAKES.take(levels[:, 0])
    return Compared(levels, values)


def emails(left: Columns, right: Columns, alike: Flags) -> tuple[Levels, Numbers]:
    """Mailboxes, given whether the names are alike; and what agrees."""
    one, other = left["email"], right["email"]
    level = np.zeros(len(left["first"]), dtype=np.uint8)
    at = ((one != 0) & (other != 0)).nonzero()[0]
    values = left["local"].copy()
    if len(at):
        same = one[at] == other[at]
        local = left["local"][at] == right["local"][at]
        near = overlap(left["local_pairs"][at], right["local_pairs"][at], np.maximum) >= _ALIKE
        same_dots = left["email_length"][at] == right["email_length"][at]
        found = np.where(near, Email.ALIKE, Email.OTHER)
        found = np.where(local, Email.LOCAL, found)
        found = np.where(same, np.where(same_dots, Email.SAME, Email.DOTS), found)
        level[at] = np.where(alike[at], found, _OTHER_NAME[found])
        values[at] = np.where(same, one[at], values[at])
    return level, values


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
