"""One writer of pairs and cases at a time, so that two can never make a case of the same customers."""

from __future__ import annotations

from sqlalchemy import text

from ...db import db


def only_one() -> None:
    """Wait for other transactions that write pairs or cases (PostgreSQL; on SQLite the write lock is ours already).

    Taken before any row is locked: whoever merges customers as well must call this first.
    """
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('gecko.duplicates'))"))
