"""Blocking keys: two customers are compared if they share one.

`of` makes the keys of one customer and `columns` those of many, both by the same machine code. Zero is no key. A key
that more customers share than its kind's cap is not used, and counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .compiling import compiled, compiled_with_arrays
from .signature import Signatures, readable, unpack

_A, _B, _C = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9)
_NONE, _HASHED = np.uint64(0), 1 << 31
Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of key. cap: how many customers may share one. most: how many of this kind a customer may have."""

    name: str
    cap: int | None
    most: int = 1


_WIDE = None
"""Keys that many customers share in a large base: there they are mostly skipped, in a small one they find much."""
_WIDE_CAP, _WIDE_CAP_IN_SMALL, SMALL = 4, 8, 100_000
"""Their caps: in a base of up to so many customers somebody who stands there six times is found, misspelled or not."""

KINDS: tuple[Kind, ...] = (
    Kind("email", 50),
    Kind("phone", 50, most=2),
    Kind("mailbox", 25),
    Kind("names", 25),
    Kind("names_place", 50),
    Kind("names_year", 50),
    Kind("names_day", 50),
    Kind("birth_name", 50, most=2),
    Kind("address_name", 50, most=2),
    Kind("birth", _WIDE),
    Kind("street_place", _WIDE),
    Kind("street_house", _WIDE),
    Kind("house_place", _WIDE),
    Kind("name_place", _WIDE, most=2),
    Kind("first_street", _WIDE),
)
_KIND_OF = np.repeat(np.arange(len(KINDS), dtype=np.uint64), [kind.most for kind in KINDS])
COUNT = len(_KIND_OF)
"""How many keys a customer has at most."""

CAPS: dict[str, int] = {kind.name: kind.cap for kind in KINDS if kind.cap is not None}
"""The caps that are the same in every base."""
BITS, KIND_BITS = 44, 4
"""Bits of a key, and those of its kind within. Among a million customers one pair or less shares a key by accident."""
_NO_KEY = {0}
_CUT, _KIND_BITS = np.uint64(64 - BITS + KIND_BITS), np.uint64(KIND_BITS)


def caps(customers: int) -> tuple[int, ...]:
    """By the number of the kind, how many customers may share a key in a base of so many."""
    wide = _WIDE_CAP_IN_SMALL if customers <= SMALL else _WIDE_CAP
    return tuple(wide if kind.cap is None else kind.cap for kind in KINDS)


def kind_of(key: int) -> int:
    """The number of the kind of a key."""
    return key & ((1 << KIND_BITS) - 1)


def of(signature: bytes) -> list[tuple[int, int]]:
    """The keys of one customer as (number of the kind in KINDS, key)."""
    (made,) = _made(unpack(signature)).T.tolist()
    return sorted((kind_of(key), key) for key in {*made} - _NO_KEY)


def differences(before: bytes, after: bytes) -> tuple[set[int], set[int]]:
    """The keys that go and those that come when one signature takes the place of another."""
    differing = _differing(unpack(before + after)).tolist()
    middle = differing.index(0)
    return {*differing[:middle]}, {*differing[middle + 1 :]}


def columns(signatures: Signatures) -> Iterator[tuple[int, list[Keys]]]:
    """For each kind its number and one array for each key it may give, row by row as `signatures`; 0 is no key."""
    made = list(_made(readable(signatures)))
    for number, kind in enumerate(KINDS):
        yield number, made[: kind.most]
        del made[: kind.most]


@compiled_with_arrays
def _made(signatures: Signatures) -> Keys:
    """All keys: a row for each that a customer may have, kind by kind, and a column for each customer."""
    made = np.empty((COUNT, len(signatures)), dtype=np.uint64)
    found = np.empty(COUNT, dtype=np.uint64)
    for at in range(len(signatures)):
        _keys(signatures[at], found)
        for number in range(COUNT):
            key = found[number]
            made[number, at] = key >> _CUT << _KIND_BITS | _KIND_OF[number] if key else _NONE
    return made


@compiled_with_arrays
def _differing(signatures: Signatures) -> Keys:
    """Of two signatures the keys that only the first has, 0, and those that only the second has."""
    made, found, count = _made(signatures), np.empty(2 * COUNT + 1, dtype=np.uint64), 0
    for side in range(2):
        for number in range(COUNT):
            key = made[number, side]
            if key != _NONE and not _holds(made[:, 1 - side], key):
                found[count] = key
                count += 1
        if side == 0:
            found[count] = _NONE
            count += 1
    return found[:count]


@compiled
def _holds(column: Keys, key: Any) -> bool:
    number = 0
    while number < COUNT and column[number] != key:
        number += 1
    return number < COUNT


@compiled
def _keys(row: Any, found: Keys) -> None:
    """The keys of one customer, spread over 64 bits, in the order of KINDS.

    Numbers with and without a sign never meet but in `_mix`: compiled code would make floating point of them.
    """
    full, last = np.int64(row.full), np.int64(row.last_sound) >> 5
    birth, code = np.int64(row.birth), np.int64(row.postal_code)
    street, house = np.int64(row.street), np.int64(row.house)
    names = _mix(full + last, full * last) if full and last else _NONE  # by their sound, in either order
    dwelling = _mix(_mix(street, house), code if code else np.int64(row.city))
    born, digits = _born(birth), _postal_digits(code)
    found[0] = _mix(np.int64(row.email), 1)
    found[1], found[2] = _mix(np.int64(row.mobile), 1), _mix(np.int64(row.telephone), 1)
    found[3] = _mix(np.int64(row.local), 1) if row.email_length >= 5 else _NONE
    found[4], found[5] = _mix(names, 1), _mix(names, code)
    found[6], found[7] = _mix(names, birth // 10000), _mix(names, born % 100_000)
    found[8], found[9] = _mix(born, full), _mix(born, last)
    found[10], found[11] = _mix(dwelling, full), _mix(dwelling, last)
    found[12] = _mix(born, 1)
    found[13], found[14] = _mix(street, code), _mix(street, house)
    found[15] = _mix(house, digits)
    found[16], found[17] = _mix(full, digits), _mix(last, digits)
    found[18] = _mix(full, street)


@compiled
def _mix(one: Any, other: Any) -> Any:
    """One number out of two, spread over 64 bits; 0 where either is 0."""
    if one == 0 or other == 0:
        return _NONE
    mixed = np.uint64(one) * _A ^ np.uint64(other) * _B + _C
    mixed = (mixed ^ mixed >> np.uint64(29)) * _A
    return mixed ^ mixed >> np.uint64(32)


@compiled
def _born(birth: Any) -> Any:
    """Date of birth with day and month in either order."""
    day, month = birth % 100, birth // 100 % 100
    return (birth // 10000 * 2000 + day * month) * 50 + (day + month)


@compiled
def _postal_digits(code: Any) -> Any:
    """The digits of a postal code in any order: neighbours often change places. Other codes as they are."""
    if code == 0 or code >= _HASHED:
        return code
    powers = 0
    for place in (1, 10, 100, 1000):
        powers += (code // place % 10 + 1) ** 4
    return powers
