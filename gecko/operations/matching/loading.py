"""The whole index as arrays, read in pages so that nobody waits for the reader and memory stays small."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy.engine import Connection

from . import marks, store
from .signature import SIZE, Signatures, unpack

_PAGE = 2_000
_FIRST = -(1 << 62)
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Base:
    """All living customers in the order of their ids: id, group and signature, a row each."""

    ids: Numbers
    groups: Numbers
    signatures: Signatures


def load(connection: Connection) -> Base:
    """Read everything."""
    count = connection.exec_driver_sql("SELECT count(*) FROM match_signature").scalar() or 0
    numbers: list[Numbers] = [np.empty((2, 0), dtype=np.int64)]
    stored = np.empty(count * SIZE, dtype=np.uint8)
    at = 0
    for ids, groups, signatures in _pages(connection):
        numbers.append(np.array((ids, groups), dtype=np.int64))
        part = np.frombuffer(b"".join(signatures), dtype=np.uint8)
        if at + len(part) > len(stored):  # somebody joined since the count
            stored = np.concatenate((stored[:at], np.empty(max(len(stored), len(part)), dtype=np.uint8)))
        stored[at : at + len(part)] = part
        at += len(part)
    both = np.concatenate(numbers, axis=1)
    return Base(both[0], both[1], unpack(stored[:at].data))


def all_marks(connection: Connection) -> Numbers:
    """All marks, a row of customer and stamp each."""
    parts: list[Numbers] = [np.empty((0, 2), dtype=np.int64)]
    after = _FIRST
    while page := marks.page(connection, after, _PAGE):
        parts.append(np.array(page, dtype=np.int64))
        after = page[-1][0]
    return np.concatenate(parts)


def _pages(connection: Connection) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], tuple[bytes, ...]]]:
    after = _FIRST
    while rows := store.page(connection, after, _PAGE):
        ids, groups, signatures = zip(*rows, strict=True)
        yield ids, groups, signatures
        after = ids[-1]
