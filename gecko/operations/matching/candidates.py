"""Candidate pairs of a whole base: customers that share a key, kind by kind; too large blocks skipped and counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .keys import KINDS, columns
from .signature import Signatures

Rows = npt.NDArray[np.uint32]
Pairs = npt.NDArray[np.uint64]
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


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


def candidates(signatures: Signatures) -> Candidates:
    """All pairs of rows that share a key; each pair once."""
    found: list[Pairs] = []
    dropped: dict[str, Dropped] = {}
    for number, keys in columns(signatures):
        kind = KINDS[number]
        sizes_over = Dropped()
        found.append(_pairs_of_kind(keys, kind.cap, sizes_over))
        if sizes_over.blocks:
            dropped[kind.name] = sizes_over
    return Candidates(_distinct(np.concatenate(found)), dropped)


def _distinct(pairs: Pairs) -> Pairs:
    pairs.sort()
    if not len(pairs):
        return pairs
    kept = np.empty(len(pairs), dtype=bool)
    kept[0] = True
    np.not_equal(pairs[1:], pairs[:-1], out=kept[1:])
    return pairs[kept]


def _pairs_of_kind(keys: list[npt.NDArray[np.uint64]], cap: int, dropped: Dropped) -> Pairs:
    """Pairs within the blocks of one kind. A customer stands once in a block, whichever formula made the key."""
    key, row = _sorted_keys(keys)
    if not len(key):
        return np.zeros(0, dtype=np.uint64)
    starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    sizes = np.diff(np.concatenate((starts, [len(key)])))
    over = sizes > cap
    dropped.blocks, dropped.customers = int(over.sum()), int(sizes[over].sum())
    dropped.pairs = int((sizes[over] * (sizes[over] - 1) // 2).sum())
    chosen = (sizes > 1) & ~over
    return _distinct(_pairs_of_blocks(row, starts[chosen], sizes[chosen]))


def _sorted_keys(keys: list[npt.NDArray[np.uint64]]) -> tuple[npt.NDArray[np.uint64], Rows]:
    """All keys but 0 in order, with the row of each; a row with the same key twice stands once."""
    parts = []
    for position, column in enumerate(keys):
        rows = np.flatnonzero(column)
        for earlier in keys[:position]:
            rows = rows[column[rows] != earlier[rows]]
        parts.append((column[rows], rows.astype(np.uint32)))
    key, row = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.argsort(key)
    return key[order], row[order]


def _pairs_of_blocks(row: Rows, starts: npt.NDArray[Any], sizes: npt.NDArray[Any]) -> Pairs:
    """Each member of a block with each behind it, size by size."""
    found: list[Pairs] = []
    for size in np.unique(sizes).tolist():
        members = row[starts[sizes == size][:, None] + np.arange(size)]
        one, other = np.triu_indices(size, 1)
        left, right = members[:, one].ravel().astype(np.uint64), members[:, other].ravel().astype(np.uint64)
        found.append((np.minimum(left, right) << _HALF) | np.maximum(left, right))
    return np.concatenate(found) if found else np.zeros(0, dtype=np.uint64)
