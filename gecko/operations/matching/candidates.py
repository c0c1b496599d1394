"""Candidate pairs of a whole base: customers that share a key, kind by kind; too large blocks skipped and counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .arrays import Numbers, Whole
from .compiling import compiled
from .keys import BITS, KIND_BITS, KINDS, caps, columns
from .signature import Signatures
from .threads import shared, workers

Pairs = npt.NDArray[np.uint64]
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ROW_BITS = 64 - BITS + KIND_BITS
_KIND, _ROW = np.uint64(KIND_BITS), np.uint64(_ROW_BITS)
_ROW_MASK = np.uint64((1 << _ROW_BITS) - 1)
_ROWS_AT_ONCE = 1 << 14
"""So many fit the processor's own memory."""
_STRETCH_BITS = 6
"""Pairs are put in order in up to 64 stretches of their left rows: they fit there, too, and processors share them."""
_NOTHING = np.uint64(0)


@dataclass(slots=True)
class Dropped:
    """What a cap left out: blocks over it, the customers in them, and the pairs that were not looked at therefore."""

    blocks: int = 0
    customers: int = 0
    pairs: int = 0


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of rows (the lower in the upper half of the number, ascending), and what the caps left out, by kind."""

    pairs: Pairs
    dropped: dict[str, Dropped]

    def sample(self, step: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Both rows of every `step`-th pair."""
        return Candidates(self.pairs[::step], {}).rows(0, len(self.pairs))

    def rows(self, start: int, stop: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Both rows of a stretch of pairs."""
        part = self.pairs[start:stop]
        return (part >> _HALF).astype(np.intp), (part & _LOW).astype(np.intp)


def candidates(signatures: Signatures, customers: int | None = None) -> Candidates:
    """All pairs of rows that share a key; each pair once. customers: whose number the caps go by; these by default."""
    limits = caps(len(signatures) if customers is None else customers)
    shift = np.uint64(max(0, len(signatures).bit_length() - _STRETCH_BITS))
    held = _held(signatures)

    def in_order(number: int) -> tuple[Pairs, Numbers]:
        numbers, counts = held[number], np.zeros(1 << _STRETCH_BITS, dtype=np.int64)
        numbers.sort()
        numbers = numbers[: _drop_repeated(numbers)]
        _count_pairs(numbers, limits[number], shift, counts)
        return numbers, counts

    ordered = shared(in_order, range(len(KINDS)))
    by_stretch = np.array([counts for _numbers, counts in ordered]).T
    ends = by_stretch.cumsum().reshape(by_stretch.shape)
    pairs, over = np.empty(int(ends[-1, -1]), dtype=np.uint64), np.zeros((len(KINDS), 3), dtype=np.int64)

    def write(number: int) -> None:
        places = np.ascontiguousarray((ends - by_stretch)[:, number])
        _write_pairs(ordered[number][0], limits[number], shift, pairs, places, over[number])

    shared(write, range(len(KINDS)))
    dropped = {kind.name: Dropped(*of_kind) for kind, of_kind in zip(KINDS, over.tolist(), strict=True) if of_kind[0]}
    return Candidates(_each_once(pairs, ends[:, -1].tolist()), dropped)


def _held(signatures: Signatures) -> list[Pairs]:
    """By kind all keys but 0, each with its row in the lower bits: one sort of numbers, where to sort keys and take
    their rows along is three times as dear."""
    if len(signatures) > 1 << _ROW_BITS:
        raise OverflowError(f"more than {1 << _ROW_BITS} customers")
    held = [np.empty(len(signatures) * kind.most, dtype=np.uint64) for kind in KINDS]
    bounds = np.linspace(0, len(signatures), workers() + 1).astype(int).tolist()

    def of_part(rows: tuple[int, int]) -> list[tuple[int, int]]:
        first, last = rows
        ends = [first * kind.most for kind in KINDS]
        for start in range(first, last, _ROWS_AT_ONCE):
            for number, of_kind in columns(signatures[start : min(start + _ROWS_AT_ONCE, last)]):
                for found in of_kind:
                    ends[number] = _with_rows(found, start, held[number], ends[number])
        return [(first * kind.most, end) for kind, end in zip(KINDS, ends, strict=True)]

    parts = shared(of_part, list(pairwise(bounds)))
    return [_closed_up(numbers, of_kind) for numbers, of_kind in zip(held, zip(*parts, strict=True), strict=True)]


def _each_once(pairs: Pairs, ends: list[int]) -> Pairs:
    """Pairs in order, each once; they stand stretch by stretch of the rows to the left, which end at `ends`."""

    def in_order(stretch: tuple[int, int]) -> tuple[int, int]:
        start, end = stretch
        part = pairs[start:end]
        part.sort()
        return start, start + _drop_repeated(part)

    return _closed_up(pairs, shared(in_order, pairwise([0, *ends])))


def _closed_up(numbers: Pairs, parts: Iterable[tuple[int, int]]) -> Pairs:
    """Stretches of an array moved to its front, one behind the other."""
    at = 0
    for start, end in parts:
        at = _move(numbers, start, end, at)
    return numbers[:at]


@compiled
def _move(numbers: Pairs, start: int, end: int, at: int) -> int:
    """Move a stretch towards the front, to `at`; returns where it ends there."""
    if at == start:
        return end
    for place in range(start, end):
        numbers[at + place - start] = numbers[place]
    return at + end - start


@compiled
def _with_rows(keys: Pairs, start: int, held: Pairs, at: int) -> int:
    """Write all keys but 0 from `at` on, each with its row in the lower bits; that of the first is `start`. Returns
    where they end."""
    for row in range(len(keys)):
        if keys[row] != _NOTHING:
            held[at] = keys[row] >> _KIND << _ROW | np.uint64(start + row)
            at += 1
    return at


@compiled
def _drop_repeated(numbers: Pairs) -> int:
    """Move each number in order to the front once, and count them: a customer stands once in a block, whichever formula
    made the key."""
    kept = min(1, len(numbers))
    for place in range(1, len(numbers)):
        if numbers[place] != numbers[kept - 1]:
            numbers[kept] = numbers[place]
            kept += 1
    return kept


@compiled
def _end_of_block(held: Pairs, start: int) -> int:
    """Where the next key begins."""
    key, end = held[start] >> _ROW, start + 1
    while end < len(held) and held[end] >> _ROW == key:
        end += 1
    return end


@compiled
def _count_pairs(held: Pairs, cap: int, shift: Whole, counts: Numbers) -> None:
    """Add the pairs within the blocks of one kind, whose keys and rows are in order, to `counts`, by the stretch of
    rows in which the left one stands."""
    start = 0
    while start < len(held):
        end = _end_of_block(held, start)
        if end - start <= cap:
            for one in range(start, end - 1):
                counts[np.int64((held[one] & _ROW_MASK) >> shift)] += end - 1 - one
        start = end


@compiled
def _write_pairs(held: Pairs, cap: int, shift: Whole, found: Pairs, places: Numbers, over: Numbers) -> None:
    """Write these pairs to `found`, from the place of each stretch on; blocks over the cap, and the customers and pairs
    in them, are added to `over`."""
    start = 0
    while start < len(held):
        end = _end_of_block(held, start)
        size = end - start
        if size > cap:
            over[0], over[1], over[2] = over[0] + 1, over[1] + size, over[2] + size * (size - 1) // 2
            start = end
            continue
        for one in range(start, end - 1):
            left = held[one] & _ROW_MASK
            stretch = np.int64(left >> shift)
            for other in range(one + 1, end):
                found[places[stretch]] = left << _HALF | held[other] & _ROW_MASK
                places[stretch] += 1
        start = end
