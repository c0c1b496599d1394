"""How many customers bear a value: what is shared by many says less about who somebody is.

One table for every path. Values of one or two customers are not kept: two that agree on one are all who bear it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .arrays import Numbers, Records, Whole
from .comparing_names import whole_name
from .comparing_places import dwelling, street
from .compiling import compiled, compiled_with_arrays
from .levels import Frequency
from .signature import Signatures, readable
from .threads import shared

LEAST = 3
_Table = tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]


class _Prior(NamedTuple):
    """Bearers and customers that a base is thought to have beside its own: in a small base every value looks frequent.

    least: no value is rarer than that; a rare last name runs in families, and goes with first names of one origin.
    """

    bearers: float
    customers: float
    least: float = 0.0


_PRIORS: dict[Frequency, _Prior] = {
    Frequency.NAME: _Prior(1.0, 300.0, 5e-5),
    Frequency.SOUND: _Prior(2.0, 300.0, 1e-4),
    Frequency.EMAIL: _Prior(0.02, 5_000.0),
    Frequency.MAILBOX: _Prior(0.5, 5_000.0),
    Frequency.PHONE: _Prior(0.02, 5_000.0),
    Frequency.ADDRESS: _Prior(0.001, 2_000.0),
    Frequency.POSTAL_CODE: _Prior(1.0, 300.0),
    Frequency.BIRTH: _Prior(0.8, 25_000.0),
    Frequency.NAMES: _Prior(0.0, 300.0),
    Frequency.STREET: _Prior(0.5, 2_000.0, 1e-5),
}


_BEARERS, _CUSTOMERS, _LEAST = np.array([(0.0, 1.0, 0.0), *(_PRIORS[kind] for kind in list(Frequency)[1:])]).T.copy()
_SPREAD, _APART = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_NOTHING, _HALF = np.uint64(0), np.uint64(32)


_COUNT = np.dtype([("value", "<u8"), ("count", "<i8")])


@dataclass(frozen=True)
class Frequencies:
    """Counts by kind over a base of so many customers.

    pairs: how many pairs of each class there are per customer (see Weights), where that was estimated.
    """

    customers: int
    tables: dict[Frequency, _Table]
    pairs: tuple[float, float, float] | None = None

    @cached_property
    def counts(self) -> Numbers:
        """All counts in one table, at most half full: values scattered over places by a product, those of each kind
        moved by a number of its own to be told apart."""
        size = 1 << (2 * sum(len(values) for values, _counts in self.tables.values()) + 1).bit_length()
        found = np.zeros(size, dtype=_COUNT)
        for kind, (values, counts) in self.tables.items():
            _scatter(int(kind), values.astype(np.uint64), counts.astype(np.int64), found)
        return found


@compiled
def chance(kind: Whole, value: Whole, counts: Records, customers: float) -> float:
    """For a value that two customers share, the chance that another customer would bear it, too."""
    others = max(counts[_place(_moved(kind, value), counts)].count - 2, 0)
    return float((others + _BEARERS[kind]) / (customers + _CUSTOMERS[kind]) + _LEAST[kind])


@compiled
def _moved(kind: Whole, value: Whole) -> Whole:
    """A value as it stands among those of all kinds; never 0."""
    return max(value + np.uint64(kind) * _APART, np.uint64(1))


@compiled
def _place(value: Whole, counts: Records) -> Whole:
    """Where a value stands, or would stand."""
    last = len(counts) - 1
    place = np.int64(value * _SPREAD >> _HALF) & last
    while counts[place].value != value and counts[place].value != _NOTHING:
        place = (place + 1) & last
    return place


@compiled
def _scatter(kind: Whole, values: Numbers, how_often: Numbers, counts: Records) -> None:
    for row in range(len(values)):
        value = _moved(kind, values[row])
        place = _place(value, counts)
        counts[place].value, counts[place].count = value, how_often[row]


NONE_COUNTED = Frequencies(0, {})


def count(signatures: Signatures) -> Frequencies:
    """Count the values of a base."""
    rows = readable(signatures)
    kinds = [kind for kind in Frequency if kind]
    tables = shared(lambda kind: _frequent(_values(kind, rows)), kinds)
    return Frequencies(len(rows), dict(zip(kinds, tables, strict=True)))


def _frequent(columns: list[npt.NDArray[Any]]) -> _Table:
    """Values that stand often enough in `columns`; 0 is no value."""
    values = np.concatenate(columns)  # of 32 bits where these are enough: they are sorted in half the time
    values.sort()
    others = LEAST - 1
    often = values[others:][values[others:] == values[:-others]]  # of each value all but the first of these
    is_first = np.ones(len(often), dtype=bool)
    is_first[1:] = often[1:] != often[:-1]
    starts = np.flatnonzero(is_first)
    counts = np.diff(starts, append=len(often)) + others
    kept = often[starts] != 0
    return often[starts[kept]].astype(np.uint64), counts[kept]


def _values(kind: Frequency, rows: Signatures) -> list[npt.NDArray[Any]]:
    five = np.uint32(5)
    match kind:
        case Frequency.NAME:
            return [rows["first"], rows["last"]]
        case Frequency.SOUND:
            return [rows["full"], rows["last_sound"] >> five]
        case Frequency.EMAIL:
            return [rows["email"]]
        case Frequency.MAILBOX:
            return [rows["local"]]
        case Frequency.PHONE:
            return [rows["mobile"], rows["telephone"]]
        case Frequency.ADDRESS:
            return [_places(rows, False)]
        case Frequency.NAMES:
            return [_whole_names(rows)]
        case Frequency.STREET:
            return [_places(rows, True)]
        case Frequency.POSTAL_CODE:
            return [rows["postal_code"]]
        case _:
            return [rows["birth"]]


@compiled_with_arrays
def _places(rows: Signatures, is_street: bool) -> Numbers:
    """The street of each, or the dwelling; 0 where no street is known."""
    found = np.zeros(len(rows), dtype=np.uint64)
    for row in range(len(rows)):
        if rows[row].street != 0:
            found[row] = street(rows[row]) if is_street else dwelling(rows[row])
    return found


@compiled_with_arrays
def _whole_names(rows: Signatures) -> Numbers:
    found = np.zeros(len(rows), dtype=np.uint64)
    for row in range(len(rows)):
        found[row] = whole_name(rows[row].first, rows[row].last)
    return found
