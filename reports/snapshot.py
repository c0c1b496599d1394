"""One unchanging view of the database, so that count, sum and rows of an export are of the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.engine import Connection

from gecko.db import MAPPED_BYTES, db


@contextmanager
def _unmapped(connection: Connection) -> Iterator[None]:
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA mmap_size=0")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA mmap_size={MAPPED_BYTES}")


@contextmanager
def snapshot() -> Iterator[Connection]:
    """A connection of its own in one read transaction; writers go on meanwhile.

    REPEATABLE READ on PostgreSQL; on SQLite (WAL) a read transaction is a snapshot by itself. Its file is read without
    the memory map: an export goes through it once, and every page of it would count as memory of this process.
    """
    with db.engine.connect() as connection, _unmapped(connection):
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection
