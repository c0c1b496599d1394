"""How many customers bear a value: what is shared by many says less about who somebody is.

One table for every path. Values of one or two customers are not kept: two that agree on one are all who bear it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .comparing_names import whole_name
from .comparing_places import dwelling, street
from .levels import Frequency
from .signature import Signatures

LEAST = 3
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
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


class _Scattered:
    """A table of counts whose values stand where a product puts them: found ten times faster than in sorted order.

    Where several fall on one place, one stands there and the place is marked; the others are looked for in order.
    """

    def __init__(self, values: npt.NDArray[np.uint64], counts: npt.NDArray[np.int64]) -> None:
        self._values, self._counts = values, counts
        self._shift = np.uint64(64 - max(2 * len(values), 2).bit_length())
        places = self._places(values)
        size = 1 << (64 - int(self._shift))
        self._at, self._count = np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.int64)
        self._at[places], self._count[places] = values, counts
        self._shared = np.bincount(places, minlength=size) > 1

    def _places(self, values: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        return (values * _SPREAD >> self._shift).view(np.int64)

    def counts_of(self, wanted: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """How often these stand; 0 for those that are not in the table."""
        places = self._places(wanted)
        missed = self._at.take(places) != wanted
        found = self._count.take(places)
        found[missed] = 0
        missed &= self._shared.take(places)
        rest = missed.nonzero()[0]
        if len(rest):
            left = wanted[rest]
            at = np.minimum(np.searchsorted(self._values, left), len(self._values) - 1)
            found[rest] = np.where(self._values[at] == left, self._counts[at], 0)
        return found


_BEARERS, _CUSTOMERS, _LEAST = np.array([(0.0, 1.0, 0.0), *(_PRIORS[kind] for kind in list(Frequency)[1:])]).T.copy()
_APART = np.arange(len(Frequency), dtype=np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F)


@dataclass(frozen=True)
class Frequencies:
    """Counts by kind over a base of so many customers.

    pairs: how many pairs of each class there are per customer (see Weights), where that was estimated.
    """

    customers: int
    tables: dict[Frequency, _Table]
    pairs: tuple[float, float, float] | None = None

    def chance(self, kind: Frequency, values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """For values that two customers share, the chance that another customer would bear it, too."""
        return self.chances(np.intp(kind), values.astype(np.uint64, copy=False))

    def chances(self, kinds: Any, values: npt.NDArray[np.uint64]) -> npt.NDArray[np.float64]:
        """The same for values of several kinds."""
        others = np.maximum(self._scattered.counts_of(values + _APART.take(kinds)) - 2, 0)
        found = (others + _BEARERS.take(kinds)) / (self.customers + _CUSTOMERS.take(kinds)) + _LEAST.take(kinds)
        return np.asarray(found)

    @cached_property
    def _scattered(self) -> _Scattered:
        """All counts in one table; the values of each kind are moved by a number of its own, to be told apart."""
        tables = [(values + _APART[kind], counts) for kind, (values, counts) in self.tables.items()]
        values, counts = (np.concatenate(column) for column in zip(_NO_TABLE, *tables, strict=True))
        order = np.argsort(values)
        return _Scattered(values[order], counts[order])


_NO_TABLE: _Table = (np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64))
NONE_COUNTED = Frequencies(0, {})


def count(signatures: Signatures) -> Frequencies:
    """Count the values of a base."""
    return Frequencies(len(signatures), {kind: _frequent(_values(kind, signatures)) for kind in Frequency if kind})


def _frequent(columns: list[npt.NDArray[Any]]) -> _Table:
    """Values that stand often enough in `columns`; 0 is no value."""
    values = np.concatenate([column.astype(np.uint64) for column in columns]) if len(columns) > 1 else columns[0]
    values = np.sort(values.astype(np.uint64, copy=False))
    starts = (
        np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1]))) if len(values) else np.zeros(0, np.int64)
    )
    counts = np.diff(np.concatenate((starts, [len(values)])))
    kept = (counts >= LEAST) & (values[starts] != 0)
    return values[starts[kept]], counts[kept]


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
            return [np.where(rows["street"] != 0, dwelling(rows), 0)]
        case Frequency.NAMES:
            return [whole_name(rows["first"], rows["last"])]
        case Frequency.STREET:
            return [np.where(rows["street"] != 0, street(rows), 0)]
        case Frequency.POSTAL_CODE:
            return [rows["postal_code"]]
        case _:
            return [rows["birth"]]
