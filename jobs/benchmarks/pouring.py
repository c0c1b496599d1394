"""Many customers at once: triggers and indexes are dropped, rows poured in, and everything built again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from gecko import counting, triggers
from gecko.db import db
from gecko.models.customers import Customer

Rows = Callable[[int], Iterable[tuple[object, ...]]]


def pour(columns: tuple[str, ...], rows: Rows, *, groups: int) -> None:
    """Fill an empty, upgraded database with customers.

    rows: given the id of the first of so many new groups, values in the order of `columns`.
    """
    sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect().execution_options(gecko_writing=True) as connection, connection.begin():
        first_group = _groups(connection, groups)
        rebuild = _drop_indexes(connection, sqlite=sqlite)
        (_pour_sqlite if sqlite else _pour_postgres)(connection, columns, rows(first_group))
        for statement in rebuild:
            connection.exec_driver_sql(statement)
        triggers.install(connection)
        triggers.rebuild_search(connection, "customer")
        counting.recount(connection)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if sqlite else "VACUUM ANALYZE customer")
    db.engine.dispose()


def _groups(connection: Connection, count: int) -> int:
    first = 1 + (connection.scalar(text("SELECT max(id) FROM customer_group")) or 0)
    for number in range(count):
        connection.execute(
            text("INSERT INTO customer_group (id, name, is_active, is_primary) VALUES (:id, :name, true, false)"),
            {"id": first + number, "name": f"Afdeling {number + 1}"},
        )
    return first


def _drop_indexes(connection: Connection, *, sqlite: bool) -> list[str]:
    """Drop what slows the pouring; returns the statements that make the indexes again."""
    if sqlite:
        for name in connection.scalars(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'customer'")
        ).all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'customer' AND sql IS NOT NULL"
    else:
        for name in connection.scalars(
            text("SELECT tgname FROM pg_trigger WHERE tgrelid = 'customer'::regclass AND NOT tgisinternal")
        ).all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}" ON customer')
        connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '512MB'")
        query = (
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'customer'"
            " AND indexname NOT LIKE 'pk_%' AND indexdef NOT LIKE '%UNIQUE%'"
        )
    found = connection.execute(text(query)).all()
    for name, _sql in found:
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
    return [sql for _name, sql in found]


def _pour_sqlite(connection: Connection, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    places = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {Customer.__tablename__} ({', '.join(columns)}) VALUES ({places})"
    raw: Any = connection.connection.driver_connection
    raw.executemany(statement, _as_text(rows))


def _as_text(rows: Iterable[tuple[object, ...]]) -> Iterator[list[object]]:
    """Days and instants as the ORM writes them into SQLite."""
    for row in rows:
        yield [
            value.strftime("%Y-%m-%d %H:%M:%S.000000") if isinstance(value, datetime)
            else value.isoformat() if isinstance(value, date) else value
            for value in row
        ]  # fmt: skip


def _pour_postgres(connection: Connection, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    raw: Any = connection.connection.driver_connection
    with raw.cursor().copy(f"COPY {Customer.__tablename__} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
