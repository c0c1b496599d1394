"""Customers that hang together through others but cannot be one person themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
from sqlalchemy import or_, select

from ...db import db
from ...models.duplicates import DuplicatePair, PairState
from ..matching import comparing, signature, store
from ..matching.levels import COMPARATORS, Birth, First
from . import clusters
from .clusters import Edge
from .many import among

_FIRST, _BIRTH = list(COMPARATORS).index("first"), list(COMPARATORS).index("birth")


def find(components: Iterable[Sequence[Edge]]) -> set[tuple[int, int]]:
    """The pairs (lower id first) within components of person pairs that speak against one person.

    They were decided to be different, or scored and found to be a family or namesakes, or have other first names or
    dates of birth. Two that are joined by a pair of their own are no conflict: that was scored with all that is known.
    """
    crossing = {pair for edges in components if len(edges) > 1 for pair in clusters.crossings(edges)}
    if not crossing:
        return set()
    return _judged({customer for pair in crossing for customer in pair}) & crossing | _apart(sorted(crossing))


def _judged(ids: Collection[int]) -> set[tuple[int, int]]:
    columns: Any = DuplicatePair
    statement = select(columns.a_id, columns.b_id).where(
        among(columns.a_id, ids),
        or_(columns.state == PairState.DIFFERENT, columns.lane.not_in(sorted(clusters.PERSON))),
    )
    return {(row.a_id, row.b_id) for row in db.session.execute(statement)}


def _apart(pairs: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those whose signatures hold other first names or other dates of birth, by the matcher's own comparison."""
    stored = store.entries(db.session.connection(), {customer for pair in pairs for customer in pair})
    known = [pair for pair in pairs if pair[0] in stored and pair[1] in stored]
    if not known:
        return set()
    left, right = (signature.unpack(b"".join(stored[pair[side]][2] for pair in known)) for side in (0, 1))
    levels = comparing.compare(left, right).levels
    apart = (levels[:, _FIRST] == First.OTHER) | (levels[:, _BIRTH] == Birth.OTHER)
    return {known[at] for at in np.flatnonzero(apart)}
