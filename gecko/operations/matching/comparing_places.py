"""Addresses against addresses."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import Whole
from .compiling import compiled
from .digits import digit_slip, turned_digits
from .levels import Address
from .similarity import ones, share

_ALIKE, _HOUSE_ALIKE = 0.75, 0.5
"""From which share of the shorter one's letter pairs streets are alike; where house and place agree half of the
longer one's is enough, but not the ending that streets share: Bredgade 12 is not Nygade 12."""
_SPREAD, _OTHER_SPREAD, _ONE = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(1)


@compiled
def addresses(left: Any, right: Any) -> tuple[Whole, Whole]:
    """The level of two addresses; and what agrees: the dwelling, the street or the postal code."""
    level = Address.UNKNOWN
    is_post_known = left.postal_code != 0 and right.postal_code != 0
    same_post = is_post_known and left.postal_code == right.postal_code
    same_town = left.city == right.city and left.city != 0
    place_known = is_post_known or (left.city != 0 and right.city != 0)
    on_streets = left.street != 0 and right.street != 0
    if same_post:
        level = Address.POSTAL_CODE if on_streets else Address.POSTAL_CODE_ALONE
    elif place_known:
        same_area = left.area == right.area and left.area != 0
        level = Address.TOWN if same_town or same_area else Address.OTHER
    if on_streets:
        level = _streets(left, right, level, same_post or same_town, place_known)
    if level == Address.STREET or level == Address.STREET_ALONE:
        return level, min(street(left), street(right))
    if level == Address.POSTAL_CODE or level == Address.POSTAL_CODE_ALONE:
        return level, np.uint64(left.postal_code)
    return level, min(dwelling(left), dwelling(right))


@compiled
def street(side: Any) -> Whole:
    """A number for a street in its district."""
    return (np.uint64(side.street) * _SPREAD + np.uint64(side.area)) >> _ONE


@compiled
def dwelling(side: Any) -> Whole:
    """A number for street, house and place."""
    mixed = np.uint64(side.street) * _SPREAD + np.uint64(side.house)
    return (mixed * _OTHER_SPREAD + np.uint64(side.area)) >> _ONE


@compiled
def _streets(left: Any, right: Any, level: Whole, same_place: bool, place_known: bool) -> Whole:
    same_house = left.house == right.house and left.house != 0
    same_street = left.street == right.street
    if same_street and left.house == right.house and (same_place or not place_known) and (same_house or same_place):
        is_other_flat = left.unit != right.unit and left.unit != 0 and right.unit != 0
        return Address.OTHER_FLAT if is_other_flat else Address.SAME
    near_place = digit_slip(np.int64(left.postal_code), np.int64(right.postal_code))
    if not (same_street or _is_near(left, right, same_house and (same_place or near_place))):
        return level
    if not same_place:
        if not same_house:
            return level
        return Address.ALIKE if near_place else Address.OTHER_PLACE
    if left.house == 0 or right.house == 0:
        return Address.STREET_ALONE
    if same_house or (same_street and turned_digits(np.int64(left.house), np.int64(right.house))):
        return Address.ALIKE
    return Address.STREET


@compiled
def _is_near(left: Any, right: Any, is_house_known: bool) -> bool:
    """Whether streets are alike."""
    size, size_other = ones(left.street_pairs), ones(right.street_pairs)
    if share(left.street_pairs, right.street_pairs, min(size, size_other)) >= _ALIKE:
        return True
    return is_house_known and share(left.street_pairs, right.street_pairs, max(size, size_other)) >= _HOUSE_ALIKE
