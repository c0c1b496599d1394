"""Blocking keys: two customers are compared if they share one.

A key is made of two parts: fields of the signature, or numbers made from them. `of` makes the keys of one customer and
`columns` those of many, from the same parts: what makes a part works on whole numbers and on arrays of 64 bits alike.
Zero is no key. A key that more customers share than its kind's cap is not used, and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from .compiling import compiled
from .signature import NAMES, Signatures, numbers

_WORD = (1 << 64) - 1
_A, _B, _C = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
_A_64, _B_64, _C_64, _NOTHING = np.uint64(_A), np.uint64(_B), np.uint64(_C), np.uint64(0)
Keys = npt.NDArray[np.uint64]
_HASHED = 1 << 31


def _mix(one: Any, other: Any) -> Any:
    """One number out of two, spread over 64 bits; 0 where either is 0."""
    return _mixed_number(one, other) if type(one) is int else _mixed(one, other)


def _mixed_number(one: int, other: int) -> int:
    if not (one and other):
        return 0
    mixed = (one * _A ^ other * _B + _C) & _WORD
    mixed = (mixed ^ mixed >> 29) * _A & _WORD
    return mixed ^ mixed >> 32


@compiled
def _mixed(one: Keys, other: Keys) -> Keys:
    """The same for arrays, whose numbers end at 64 bits by themselves."""
    found = np.zeros(len(one), dtype=np.uint64)
    for row in range(len(one)):
        if one[row] != _NOTHING and other[row] != _NOTHING:
            mixed = one[row] * _A_64 ^ other[row] * _B_64 + _C_64
            mixed = (mixed ^ mixed >> np.uint64(29)) * _A_64
            found[row] = mixed ^ mixed >> np.uint64(32)
    return found


def _names(full: Any, last: Any) -> Any:
    """Both names by their sound, in either order."""
    return _mix((full + last) * ((full != 0) * (last != 0)), full * last)


def _dwelling(street: Any, house: Any, postal_code: Any, city: Any) -> Any:
    return _mix(_mix(street, house), postal_code + (postal_code == 0) * city)


def _born(birth: Any) -> Any:
    """Date of birth with day and month in either order."""
    day, month = birth % 100, birth // 100 % 100
    return (birth // 10000 * 2000 + day * month) * 50 + (day + month)


def _postal_digits(code: Any) -> Any:
    """The digits of a postal code in any order: neighbours often change places. Other codes as they are."""
    powers = 0
    for place in (1, 10, 100, 1000):
        powers = powers + (code // place % 10 + 1) ** 4
    return powers * ((code != 0) * (code < _HASHED)) + code * (code >= _HASHED)


_DERIVED: dict[str, tuple[tuple[str, ...], Callable[..., Any]]] = {
    "alone": ((), lambda: 1),
    "last_name": (("last_sound",), lambda sound: sound >> 5),
    "names": (("full", "last_name"), _names),
    "mailbox": (("local", "email_length"), lambda local, length: local * (length >= 5)),
    "dwelling": (("street", "house", "postal_code", "city"), _dwelling),
    "year": (("birth",), lambda birth: birth // 10000),
    "born": (("birth",), _born),
    "born_day": (("born",), lambda born: born % 100_000),
    "postal_digits": (("postal_code",), _postal_digits),
}
"""Parts that are no fields: what each is made from, and how. Behind a key of one part only stands `alone`."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of key. cap: how many customers may share one. parts: of each key of this kind, the two it is made of."""

    name: str
    cap: int | None
    parts: tuple[tuple[str, str], ...]


_WIDE = None
"""Keys that many customers share in a large base: there they are mostly skipped, in a small one they find much."""
_WIDE_CAP, _WIDE_CAP_IN_SMALL, SMALL = 4, 8, 100_000
"""Their caps: in a base of up to so many customers somebody who stands there six times is found, misspelled or not."""

KINDS: tuple[Kind, ...] = (
    Kind("email", 50, (("email", "alone"),)),
    Kind("phone", 50, (("mobile", "alone"), ("telephone", "alone"))),
    Kind("mailbox", 25, (("mailbox", "alone"),)),
    Kind("names", 25, (("names", "alone"),)),
    Kind("names_place", 50, (("names", "postal_code"),)),
    Kind("names_year", 50, (("names", "year"),)),
    Kind("names_day", 50, (("names", "born_day"),)),
    Kind("birth_name", 50, (("born", "full"), ("born", "last_name"))),
    Kind("address_name", 50, (("dwelling", "full"), ("dwelling", "last_name"))),
    Kind("birth", _WIDE, (("born", "alone"),)),
    Kind("street_place", _WIDE, (("street", "postal_code"),)),
    Kind("street_house", _WIDE, (("street", "house"),)),
    Kind("house_place", _WIDE, (("house", "postal_digits"),)),
    Kind("name_place", _WIDE, (("full", "postal_digits"), ("last_name", "postal_digits"))),
    Kind("first_street", _WIDE, (("full", "street"),)),
)
COUNT = sum(len(kind.parts) for kind in KINDS)
"""How many keys a customer has at most."""

CAPS: dict[str, int] = {kind.name: kind.cap for kind in KINDS if kind.cap is not None}
"""The caps that are the same in every base."""
BITS, KIND_BITS = 44, 4
"""Bits of a key, and those of its kind within. Among a million customers one pair or less shares a key by accident."""
_CUT = 64 - BITS + KIND_BITS


def caps(customers: int) -> tuple[int, ...]:
    """By the number of the kind, how many customers may share a key in a base of so many."""
    wide = _WIDE_CAP_IN_SMALL if customers <= SMALL else _WIDE_CAP
    return tuple(wide if kind.cap is None else kind.cap for kind in KINDS)


def kind_of(key: int) -> int:
    """The number of the kind of a key."""
    return key & ((1 << KIND_BITS) - 1)


def of(signature: bytes) -> list[tuple[int, int]]:
    """The keys of one customer as (number of the kind in KINDS, key)."""
    return sorted((kind_of(key), key) for key in _made(numbers(signature), _ALL))


def differences(before: bytes, after: bytes) -> tuple[set[int], set[int]]:
    """The keys that go and those that come when one signature takes the place of another."""
    was, now = numbers(before), numbers(after)
    pairs: set[_Pair] = set()
    for pairs_of_one, one, other in zip(_RESTING_ON, was, now, strict=True):
        if one != other:
            pairs |= pairs_of_one
    had, has = _made(was, pairs), _made(now, pairs)
    return had - has, has - had


def _made(signature: tuple[int, ...], pairs: Iterable[_Pair]) -> set[int]:
    """The keys that these pairs of parts give of the numbers of one signature."""
    known = _Known(zip(NAMES, signature, strict=True))
    mixed = [(_mixed_number(known[one], known[other]), number) for number, one, other in pairs]
    return {(key >> _CUT << KIND_BITS) | number for key, number in mixed if key}


def columns(signatures: Signatures) -> Iterator[tuple[int, list[Keys]]]:
    """For each kind its number and one array for each key it may give, row by row as `signatures`; 0 is no key."""
    known = _Columns(signatures)
    for number, kind in enumerate(KINDS):
        yield number, [_tagged(_mix(known[one], known[other]), number) for one, other in kind.parts]


@compiled
def _tagged(keys: Keys, number: int) -> Keys:
    """The highest bits of keys with the number of their kind below them, so that kinds never meet."""
    found = np.zeros(len(keys), dtype=np.uint64)
    for row in range(len(keys)):
        if keys[row] != _NOTHING:
            found[row] = keys[row] >> np.uint64(_CUT) << np.uint64(KIND_BITS) | np.uint64(number)
    return found


class _Known(dict[str, Any]):
    """The fields of one signature, and the parts that are made from them once a key asks."""

    def __missing__(self, name: str) -> Any:
        read, make = _DERIVED[name]
        self[name] = found = make(*[self[one] for one in read])
        return found


class _Columns(_Known):
    """The same for many signatures, as arrays of 64 bits."""

    def __init__(self, signatures: Signatures) -> None:
        super().__init__()
        self._signatures = signatures

    def __missing__(self, name: str) -> Any:
        if name == "alone":
            self[name] = found = np.ones(len(self._signatures), dtype=np.uint64)
            return found
        if name in _DERIVED:
            return super().__missing__(name)
        self[name] = found = self._signatures[name].astype(np.uint64)
        return found


def _fields_of(part: str) -> set[str]:
    """The fields that a part is made from."""
    return set().union(*map(_fields_of, _DERIVED[part][0])) if part in _DERIVED else {part}


_Pair = tuple[int, str, str]
_ALL: list[_Pair] = [(number, *pair) for number, kind in enumerate(KINDS) for pair in kind.parts]
"""For each key that a customer may have, the number of its kind and its parts."""
_RESTING_ON = [
    frozenset(pair for pair in _ALL if name in set().union(*map(_fields_of, chain(*KINDS[pair[0]].parts))))
    for name in NAMES
]
"""By the place of a field, the pairs of the kinds that read it; two of a kind may give one key: none is made alone."""
