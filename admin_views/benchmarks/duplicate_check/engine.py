"""What is measured inside the process: checks, what they find, what writing costs, whether all paths agree."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from typing import Any

import numpy as np
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from gecko import triggers
from gecko.db import _WRITING, db, transaction
from gecko.models.customers import Customer
from gecko.models.duplicates import Lane
from gecko.operations import matching
from gecko.operations.matching import Found, keeping
from jobs.benchmarks.duplicates.base import Base

BIGGEST_BLOCKS = 60
WRITES, WRITES_A_TURN = 800, 50
TELLING = frozenset({Lane.SURE, Lane.PROBABLE})
Pairs = dict[tuple[int, int], Found]


def times(values: Iterable[float]) -> dict[str, float]:
    """Percentiles of seconds, in milliseconds."""
    ordered = sorted(values)
    at = lambda share: round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 3)  # noqa: E731
    return {"p50_ms": at(0.5), "p95_ms": at(0.95), "p99_ms": at(0.99), "max_ms": round(ordered[-1] * 1000, 3)}


def some(base: Base, count: int, seed: int) -> list[int]:
    """Random customers, each once."""
    ids = range(1, len(base.records) + 1)
    return random.Random(seed).sample(ids, min(count, len(ids)))  # noqa: S311 (test data)


def of_biggest_blocks() -> list[int]:
    """A customer of each of the biggest blocks, those that are skipped and those just below their caps."""
    statement = "SELECT min(customer_id) FROM match_key GROUP BY key HAVING count(*) {} ORDER BY count(*) DESC LIMIT {}"
    found: set[int] = set()
    for limit in ("> 50", "<= 50", "<= 25"):
        rows = db.session.execute(text(statement.format(limit, BIGGEST_BLOCKS)))
        found |= {customer_id for (customer_id,) in rows}
    db.session.rollback()
    return sorted(found)


def checked(ids: Sequence[int]) -> tuple[dict[str, float], dict[int, list[Found]]]:
    """How long checks take, and what they find; each begins a transaction of its own, as a request does."""
    for customer_id in ids[:50]:
        matching.check(customer_id)
    took, found = [], {}
    processor = time.process_time()
    for customer_id in ids:
        db.session.rollback()
        began = time.perf_counter()
        found[customer_id] = matching.check(customer_id)
        took.append(time.perf_counter() - began)
    processor = time.process_time() - processor
    db.session.rollback()
    return {**times(took), "cpu_ms": round(1000 * processor / len(ids), 3)}, found


def quality(base: Base, found: dict[int, list[Found]]) -> dict[str, float]:
    """Of customers that stand in the base more than once, how many are told so; and how many wrong names are told.

    Only what is told as one person counts (sure and probable): households and namesakes are lanes of their own.
    """
    entity = base.entity
    _known, numbers, sizes = _distinct(entity)
    hits = doubles = wrong = 0
    for customer_id, pairs in found.items():
        own = entity[customer_id - 1]
        others = [entity[_other(pair, customer_id) - 1] for pair in pairs if pair.lane in TELLING]
        wrong += sum(bool(other != own) for other in others)
        if sizes[numbers[customer_id - 1]] > 1:
            doubles += 1
            hits += own in others
    return {
        "with_duplicates": doubles,
        "recall": round(hits / max(doubles, 1), 4),
        "false_alarms_per_100": round(100 * wrong / max(len(found), 1), 3),
    }


def _distinct(entity: Any) -> Any:

    return np.unique(entity, return_inverse=True, return_counts=True)


def _other(pair: Found, customer_id: int) -> int:
    return pair.b_id if pair.a_id == customer_id else pair.a_id


def agreement(ids: Sequence[int], whole: Pairs, say: Callable[[str], None]) -> dict[str, Any]:
    """The pairs of these customers by check, by the scan of what changed and by the whole scan."""
    wanted = set(ids)
    by_scan = {pair: one for pair, one in whole.items() if wanted & set(pair)}
    by_check: Pairs = {}
    for customer_id in ids:
        by_check |= {(one.a_id, one.b_id): one for one in matching.check(customer_id)}
        db.session.rollback()
    say(f"  {len(ids)} customers checked one by one")
    with transaction() as session:
        session.execute(text("DELETE FROM match_mark"))
        rows = [{"id": customer_id} for customer_id in ids]
        marked = "INSERT INTO match_mark (customer_id, stamp, is_stale, is_outside) VALUES (:id, :id, false, false)"
        session.execute(text(marked), rows)
    began = time.perf_counter()
    by_change = {(one.a_id, one.b_id): one for batch in matching.scan_changed() for one in batch}
    seconds = time.perf_counter() - began
    return {
        "customers": len(ids),
        "pairs": len(by_scan),
        "check_differs": _differing(by_check, by_scan),
        "changed_differs": _differing(by_change, by_scan),
        "changed_seconds": round(seconds, 2),
        "changed_ms_each": round(1000 * seconds / len(ids), 3),
    }


def _differing(one: Pairs, other: Pairs) -> int:
    return sum(one.get(pair) != other.get(pair) for pair in one.keys() | other.keys())


def write_overhead(ids: Sequence[int]) -> dict[str, float]:
    """What keeping adds to the change of a compared value, in turns with and without it.

    Each customer is changed once: whoever came second would find its rows in memory, and look the quicker for it.
    """
    took: dict[bool, list[float]] = {True: [], False: []}
    turn = min(WRITES_A_TURN, len(ids) // 2)
    for start in range(0, len(ids) - turn, 2 * turn):
        took[True] += [_written(customer_id, start) for customer_id in ids[start : start + turn]]
        with _unkept():
            took[False] += [_written(customer_id, start) for customer_id in ids[start + turn : start + 2 * turn]]
    kept, bare = (median(took[flag]) * 1000 for flag in (True, False))
    return {"write_p50_ms": round(kept, 3), "bare_p50_ms": round(bare, 3), "overhead_p50_ms": round(kept - bare, 3)}


def _written(customer_id: int, salt: int) -> float:
    began = time.perf_counter()
    with transaction() as session:
        row = session.get_one(Customer, customer_id)
        row.mobile = f"+45{20_000_000 + (customer_id * 7919 + salt) % 40_000_000}"
    return time.perf_counter() - began


@contextmanager
def _unkept() -> Iterator[None]:
    """The database as it would be without the matcher: no marks, no signatures."""
    sqlite = db.engine.dialect.name == "sqlite"
    db.session.remove()
    with db.engine.connect().execution_options(**{_WRITING: True}) as connection, connection.begin():
        on = "" if sqlite else " ON customer"
        for name in ("insert", "update", "delete") if sqlite else ("",):
            connection.execute(text(f"DROP TRIGGER gecko_match{'_customer_' if sqlite else ''}{name}{on}"))
    event.remove(Session, "before_commit", keeping.keep_what_changed)
    try:
        yield
    finally:
        event.listen(Session, "before_commit", keeping.keep_what_changed)
        db.session.remove()
        with db.engine.connect().execution_options(**{_WRITING: True}) as connection, connection.begin():
            triggers.install(connection)
