"""A made-up base in a database, in several groups, and ready for the matcher."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import select

from gecko.db import db
from gecko.models.customers import Customer
from jobs.benchmarks.pouring import pour

from .base import FIELDS, Base

GROUPS = 5
_CREATED = datetime(2026, 1, 5, 9, tzinfo=UTC)


def load(base: Base) -> None:
    """Pour the base into an empty, upgraded database; the n-th record becomes the customer with the id n + 1."""
    with db.engine.connect() as connection:
        if connection.scalar(select(Customer.id).limit(1)):
            raise RuntimeError("the database is not empty")
    pour(("number", *FIELDS, "group_id", "created_at"), lambda group: _rows(base, group), groups=GROUPS)


def _rows(base: Base, first_group: int) -> Iterator[tuple[object, ...]]:
    for place, record in enumerate(base.records):
        yield (f"{100_000 + place}", *record[: len(FIELDS)], first_group + place % GROUPS, _CREATED)
