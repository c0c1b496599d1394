"""Scans: everybody against everybody, or those that changed against everybody. Both give the pairs that checks give.

A scan reads outside transactions and writes in short ones, so it must not be called inside one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime

import numpy as np
import numpy.typing as npt

from ... import chunks
from ...clock import now
from ...db import db, transaction
from ...models.matching import MatchScan
from . import candidates, checks, contexts, keeping, loading, marks, scanning, state, store
from .candidates import Candidates
from .found import Found
from .loading import Base
from .scanning import FoundPairs

CHANGED_AT_ONCE = 250
_PAIRS_AT_ONCE = 1 << 20
MENDED_AT_ONCE = 200
Mark = tuple[int, int]
Flags = npt.NDArray[np.bool_]
Progress = Callable[[int, int], object]


class Batch(list[Found]):
    """Pairs that were found together, by ids.

    marks: the changes that the batch answers, to be given to `clear` in the transaction that stores the pairs.
    """

    def __init__(self, found: list[Found], marks: list[Mark]) -> None:
        super().__init__(found)
        self.marks = marks

    @property
    def checked(self) -> list[int]:
        """The customers of whom the batch holds every pair."""
        return [customer_id for customer_id, _stamp in self.marks]


def scan(
    *,
    groups: Collection[int] | None = None,
    across: bool = False,
    progress: Progress | None = None,
    resume: int | None = None,
) -> Iterator[FoundPairs]:
    """Compare everybody: the whole base, those of some groups with each other, or only across groups.

    progress: told how many of how many pairs were compared, may raise to stop. resume: go on at this customer, the
    `a_id` of the last pair that was stored; pairs of this one may come again.
    """
    mend()
    started = now()
    is_whole = groups is None and not across
    seen = loading.all_marks(db.session.connection()) if is_whole and resume is None else None
    base = loading.load(db.session.connection())
    is_counted = is_whole and resume is None
    customers = len(base.ids) if is_counted else state.read(db.session.connection()).customers
    possible = candidates.candidates(base.signatures, customers)
    if is_counted:
        _count(base, possible)
    db.session.rollback()
    found = 0
    for batch in _batches(base, possible, _chosen(base, possible, groups, across, resume), progress):
        found += len(batch)
        yield batch
    if seen is not None:
        _clear_all(seen)
    scope = "whole" if is_whole else "across" if across else "groups"
    _keep_facts(scope, started, len(base.ids), possible, found)


def _count(base: Base, possible: Candidates) -> None:
    """Count how frequent values are, and put that in force; between whole scans it stands still."""
    connection = db.session.connection()
    context = scanning.context_of(base.signatures, contexts.current(connection, state.read(connection)), possible)
    with transaction() as session:
        contexts.store_frequencies(session.connection(), context.frequencies)


def _chosen(
    base: Base, possible: Candidates, groups: Collection[int] | None, across: bool, resume: int | None
) -> Flags | None:
    """A flag for each pair, whether it is wanted; None where all are."""
    if groups is None and not across and resume is None:
        return None
    chosen = np.ones(len(possible.pairs), dtype=bool)
    within = np.isin(base.groups, list(groups)) if groups is not None else None
    for start in range(0, len(chosen), _PAIRS_AT_ONCE):
        a, b = possible.rows(start, start + _PAIRS_AT_ONCE)
        part = chosen[start : start + _PAIRS_AT_ONCE]
        if within is not None:
            part &= within[a] & within[b]
        if across:
            part &= base.groups[a] != base.groups[b]
        if resume is not None:
            part &= base.ids[a] >= resume
    return chosen


def _batches(base: Base, possible: Candidates, chosen: Flags | None, progress: Progress | None) -> Iterator[FoundPairs]:
    connection = db.session.connection()
    context = contexts.current(connection, state.read(connection))
    db.session.rollback()
    total = len(possible.pairs) if chosen is None else int(chosen.sum())
    done = 0
    for batch in scanning.scan(base.signatures, context, possible, chosen):
        yield FoundPairs(base.ids, base.signatures, batch, context.weights.version)
        done = min(done + scanning.BATCH, total)
        if progress:
            progress(done, total)


def _keep_facts(scope: str, started: datetime, customers: int, possible: Candidates, found: int) -> None:
    dropped = {
        kind: {"blocks": one.blocks, "customers": one.customers, "pairs": one.pairs}
        for kind, one in possible.dropped.items()
    }
    with transaction() as session:
        session.add(
            MatchScan(
                scope=scope, started_at=started, finished_at=now(), customers=customers,
                candidates=len(possible.pairs), found=found, model=state.read(session.connection()).model,
                dropped=dropped,
            )
        )  # fmt: skip


def scan_changed(*, progress: Progress | None = None) -> Iterator[Batch]:
    """Compare the customers that changed since they were last compared with everybody."""
    mend()
    connection = db.session.connection()
    total = connection.exec_driver_sql("SELECT count(*) FROM match_mark").scalar() or 0
    done, after = 0, -(1 << 62)
    while True:
        connection = db.session.connection()
        seen = marks.page(connection, after, CHANGED_AT_ONCE)
        own = store.entries(connection, [customer_id for customer_id, _stamp in seen])
        found = checks.compare(connection, list(own.values()), state.read(connection))
        db.session.rollback()
        if not seen:
            return
        yield Batch(found, seen)
        after, done = seen[-1][0], done + len(seen)
        if progress:
            progress(done, max(total, done))


def clear(seen: Collection[Mark]) -> None:
    """Take marks away, but for customers that changed again meanwhile; inside the transaction that stores the pairs."""
    marks.clear(db.session.connection(), seen)


def _clear_all(seen: loading.Numbers) -> None:
    """The same for all that a whole scan saw."""
    slices = (seen[start : start + 5_000].tolist() for start in range(0, len(seen), 5_000))
    chunks.write_in_chunks(slices, lambda rows: clear([tuple(row) for row in rows]))


def mend() -> int:
    """Write the signatures of customers that other tools changed; returns how many there were."""
    mended = 0
    while stale := marks.stale(db.session.connection(), MENDED_AT_ONCE):
        with transaction() as session:
            keeping.keep(session, stale)
        mended += len(stale)
    return mended
