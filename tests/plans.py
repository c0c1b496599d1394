"""How the database answers a statement, in its own words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gecko.db import db


def plan(statement: str, parameters: Any = None, *, without: Sequence[str] = ()) -> str:
    """The plan, a line a step. without: ways that PostgreSQL leaves alone, where a table is too small for an index."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect() as connection:
        for way in () if is_sqlite else without:
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        explained = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if is_sqlite else ''}{statement}", parameters)
        return "\n".join(str(row[-1]) for row in explained)
