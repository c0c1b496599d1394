"""One unchanging view of the database, so that count, sum and rows of an export are of the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Connection

from gecko.db import db


@contextmanager
def snapshot() -> Iterator[Connection]:
    """A connection of its own in one read transaction; writers go on meanwhile.

    REPEATABLE READ on PostgreSQL; on SQLite (WAL) a read transaction is a snapshot by itself.
    """
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection
