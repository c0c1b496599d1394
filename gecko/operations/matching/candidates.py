"""Candidate pairs of a whole base: customers that share a key, kind by kind; too large blocks skipped and counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .keys import BITS, KIND_BITS, KINDS, caps, columns
from .signature import Signatures

Pairs = npt.NDArray[np.uint64]
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ROW_BITS = 64 - BITS + KIND_BITS
_KIND, _ROW = np.uint64(KIND_BITS), np.uint64(_ROW_BITS)
_ROW_MASK = np.uint64((1 << _ROW_BITS) - 1)
_ROWS_AT_ONCE = 1 << 14
"""So many fit the processor's own memory."""
_NONE: Pairs = np.zeros(0, dtype=np.uint64)


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
    found: list[Pairs] = []
    dropped: dict[str, Dropped] = {}
    limits = caps(len(signatures) if customers is None else customers)
    for kind, cap, held in zip(KINDS, limits, _held(signatures), strict=True):
        over = Dropped()
        found += _pairs_of_kind(_distinct(np.concatenate(held or [_NONE])), cap, over)
        if over.blocks:
            dropped[kind.name] = over
        held.clear()
    return Candidates(_distinct(np.concatenate(found or [_NONE])), dropped)


def _held(signatures: Signatures) -> list[list[Pairs]]:
    """By kind all keys but 0, each with its row in the lower bits: one sort of numbers, where to sort keys and take
    their rows along is three times as dear."""
    if len(signatures) > 1 << _ROW_BITS:
        raise OverflowError(f"more than {1 << _ROW_BITS} customers")
    held: list[list[Pairs]] = [[] for _kind in KINDS]
    for start in range(0, len(signatures), _ROWS_AT_ONCE):
        part = signatures[start : start + _ROWS_AT_ONCE]
        row = np.arange(start, start + len(part), dtype=np.uint64)
        for number, keys in columns(part):
            held[number] += [((key >> _KIND << _ROW) | row)[key != 0] for key in keys]
    return held


def _distinct(numbers: Pairs) -> Pairs:
    """In order, each once: a customer stands once in a block, whichever formula made the key."""
    numbers.sort()
    kept = np.ones(len(numbers), dtype=bool)
    np.not_equal(numbers[1:], numbers[:-1], out=kept[1:])
    return numbers[kept]


def _pairs_of_kind(held: Pairs, cap: int, dropped: Dropped) -> list[Pairs]:
    """Pairs within the blocks of one kind; what is over the cap is counted in `dropped`."""
    starts, sizes = _blocks(held >> _ROW)
    over = sizes > cap
    dropped.blocks, dropped.customers = int(over.sum()), int(sizes[over].sum())
    dropped.pairs = int((sizes[over] * (sizes[over] - 1) // 2).sum())
    found = []
    for size in np.unique(sizes[~over]).tolist():
        chosen = starts[sizes == size]
        members = held[chosen[:, None] + np.arange(size)] & _ROW_MASK
        one, other = np.triu_indices(size, 1)
        found.append(((members[:, one] << _HALF) | members[:, other]).ravel())
    return found


def _blocks(key: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Where keys that stand more than once begin, and how often they stand; `key` is in order."""
    again = np.zeros(len(key) + 1, dtype=np.int8)
    np.equal(key[1:], key[:-1], out=again[1:-1].view(bool))
    edges = np.flatnonzero(np.diff(again))
    return edges[0::2], edges[1::2] - edges[0::2] + 1
