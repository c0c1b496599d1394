"""What dropped tables leave behind on the way back to an older schema: search tables, trigger functions, triggers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import inspect
from sqlalchemy.engine import Connection

from . import consent_triggers, counting, open_triggers, period_triggers, prepayment_triggers, tombstones, triggers
from .audit import AUDITED

_ASKING: tuple[tuple[str, Callable[[], Iterable[str]], tuple[str, ...]], ...] = (
    ("customer_name_count", counting.sqlite_statements, (counting.FUNCTION,)),
    ("consent", consent_triggers.sqlite_statements, (consent_triggers.FUNCTION,)),
    ("open_posting", open_triggers.sqlite_statements, (open_triggers.FUNCTION,)),
    ("period_lock", period_triggers.sqlite_statements, (period_triggers.FUNCTION, period_triggers.UNTIL)),
    ("prepayment_entry", prepayment_triggers.sqlite_statements, (prepayment_triggers.FUNCTION,)),
)
"""Triggers that ask or write another table than their own: that table, what makes them on SQLite, and the functions of
PostgreSQL."""


def remove(connection: Connection) -> None:
    """Remove what belongs to tables that are gone."""
    present = set(inspect(connection).get_table_names())
    _remove_search_and_log(connection, present)
    if "match_mark" not in present:
        is_sqlite = connection.dialect.name == "sqlite"
        for statement in triggers._drops(connection) if is_sqlite else (triggers._DROP_MARKING,):
            if "gecko_match" in statement:
                connection.exec_driver_sql(statement)
    if "merged_customer" not in present:
        tombstones.remove(connection)
    for asked, statements, functions in _ASKING:
        if asked not in present:
            _remove(connection, statements(), functions)


def _remove_search_and_log(connection: Connection, present: set[str]) -> None:
    """Full-text tables of SQLite; the functions of the log and of unchanging tables on PostgreSQL."""
    if connection.dialect.name == "sqlite":
        for table in {table.name for table in triggers.searchable_tables()} - present:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}_fts")
    elif not present.intersection([*AUDITED, *triggers.IMMUTABLE]):
        for function in ("gecko_audit", "gecko_immutable"):
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {function}()")


def _remove(connection: Connection, statements: Iterable[str], functions: Iterable[str]) -> None:
    """Drop triggers, by what makes them; on PostgreSQL they go with their functions."""
    if connection.dialect.name == "sqlite":
        drops = [f"TRIGGER IF EXISTS {statement.split()[2]}" for statement in statements]
    else:
        drops = [f"FUNCTION IF EXISTS {function}() CASCADE" for function in functions]
    for drop in drops:
        connection.exec_driver_sql(f"DROP {drop}")
