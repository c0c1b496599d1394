"""Bases of customers for the tests of the matcher's database part."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import insert

from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.operations.matching import Found
from jobs.benchmarks.duplicates import base
from tests import factories

Pairs = dict[tuple[int, int], Found]


def fill(count: int, **values: Any) -> None:
    """A made-up base with duplicates and families in it, the n-th record with the id n + 1."""
    group_id = factories.primary_group().id
    rows = [dict(zip(base.FIELDS, record, strict=False)) for record in base.generate(count).records]
    with transaction() as session:
        session.execute(insert(Customer), [{"group_id": group_id, **row, **values} for row in rows])


def by_pair(found: Any) -> Pairs:
    """Pairs by their ids."""
    return {(one.a_id, one.b_id): one for one in found}


def flat(batches: Any) -> list[Found]:
    """All pairs of a scan."""
    return [one for batch in batches for one in batch]


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement about the matcher's tables inside the block, also those that pass SQLAlchemy by."""
    seen: list[str] = []

    def note(statement: str) -> None:
        if "match_" in statement and not statement.startswith("--"):  # a trigger's own statements are comments
            seen.append(statement)

    class Noting(psycopg.Cursor[Any]):
        def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            note(str(query))
            return super().execute(query, *args, **kwargs)

    driver: Any = db.session.connection().connection.driver_connection
    sqlite, before = db.engine.dialect.name == "sqlite", getattr(driver, "cursor_factory", None)
    if sqlite:
        driver.set_trace_callback(note)
    else:
        driver.cursor_factory = Noting
    try:
        yield seen
    finally:
        if sqlite:
            driver.set_trace_callback(None)
        else:
            driver.cursor_factory = before
