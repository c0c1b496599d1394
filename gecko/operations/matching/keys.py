"""Blocking keys: two customers are compared if they share one.

`of` makes the keys of one customer and `columns` those of many, both by the same formulas on the fields of signatures:
a formula works on whole numbers and on arrays of 64 bits alike. Zero is no key. A key that more customers share than
its kind's cap is not used, and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .signature import DTYPE, Signatures, unpack

Fields = Mapping[str, Any]
_WORD = (1 << 64) - 1
_A, _B, _C = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of key. cap: how many customers may share one. formulas: fields to a 64-bit number, 0 for none."""

    name: str
    cap: int
    formulas: tuple[Callable[[Fields], Any], ...]


def _mix(one: Any, other: Any) -> Any:
    """One number out of two, spread over 64 bits; 0 where either is 0."""
    there = (one != 0) * (other != 0)
    mixed = ((one * _A) & _WORD) ^ ((other * _B + _C) & _WORD)
    mixed = ((mixed ^ (mixed >> 29)) * _A) & _WORD
    return (mixed ^ (mixed >> 32)) * there


def _names(f: Fields) -> Any:
    """Both names by their sound, in either order."""
    one, other = f["full"], f["last_sound"] >> 5
    return _mix((one + other) * (one != 0) * (other != 0), one * other)


def _address(f: Fields) -> Any:
    return _mix(_mix(f["street"], f["house"]), f["postal_code"] + (f["postal_code"] == 0) * f["city"])


def _born(f: Fields) -> Any:
    """Date of birth with day and month in either order."""
    day, month = f["birth"] % 100, f["birth"] // 100 % 100
    return (f["birth"] // 10000 * 2000 + day * month) * 50 + (day + month)


def _day_and_month(f: Fields) -> Any:
    day, month = f["birth"] % 100, f["birth"] // 100 % 100
    return day * month * 50 + day + month


def _postal_digits(f: Fields) -> Any:
    """The digits of a postal code in any order: neighbours often change places. Other codes as they are."""
    code, powers = f["postal_code"], 0
    for place in (1, 10, 100, 1000):
        powers = powers + (code // place % 10 + 1) ** 4
    return powers * (code != 0) * (code < _HASHED) + code * (code >= _HASHED)


_HASHED = 1 << 31
_WIDE = 4
"""The cap of keys that many customers share in a large base: there they are skipped, in a small one they find much."""

KINDS: tuple[Kind, ...] = (
    Kind("email", 50, (lambda f: _mix(f["email"], 1),)),
    Kind("phone", 50, (lambda f: _mix(f["mobile"], 1), lambda f: _mix(f["telephone"], 1))),
    Kind("mailbox", 25, (lambda f: _mix(f["local"] * (f["email_length"] >= 5), 1),)),
    Kind("names", 25, (lambda f: _mix(_names(f), 1),)),
    Kind("names_place", 50, (lambda f: _mix(_names(f), f["postal_code"]),)),
    Kind("names_year", 50, (lambda f: _mix(_names(f), f["birth"] // 10000),)),
    Kind("names_day", 50, (lambda f: _mix(_names(f), _day_and_month(f)),)),
    Kind("birth_name", 50, (lambda f: _mix(_born(f), f["full"]), lambda f: _mix(_born(f), f["last_sound"] >> 5))),
    Kind(
        "address_name",
        50,
        (lambda f: _mix(_address(f), f["full"]), lambda f: _mix(_address(f), f["last_sound"] >> 5)),
    ),
    Kind("birth", _WIDE, (lambda f: _mix(_born(f), 1),)),
    Kind("street_place", _WIDE, (lambda f: _mix(f["street"], f["postal_code"]),)),
    Kind("street_house", _WIDE, (lambda f: _mix(f["street"], f["house"]),)),
    Kind("house_place", _WIDE, (lambda f: _mix(f["house"], _postal_digits(f)),)),
    Kind(
        "name_place",
        _WIDE,
        (lambda f: _mix(f["full"], _postal_digits(f)), lambda f: _mix(f["last_sound"] >> 5, _postal_digits(f))),
    ),
    Kind("first_street", _WIDE, (lambda f: _mix(f["full"], f["street"]),)),
)
COUNT = sum(len(kind.formulas) for kind in KINDS)
"""How many keys a customer has at most."""

CAPS: dict[str, int] = {kind.name: kind.cap for kind in KINDS}
_SIGN, _KIND_BITS = 1 << 63, 4
_FIELDS = [name for name in DTYPE.names or () if name != "middle"]


def of(signature: bytes) -> list[tuple[int, int]]:
    """The keys of one customer as (number of the kind in KINDS, key); the key is a signed 64-bit number."""
    row = unpack(signature)[0]
    fields = {name: int(row[name]) for name in _FIELDS}
    found = {
        (number, tagged) for number, kind in enumerate(KINDS) for formula in kind.formulas
        if (tagged := _tagged(formula(fields), number))
    }  # fmt: skip
    return sorted((number, key - (1 << 64) if key & _SIGN else key) for number, key in found)


def _tagged(key: Any, number: int) -> Any:
    """The key with the number of its kind in the lowest bits, so that kinds never meet."""
    return ((key >> _KIND_BITS << _KIND_BITS) | number) * (key != 0)


def kind_of(key: int) -> int:
    """The number of the kind of a (signed) key."""
    return key & ((1 << _KIND_BITS) - 1)


def columns(signatures: Signatures) -> Iterator[tuple[int, list[npt.NDArray[np.uint64]]]]:
    """For each kind its number and one array of keys per formula, row by row as `signatures`; 0 is no key."""
    fields = _Columns(signatures)
    for number, kind in enumerate(KINDS):
        yield number, [_tagged(formula(fields), number) for formula in kind.formulas]


class _Columns(dict[str, npt.NDArray[np.uint64]]):
    """Fields of many signatures as arrays of 64 bits, made when a formula asks for one."""

    def __init__(self, signatures: Signatures) -> None:
        super().__init__()
        self._signatures = signatures

    def __missing__(self, name: str) -> npt.NDArray[np.uint64]:
        return self._signatures[name].astype(np.uint64)
