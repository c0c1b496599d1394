"""Whether what is stored of customers is what their rows give when they are normalised now, and whether keys follow.

Reads only. Customers that other tools changed are not wrong: they are marked, and mended by the next scan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy.engine import Connection

from ... import chunks
from ...db import db
from . import filling, keeping, keys, marks, store
from .store import Entry

AT_ONCE = 500


@dataclass
class Verified:
    """How many customers were looked at, and those whose signature, group or keys are not what they should be."""

    customers: int = 0
    wrong: list[int] = field(default_factory=list)


def verify(*, sample: int | None = None, progress: Callable[[int], object] | None = None) -> Verified:
    """Look at every customer, or at so many spread over the base; must not be called inside a transaction."""
    done = Verified()
    if filling.is_needed():
        return done  # nothing is promised yet
    for ids in _pages(sample):
        connection = db.session.connection()
        marked = marks.stale_among(connection, ids)
        wanted = [one for one in ids if one not in marked]
        done.wrong += _wrong(connection, wanted)
        done.customers += len(wanted)
        db.session.rollback()
        if progress:
            progress(done.customers)
    return done


def _pages(sample: int | None) -> Iterator[list[int]]:
    """Ids of customers, living or with an entry: all, or stretches spread over them."""
    connection = db.session.connection()
    first, last = store.span(connection)
    db.session.rollback()
    stretches = 1 if sample is None else max(1, sample // AT_ONCE)
    width = max(1, (last - first) // stretches + 1)
    for start in range(first, last + 1, width):
        after = start - 1
        while ids := store.known(db.session.connection(), after, AT_ONCE):
            db.session.rollback()
            yield ids
            after = ids[-1]
            if sample is not None:
                break


def _wrong(connection: Connection, ids: Sequence[int]) -> list[int]:
    wanted: dict[int, Entry] = {entry[0]: entry for entry in keeping.as_of_now(connection, ids)}
    found = store.entries(connection, ids)
    wrong = {one for one in ids if wanted.get(one) != found.get(one)}
    listed = [(one, sorted(key for _kind, key in keys.of(wanted[one][2]))) for one in ids if one in wanted]
    for one, expected in listed:
        if store.missing_keys(connection, one, expected):
            wrong.add(one)
    return sorted(wrong)


def mark(customer_ids: Sequence[int]) -> None:
    """Mark customers as out of date, so that the next scan makes what is stored of them anew."""
    slices = (customer_ids[start : start + AT_ONCE] for start in range(0, len(customer_ids), AT_ONCE))
    chunks.write_in_chunks(slices, lambda some: marks.mark_stale(db.session.connection(), some))
