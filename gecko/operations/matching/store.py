"""The matcher's tables in plain statements, each database in its own words: these paths are counted in microseconds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from .copying import copy_entries, copy_keys

Entry = tuple[int, int, bytes]
"""What is kept of a customer: its id, its group and its signature."""


@dataclass(slots=True)
class Changes:
    """What is to be written.

    entries: signatures. gone, come: keys with their customer. left: customers without a signature from now on. settled:
    customers whose signatures now show their last change; their marks stay for the next scan.
    """

    entries: list[Entry] = field(default_factory=list)
    gone: list[tuple[int, int]] = field(default_factory=list)
    come: list[tuple[int, int]] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    settled: list[int] = field(default_factory=list)


def fetch(connection: Connection, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
    """All rows of a statement. The database is asked by its own driver: SQLAlchemy takes longer than the answer."""
    if is_sqlite(connection):
        rows: list[Any] = _driver(connection).execute(statement, parameters).fetchall()
    else:
        rows = _asked(connection, statement, parameters).fetchall()
    return rows


def _asked(connection: Connection, statement: str, parameters: Sequence[Any]) -> Any:
    """What PostgreSQL answers, in numbers rather than in words; its errors are those of SQLAlchemy."""
    errors = connection.dialect.loaded_dbapi.Error
    try:
        return _driver(connection).execute(statement, parameters, binary=True)
    except errors as error:
        raise DBAPIError.instance(statement, parameters, error, errors, dialect=connection.dialect) from error


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def entries(connection: Connection, customer_ids: Iterable[int]) -> dict[int, Entry]:
    """The entries of these customers, as far as they have one."""
    statement = f"SELECT customer_id, group_id, signature FROM match_signature WHERE {among(connection, 'customer_id')}"
    rows = fetch(connection, statement, (listed(connection, customer_ids),))
    return {row[0]: (row[0], row[1], bytes(row[2])) for row in rows}


def page(connection: Connection, after: int, limit: int) -> Sequence[Any]:
    """The next entries behind this customer, by customer."""
    mark = "?" if is_sqlite(connection) else "%s"
    statement = (
        f"SELECT customer_id, group_id, signature FROM match_signature WHERE customer_id > {mark}"
        f" ORDER BY customer_id LIMIT {mark}"
    )
    return fetch(connection, statement, (after, limit))


def write(connection: Connection, changes: Changes) -> None:
    """Write signatures and keys, and take the staleness off the marks."""
    (_write_sqlite if is_sqlite(connection) else _write_postgres)(connection, changes)


_SETTLE = "UPDATE match_mark SET is_stale = false WHERE {} AND is_stale"
_UPSERT = (
    "INSERT INTO match_signature (customer_id, group_id, signature) {}"
    " ON CONFLICT (customer_id) DO UPDATE SET group_id = excluded.group_id, signature = excluded.signature"
)
_LEAVE_SQLITE = "DELETE FROM match_signature WHERE customer_id = ?"
_UPSERT_SQLITE = _UPSERT.format("VALUES (?, ?, ?)")
_REMOVE_SQLITE = "DELETE FROM match_key WHERE key = ? AND customer_id = ?"
_SETTLE_SQLITE = _SETTLE.format("customer_id = ?")


def _write_sqlite(connection: Connection, changes: Changes) -> None:
    driver = _driver(connection)
    if changes.left:
        driver.executemany(_LEAVE_SQLITE, zip(changes.left))
    if changes.entries:
        driver.executemany(_UPSERT_SQLITE, changes.entries)
    if changes.gone:
        driver.executemany(_REMOVE_SQLITE, changes.gone)
    if changes.settled:
        driver.executemany(_SETTLE_SQLITE, zip(changes.settled))
    if changes.come:
        _add_flat(driver, [*chain.from_iterable(sorted(changes.come))])


_ROWS_A_STATEMENT = 200
"""Rows that go into SQLite with one statement: a statement a row takes four times as long."""
_ADD = "INSERT OR IGNORE INTO match_key (key, customer_id) VALUES (?, ?)"
_ADD_MANY = _ADD + ", (?, ?)" * (_ROWS_A_STATEMENT - 1)
_ADD_POSTGRES = (
    "INSERT INTO match_key (key, customer_id) SELECT * FROM unnest(%s::bigint[], %s::bigint[]) ON CONFLICT DO NOTHING"
)


def add_keys(connection: Connection, keys: npt.NDArray[np.int64], customer_ids: npt.NDArray[np.int64]) -> None:
    """Insert keys, each with its customer, in the order given; those that are there stay."""
    if is_sqlite(connection):
        _add_flat(_driver(connection), np.column_stack((keys, customer_ids)).ravel().tolist())
    elif not copy_keys(connection, keys, customer_ids):
        connection.exec_driver_sql(_ADD_POSTGRES, (keys.tolist(), customer_ids.tolist()))


def _add_flat(driver: Any, rows: list[int]) -> None:
    """rows: each key with its customer behind it; no tuple a row, which would take as long as the database does."""
    width = 2 * _ROWS_A_STATEMENT
    whole = len(rows) - len(rows) % width
    if whole:
        driver.executemany(_ADD_MANY, (rows[start : start + width] for start in range(0, whole, width)))
    if len(rows) > whole:
        driver.executemany(_ADD, zip(rows[whole::2], rows[whole + 1 :: 2], strict=True))


def add_entries(connection: Connection, rows: Sequence[Entry]) -> None:
    """Insert entries; those that are there stay as they are."""
    head = "INSERT INTO match_signature (customer_id, group_id, signature)"
    if is_sqlite(connection):
        _driver(connection).executemany(f"{head} VALUES (?, ?, ?) ON CONFLICT DO NOTHING", rows)
    elif rows and not copy_entries(connection, rows):
        given = "SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[])"
        connection.exec_driver_sql(f"{head} {given} ON CONFLICT DO NOTHING", tuple(columns(rows, 3)))


def remove_keys(connection: Connection, rows: Sequence[tuple[int, int]]) -> None:
    """Remove keys of customers."""
    write(connection, Changes(gone=list(rows)))


def empty(connection: Connection, *tables: str) -> None:
    """Empty tables of the matcher."""
    for table in tables:
        connection.exec_driver_sql(f"DELETE FROM {table}" if is_sqlite(connection) else f"TRUNCATE {table}")


def hold_writers(connection: Connection) -> None:
    """Let nobody else change what customers are compared by until the transaction ends (on SQLite nobody can).

    Whoever changes it touches the marks first. To be called first of all: they are waited for with empty hands, and
    after that nothing is waited for, so that nobody who waits for us can be the one who has to give way.
    """
    if not is_sqlite(connection):
        connection.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
        connection.exec_driver_sql("LOCK TABLE match_mark IN EXCLUSIVE MODE")
        wait_for_nobody(connection)


def take_stock(engine: Engine) -> None:
    """Let PostgreSQL look at the tables once they are filled; not inside a transaction.

    It then knows how large they are, and that everybody sees their rows, so that keys are read from their index alone.
    It would look by itself a minute later, and for minutes, beside those who work.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE) match_signature, match_key")


def wait_for_nobody(connection: Connection) -> None:
    """Give up, from here to the end of the transaction, rather than wait for a lock that somebody has."""
    if not is_sqlite(connection):
        connection.exec_driver_sql("SET LOCAL lock_timeout = '1ms'")


_WRITE_POSTGRES = f"""
    WITH settled AS ({_SETTLE.format("customer_id = ANY(%s::bigint[])")}),
    left_out AS (DELETE FROM match_signature WHERE customer_id = ANY(%s::bigint[])),
    gone AS (DELETE FROM match_key k USING unnest(%s::bigint[], %s::bigint[]) AS g (key, customer_id)
              WHERE k.key = g.key AND k.customer_id = g.customer_id),
    come AS (INSERT INTO match_key (key, customer_id) SELECT * FROM unnest(%s::bigint[], %s::bigint[])
             ON CONFLICT DO NOTHING)
    {_UPSERT.format("SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[])")}
"""


def _write_postgres(connection: Connection, changes: Changes) -> None:
    """One statement, one round trip. No key both goes and comes: `Changes` hold differences."""
    *of_entries, signatures = columns(changes.entries, 3)
    numbers = (
        changes.settled, changes.left, *columns(changes.gone, 2), *columns(changes.come, 2), *of_entries,
    )  # fmt: skip
    if any(numbers):
        _asked(connection, _WRITE_POSTGRES, (*map(array, numbers), signatures))


def columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Rows as lists, a column each, also where there are none."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _column in range(width)]


def living(connection: Connection, after: int, limit: int) -> list[int]:
    """The next living customers behind this one."""
    mark = "?" if is_sqlite(connection) else "%s"
    statement = f"SELECT id FROM customer WHERE deleted_at IS NULL AND id > {mark} ORDER BY id LIMIT {mark}"
    return [row[0] for row in fetch(connection, statement, (after, limit))]


def span(connection: Connection) -> tuple[int, int]:
    """The lowest and the highest id of a customer or entry; (0, -1) where there is none."""
    statement = (
        "SELECT min(low), max(high) FROM (SELECT min(id) AS low, max(id) AS high FROM customer"
        " UNION ALL SELECT min(customer_id), max(customer_id) FROM match_signature) AS ends"
    )
    low, high = fetch(connection, statement)[0]
    return (0, -1) if low is None else (low, high)


def known(connection: Connection, after: int, limit: int) -> list[int]:
    """The next ids behind this one that are a customer's or an entry's."""
    mark = "?" if is_sqlite(connection) else "%s"
    part = "SELECT * FROM (SELECT {0} AS id FROM {1} WHERE {0} > {2} ORDER BY {0} LIMIT {2}) AS part"
    parts = [part.format("id", "customer", mark), part.format("customer_id", "match_signature", mark)]
    statement = f"SELECT id FROM ({' UNION '.join(parts)}) AS ids ORDER BY id LIMIT {mark}"
    return [row[0] for row in fetch(connection, statement, (after, limit, after, limit, limit))]


def missing_keys(connection: Connection, customer_id: int, expected: Sequence[int]) -> int:
    """How many of these keys a customer lacks."""
    mark = "?" if is_sqlite(connection) else "%s"
    statement = f"SELECT count(*) FROM match_key WHERE customer_id = {mark} AND {among(connection, 'key')}"
    held = fetch(connection, statement, (customer_id, listed(connection, expected)))[0][0]
    return len(expected) - int(held)


def is_sqlite(connection: Connection) -> bool:
    """Whether this is SQLite; otherwise it is PostgreSQL."""
    return connection.dialect.name == "sqlite"


def among(connection: Connection, column: str) -> str:
    """That a number is one of many, given as ONE parameter by `listed`: the statement's text never changes."""
    if is_sqlite(connection):
        return f"{column} IN (SELECT value FROM json_each(?))"
    return f"{column} = ANY(%s::bigint[])"


def listed(connection: Connection, numbers: Iterable[int]) -> Any:
    """The parameter of `among`."""
    return json.dumps(list(numbers)) if is_sqlite(connection) else array(numbers)


def array(numbers: Iterable[int]) -> str:
    """Numbers in PostgreSQL's own writing of an array.

    psycopg would ask each for its size and take the smallest type that holds them all: slower, and a statement of its
    own to plan for each type.
    """
    return str(list(numbers)).replace("[", "{").replace("]", "}")
