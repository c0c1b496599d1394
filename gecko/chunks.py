"""Much writing beside people who edit: short transactions with a breath between them.

SQLite has one writer at a time. A transaction of seconds locks everybody out; the same work in slices of a tenth of a
second with a pause lets edits in between.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from .db import db, is_transient, transaction

T = TypeVar("T")
BUDGET = 0.08
PAUSE = 0.02


def write_in_chunks(
    items: Iterable[T],
    write: Callable[[T], object],
    *,
    after: Callable[[int], None] | None = None,
    budget: float = BUDGET,
    pause: float = PAUSE,
) -> int:
    """Call `write` for every item inside transactions of about `budget` seconds; returns how many items.

    after: called at the end of each transaction, inside it, with the number of items so far: the place for progress
    and checkpoint. A transaction the database turns away for the moment is done again with the same items, so `write`
    must change nothing but the database.
    """
    source, count = iter(items), 0
    breathes = db.engine.dialect.name == "sqlite"
    for first in source:
        taken = [first]
        try:
            _write(_while_time(first, source, taken, budget), write, after, count, taken)
        except DBAPIError as error:
            if not is_transient(error):
                raise
            _write(list(taken), write, after, count, taken)
        count += len(taken)
        if breathes:
            time.sleep(pause)
    return count


def _while_time(first: T, source: Iterator[T], taken: list[T], budget: float) -> Iterator[T]:
    stop = time.monotonic() + budget
    yield first
    while time.monotonic() < stop:
        for item in source:
            taken.append(item)
            yield item
            break
        else:
            return


def _write(
    items: Iterable[T], write: Callable[[T], object], after: Callable[[int], None] | None, before: int, taken: list[T]
) -> None:
    with transaction():
        for item in items:
            write(item)
        if after is not None:
            after(before + len(taken))
