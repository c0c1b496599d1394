"""Numbers of which one digit is wrong, or two neighbours changed places."""

from __future__ import annotations

import numpy as np

from .arrays import Flags, Numbers

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
