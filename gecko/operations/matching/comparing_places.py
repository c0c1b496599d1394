"""Addresses against addresses."""

from __future__ import annotations

import numpy as np

from .arrays import Flags, Levels, Numbers
from .digits import digit_slip, turned_digits
from .levels import Address
from .signature import Columns, Signatures
from .similarity import overlap

_ALIKE, _HOUSE_ALIKE = 0.75, 0.5
"""From which share of the shorter one's letter pairs streets are alike; where house and place agree half of the
longer one's is enough, but not the ending that streets share: Bredgade 12 is not Nygade 12."""
_BY_POSTAL_CODE = np.array([level in (Address.POSTAL_CODE, Address.POSTAL_CODE_ALONE) for level in Address])


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
    return level, np.where(_BY_POSTAL_CODE.take(level), post_1, values)


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
    pairs = left["street_pairs"], right["street_pairs"]
    near = same_street | (overlap(*pairs, np.minimum) >= _ALIKE)
    near |= same_house & (same_place | near_place) & (overlap(*pairs, np.maximum) >= _HOUSE_ALIKE)
    nearly = same_house | (same_street & turned_digits(house_1, house_2))
    in_place = np.where(known, np.where(nearly, Address.ALIKE, Address.STREET), Address.STREET_ALONE)
    elsewhere = np.where(near_place, Address.ALIKE, Address.OTHER_PLACE)
    level = np.where(near & same_place, in_place, np.where(near & same_house, elsewhere, level))
    exact = same_street & (house_1 == house_2) & (same_place | ~place_known) & ((house_1 != 0) | same_place)
    level = np.where(exact, Address.SAME, level)
    other_flat = (left["unit"] != right["unit"]) & (left["unit"] != 0) & (right["unit"] != 0)
    return np.where(exact & other_flat, Address.OTHER_FLAT, level).astype(np.uint8)
