"""The back-fill: signatures and keys of a base that has none yet, or none of this version.

People go on working meanwhile: customers are read and normalised outside transactions (a large base by all processors),
what is written goes in short ones, and whoever changes meanwhile keeps what their own transaction wrote. Where both
want the same it is the back-fill that lets go, and comes back. Keys go in sorted over the whole base, many times faster
than customer by customer. An interrupted back-fill goes on: behind the last customer, or with the keys from their
beginning.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from ...db import db, is_transient, transaction
from . import helping, keeping, keys, loading, marks, state, store
from .loading import Base, Numbers
from .placeholders import Learned
from .signature import VERSION
from .store import Entry

LARGE = 50_000
"""From so many customers on it takes longer to read them all alone than to begin processes that help."""
CUSTOMERS_AT_ONCE = 4_000
KEYS_AT_ONCE = 60_000
CUSTOMERS_A_PART, ROWS_AT_ONCE = 500_000, 1 << 14
"""For so many customers one part of the keys is sorted at a time: memory stays bounded. Their keys are made for so many
at once: these fit the processor's own memory."""
PAUSE, PATIENCE, _BREATH = 0.05, 600.0, 0.005
"""Seconds until it comes back after it let go, until it gives up, and between parts of the keys for other writers."""
_ROW_BITS = 64 - keys.BITS
Progress = Callable[[int, int, dict[str, Any]], object]


@dataclass(slots=True)
class Page:
    """Customers as they were read: each with its group, and the stamp each change had then."""

    owners: keeping.Owners
    stamps: dict[int, int]
    last: int


def is_needed() -> bool:
    """Whether not every customer has a signature of this version."""
    return state.read(db.session.connection()).signatures != VERSION


def begin_empty() -> None:
    """Note that a base without customers lacks nothing; inside the transaction that sets an installation up."""
    connection = db.session.connection()
    if connection.exec_driver_sql("SELECT 1 FROM customer LIMIT 1").first() is None:
        state.set_to(connection, "signatures", VERSION)


def run(*, progress: Progress | None = None, resume: dict[str, Any] | None = None) -> int:
    """Fill what is missing; returns how many customers there are. Must not be called inside a transaction.

    progress: told how many of how many customers are done, and where to go on (`resume`); may raise to stop.
    """
    total = _total()
    tell = progress or (lambda _done, _total, _where: None)
    where = resume or {}
    if not where:
        _begin()
    if "keys" not in where:
        _fill_signatures(int(where.get("after", 0)), total, tell)
    _fill_keys(tell, total)
    store.take_stock(db.engine)
    with transaction() as session:
        state.set_to(session.connection(), "signatures", VERSION)
    return total


def _total() -> int:
    count = db.session.connection().exec_driver_sql("SELECT count(*) FROM customer WHERE deleted_at IS NULL").scalar()
    db.session.rollback()
    return int(count or 0)


def _begin() -> None:
    """Throw away what is there of another version, or of a back-fill nobody went on with."""
    _giving_way(_empty)


def _empty(connection: Connection) -> None:
    store.hold_writers(connection)
    state.set_to(connection, "signatures", 0)
    store.empty(connection, "match_key", "match_signature")


def _giving_way(write: Callable[[Connection], object]) -> None:
    """Write in a transaction; where somebody is in the way, let go of everything and come back."""
    stop = time.monotonic() + PATIENCE
    while True:
        try:
            with transaction() as session:
                write(session.connection())
            return
        except DBAPIError as error:
            if not is_transient(error) or time.monotonic() > stop:
                raise
        time.sleep(PAUSE)


def _fill_signatures(after: int, total: int, tell: Progress) -> None:
    done = 0

    def write(connection: Connection, page: Page, entries: list[Entry]) -> None:
        store.hold_writers(connection)
        now = marks.stamps(connection, [entry[0] for entry in entries])
        changed = {entry[0] for entry in entries if now.get(entry[0]) != page.stamps.get(entry[0])}
        if changed:
            keeping.keep(db.session(), changed)
        store.add_entries(connection, [entry for entry in entries if entry[0] not in changed])

    helpers = helping.worth_it() if total >= LARGE else 0
    for page, signatures in helping.all_made(_pages(after), helpers):
        _giving_way(partial(write, page=page, entries=keeping.entries(page.owners, signatures)))
        done += len(signatures)
        tell(done, total, {"after": page.last})


def _pages(after: int) -> Iterator[tuple[Page, helping.Rows, Learned]]:
    """All customers behind `after` that are there now; whoever comes later gets a signature of their own accord."""
    last = db.session.connection().exec_driver_sql("SELECT max(id) FROM customer").scalar() or 0
    while after < last:
        connection = db.session.connection()
        ids = store.living(connection, after, CUSTOMERS_AT_ONCE)
        stamps = marks.stamps(connection, ids)  # before the rows: a change in between shows as another stamp later
        owners, rows, learned = keeping.as_they_stand(connection, ids)
        db.session.rollback()
        if not ids:
            return
        after = ids[-1]
        yield Page(owners, stamps, after), rows, learned


def _fill_keys(tell: Progress, total: int) -> None:
    """Insert all keys in their order, then take back those of signatures that changed meanwhile."""
    tell(total, total, {"keys": True})
    _giving_way(_without_keys)
    base = loading.load(db.session.connection())
    db.session.rollback()
    for found, customer_ids in _key_slices(base):
        _giving_way(partial(_add_keys, found=found, customer_ids=customer_ids))
        time.sleep(_BREATH)
        tell(total, total, {"keys": True})
    _take_back(base)


def _without_keys(connection: Connection) -> None:
    store.hold_writers(connection)
    store.empty(connection, "match_key")


def _add_keys(connection: Connection, found: Numbers, customer_ids: Numbers) -> None:
    store.wait_for_nobody(connection)
    store.add_keys(connection, found, customer_ids)


def _key_slices(base: Base) -> Iterator[tuple[Numbers, Numbers]]:
    """All keys in ascending order, each with its customer, part by part of the range of keys."""
    bits = int(len(base.ids) // CUSTOMERS_A_PART).bit_length()
    for part in range(1 << bits):
        held = _held(base, part, bits)
        held.sort()
        held = held[np.diff(held, prepend=~held[:1]) != 0]  # two of one customer's keys may be the same
        for start in range(0, len(held), KEYS_AT_ONCE):
            some = held[start : start + KEYS_AT_ONCE]
            found = some >> np.uint64(_ROW_BITS + bits) | np.uint64(part << (keys.BITS - bits))
            rows = some & np.uint64((1 << (_ROW_BITS + bits)) - 1)
            yield found.astype(np.int64), base.ids[rows]


def _held(base: Base, part: int, bits: int) -> npt.NDArray[np.uint64]:
    """The keys whose highest bits are those of `part`: in a number each the rest of the key, and behind it the row.

    Where there are more rows than fit there are more parts, and the more bits of the key need not be kept.
    """
    found = [np.empty(0, dtype=np.uint64)]
    for start in range(0, len(base.ids), ROWS_AT_ONCE):
        some = base.signatures[start : start + ROWS_AT_ONCE]
        row = np.arange(start, start + len(some), dtype=np.uint64)
        for _number, columns in keys.columns(some):
            for column in columns:
                chosen = (column != 0) & (column >> np.uint64(keys.BITS - bits) == part)
                found.append((column << np.uint64(_ROW_BITS + bits) | row)[chosen])
    return np.concatenate(found)


def _take_back(base: Base) -> None:
    """Remove keys that customers had when the base was read, and no longer have."""
    _giving_way(store.hold_writers)  # whoever did not see the keys yet has ended when this is ours
    later = loading.load(db.session.connection())
    db.session.rollback()
    at = np.minimum(np.searchsorted(later.ids, base.ids), max(len(later.ids) - 1, 0))
    same = np.zeros(len(base.ids), dtype=bool)
    if len(later.ids):
        same = (later.ids[at] == base.ids) & (later.signatures[at] == base.signatures)
    changed = {int(base.ids[row]): base.signatures[row].tobytes() for row in np.flatnonzero(~same)}
    if changed:
        _giving_way(partial(_remove, before=changed))


def _remove(connection: Connection, before: dict[int, bytes]) -> None:
    store.hold_writers(connection)
    now = store.entries(connection, before)
    for customer_id, signature in before.items():
        has = {key for _kind, key in keys.of(now[customer_id][2])} if customer_id in now else set()
        gone = {key for _kind, key in keys.of(signature)} - has
        store.remove_keys(connection, [(key, customer_id) for key in sorted(gone)])
