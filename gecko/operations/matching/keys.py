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

from .signature import Signatures, fields

Fields = Mapping[str, Any]
_WORD = (1 << 64) - 1
_A, _B, _C = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of key. cap: how many customers may share one. formulas: fields to a 64-bit number, 0 for none."""

    name: str
    cap: int | None
    formulas: tuple[Callable[[Fields], Any], ...]


def _mix(one: Any, other: Any) -> Any:
    """One number out of two, spread over 64 bits; 0 where either is 0."""
    if type(one) is not int:
        return _mixed(one, other)
    if not (one and other):
        return 0
    mixed = ((one * _A) & _WORD) ^ ((other * _B + _C) & _WORD)
    mixed = ((mixed ^ (mixed >> 29)) * _A) & _WORD
    return mixed ^ (mixed >> 32)


def _mixed(one: npt.NDArray[np.uint64], other: Any) -> npt.NDArray[np.uint64]:
    """The same for arrays, whose numbers end at 64 bits by themselves."""
    mixed = one * np.uint64(_A)
    mixed ^= other * np.uint64(_B) + np.uint64(_C)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(_A)
    mixed ^= mixed >> np.uint64(32)
    mixed *= (one != 0) & (other != 0)
    return mixed


def _names(f: Fields) -> Any:
    """Both names by their sound, in either order."""
    one, other = f["full"], f["last_name"]
    return _mix((one + other) * ((one != 0) * (other != 0)), one * other)


def _address(f: Fields) -> Any:
    return _mix(_mix(f["street"], f["house"]), f["postal_code"] + (f["postal_code"] == 0) * f["city"])


def _born(f: Fields) -> Any:
    """Date of birth with day and month in either order."""
    day, month = f["birth"] % 100, f["birth"] // 100 % 100
    return (f["birth"] // 10000 * 2000 + day * month) * 50 + (day + month)


def _postal_digits(f: Fields) -> Any:
    """The digits of a postal code in any order: neighbours often change places. Other codes as they are."""
    code, powers = f["postal_code"], 0
    for place in (1, 10, 100, 1000):
        powers = powers + (code // place % 10 + 1) ** 4
    return powers * ((code != 0) * (code < _HASHED)) + code * (code >= _HASHED)


_DERIVED: dict[str, Callable[[Fields], Any]] = {
    "last_name": lambda f: f["last_sound"] >> 5,
    "names": _names,
    "dwelling": _address,
    "born": _born,
    "born_day": lambda f: f["born"] % 100_000,
    "postal_digits": _postal_digits,
}
"""What several formulas need, made once."""

_HASHED = 1 << 31
_WIDE = None
"""Keys that many customers share in a large base: there they are mostly skipped, in a small one they find much."""
_WIDE_CAP, _WIDE_CAP_IN_SMALL, SMALL = 4, 8, 100_000
"""Their caps: in a base of up to so many customers somebody who stands there six times is found, misspelled or not."""

KINDS: tuple[Kind, ...] = (
    Kind("email", 50, (lambda f: _mix(f["email"], 1),)),
    Kind("phone", 50, (lambda f: _mix(f["mobile"], 1), lambda f: _mix(f["telephone"], 1))),
    Kind("mailbox", 25, (lambda f: _mix(f["local"] * (f["email_length"] >= 5), 1),)),
    Kind("names", 25, (lambda f: _mix(f["names"], 1),)),
    Kind("names_place", 50, (lambda f: _mix(f["names"], f["postal_code"]),)),
    Kind("names_year", 50, (lambda f: _mix(f["names"], f["birth"] // 10000),)),
    Kind("names_day", 50, (lambda f: _mix(f["names"], f["born_day"]),)),
    Kind("birth_name", 50, (lambda f: _mix(f["born"], f["full"]), lambda f: _mix(f["born"], f["last_name"]))),
    Kind("address_name", 50, (lambda f: _mix(f["dwelling"], f["full"]), lambda f: _mix(f["dwelling"], f["last_name"]))),
    Kind("birth", _WIDE, (lambda f: _mix(f["born"], 1),)),
    Kind("street_place", _WIDE, (lambda f: _mix(f["street"], f["postal_code"]),)),
    Kind("street_house", _WIDE, (lambda f: _mix(f["street"], f["house"]),)),
    Kind("house_place", _WIDE, (lambda f: _mix(f["house"], f["postal_digits"]),)),
    Kind(
        "name_place",
        _WIDE,
        (lambda f: _mix(f["full"], f["postal_digits"]), lambda f: _mix(f["last_name"], f["postal_digits"])),
    ),
    Kind("first_street", _WIDE, (lambda f: _mix(f["full"], f["street"]),)),
)
COUNT = sum(len(kind.formulas) for kind in KINDS)
"""How many keys a customer has at most."""

CAPS: dict[str, int] = {kind.name: kind.cap for kind in KINDS if kind.cap is not None}
"""The caps that are the same in every base."""
BITS, KIND_BITS = 44, 4
"""Bits of a key, and those of its kind within. Among a million customers one pair or less shares a key by accident."""


def caps(customers: int) -> tuple[int, ...]:
    """By the number of the kind, how many customers may share a key in a base of so many."""
    wide = _WIDE_CAP_IN_SMALL if customers <= SMALL else _WIDE_CAP
    return tuple(wide if kind.cap is None else kind.cap for kind in KINDS)


def of(signature: bytes) -> list[tuple[int, int]]:
    """The keys of one customer as (number of the kind in KINDS, key)."""
    known = _Known(fields(signature))
    found = {
        (number, tagged) for number, kind in enumerate(KINDS) for formula in kind.formulas
        if (tagged := _tagged(formula(known), number))
    }  # fmt: skip
    return sorted(found)


def _tagged(key: Any, number: int) -> Any:
    """The highest bits of a key with the number of its kind below them, so that kinds never meet."""
    return ((key >> (64 - BITS + KIND_BITS) << KIND_BITS) | number) * (key != 0)


def kind_of(key: int) -> int:
    """The number of the kind of a key."""
    return key & ((1 << KIND_BITS) - 1)


def columns(signatures: Signatures) -> Iterator[tuple[int, list[npt.NDArray[np.uint64]]]]:
    """For each kind its number and one array of keys per formula, row by row as `signatures`; 0 is no key."""
    known = _Columns(signatures)
    for number, kind in enumerate(KINDS):
        yield number, [_tagged(formula(known), number) for formula in kind.formulas]


class _Known(dict[str, Any]):
    """The fields of one signature, and what is derived from them once a formula asks."""

    def __missing__(self, name: str) -> Any:
        self[name] = found = _DERIVED[name](self)
        return found


class _Columns(_Known):
    """The same for many signatures, as arrays of 64 bits."""

    def __init__(self, signatures: Signatures) -> None:
        super().__init__()
        self._signatures = signatures

    def __missing__(self, name: str) -> Any:
        return super().__missing__(name) if name in _DERIVED else self._signatures[name].astype(np.uint64)
