"""Candidate pairs of a whole base: customers that share a key, kind by kind; too large blocks skipped and counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .arrays import Numbers
from .compiling import compiled, compiled_with_arrays
from .keys import BITS, KIND_BITS, KINDS, caps, columns
from .signature import Signatures
from .threads import shared

Pairs = npt.NDArray[np.uint64]
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ROW_BITS = 64 - BITS + KIND_BITS
_KIND, _ROW = np.uint64(KIND_BITS), np.uint64(_ROW_BITS)
_ROW_MASK = np.uint64((1 << _ROW_BITS) - 1)
_ROWS_AT_ONCE = 1 << 14
"""So many fit the processor's own memory."""
_NONE: Pairs = np.zeros(0, dtype=np.uint64)
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
    held = _held(signatures)

    def of_kind(number: int) -> tuple[Pairs, Dropped]:
        numbers = np.concatenate(held[number] or [_NONE])
        held[number].clear()
        numbers.sort()
        over = Dropped()
        return _pairs_of_kind(numbers, limits[number], over), over

    found = shared(of_kind, range(len(KINDS)))
    pairs = np.concatenate([pairs for pairs, _over in found])
    pairs.sort()
    dropped = {kind.name: over for kind, (_pairs, over) in zip(KINDS, found, strict=True) if over.blocks}
    return Candidates(pairs[: _drop_repeated(pairs)], dropped)


def _held(signatures: Signatures) -> list[list[Pairs]]:
    """By kind all keys but 0, each with its row in the lower bits: one sort of numbers, where to sort keys and take
    their rows along is three times as dear."""
    if len(signatures) > 1 << _ROW_BITS:
        raise OverflowError(f"more than {1 << _ROW_BITS} customers")

    def of_part(start: int) -> list[tuple[int, Pairs]]:
        part = signatures[start : start + _ROWS_AT_ONCE]
        return [(number, _with_rows(found, start)) for number, of_kind in columns(part) for found in of_kind]

    held: list[list[Pairs]] = [[] for _kind in KINDS]
    for part in shared(of_part, range(0, len(signatures), _ROWS_AT_ONCE)):
        for number, numbers in part:
            held[number].append(numbers)
    return held


@compiled_with_arrays
def _with_rows(keys: Pairs, start: int) -> Pairs:
    """All keys but 0, each with its row in the lower bits; that of the first is `start`."""
    found, at = np.empty(len(keys), dtype=np.uint64), 0
    for row in range(len(keys)):
        if keys[row] != _NOTHING:
            found[at] = keys[row] >> _KIND << _ROW | np.uint64(start + row)
            at += 1
    return found[:at].copy()


def _pairs_of_kind(held: Pairs, cap: int, dropped: Dropped) -> Pairs:
    """Pairs within the blocks of one kind, whose keys and rows are in order; what is over the cap is counted in
    `dropped`."""
    held = held[: _drop_repeated(held)]
    found = np.empty(_count_pairs(held, cap), dtype=np.uint64)
    over = np.zeros(3, dtype=np.int64)
    _write_pairs(held, cap, found, over)
    dropped.blocks, dropped.customers, dropped.pairs = over.tolist()
    return found


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
def _count_pairs(held: Pairs, cap: int) -> int:
    found, start = 0, 0
    while start < len(held):
        end = _end_of_block(held, start)
        size = end - start
        if size <= cap:
            found += size * (size - 1) // 2
        start = end
    return found


@compiled
def _write_pairs(held: Pairs, cap: int, found: Pairs, over: Numbers) -> None:
    """Write the pairs of blocks up to the cap to `found`; blocks, customers and pairs of others are added to `over`."""
    start, at = 0, 0
    while start < len(held):
        end = _end_of_block(held, start)
        size = end - start
        if size > cap:
            over[0], over[1], over[2] = over[0] + 1, over[1] + size, over[2] + size * (size - 1) // 2
        else:
            for one in range(start, end):
                for other in range(one + 1, end):
                    found[at] = (held[one] & _ROW_MASK) << _HALF | held[other] & _ROW_MASK
                    at += 1
        start = end
