"""What the writers of all kinds share: deciding row by row, ids in blocks, and a memory for dry runs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import ARRAY, ColumnElement, FromClause, Table, Text, any_, bindparam, func, select, text

from ...db import db
from ...errors import GeckoError
from .faults import Refused
from .parsing import Parsed, Rejected, Remark

Content = dict[str, Any]


class Outcome(StrEnum):
    """What became of a row that came in."""

    IMPORTED = "imported"
    UPDATED = "updated"
    EXISTING = "existing"


@dataclass
class Batch:
    """What became of one chunk of rows.

    like_customers, like_rows: new ones that look like somebody. unlooked: compared with a long file's latest rows only.
    """

    imported: int = 0
    updated: int = 0
    existing: int = 0
    like_customers: int = 0
    like_rows: int = 0
    unlooked: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    made: dict[str, int] = field(default_factory=dict)
    outcomes: dict[int, str] = field(default_factory=dict)  # by line, for the preview

    def count(self, row: Parsed, outcome: Outcome) -> None:
        """Note what became of a row; an update counts as imported, too."""
        self.outcomes[row.line] = str(outcome)
        if outcome == Outcome.EXISTING:
            self.existing += 1
            return
        self.imported += 1
        self.updated += outcome == Outcome.UPDATED

    def reject(self, row: Parsed, reason: GeckoError) -> None:
        """Note that a row does not come in."""
        refused = reason if isinstance(reason, Refused) else Refused(reason.message, **reason.params)
        self.rejected.append(Rejected(row.line, row.cells, refused))

    def make(self, noun: str, count: int) -> None:
        """Note that records besides the rows' own were made."""
        if count:
            self.made[noun] = self.made.get(noun, 0) + count


class Writer(Protocol):
    """Brings rows of one kind into the database; used inside `transaction()`, dry or not."""

    def write(self, rows: Sequence[Parsed], batch: Batch) -> None:
        """Decide on every row and write what is new."""


@dataclass(frozen=True, slots=True)
class Context:
    """On whose account rows come in, and what they may touch. groups: the customer groups of a limited user."""

    user_id: int | None = None
    groups: frozenset[int] | None = None
    is_dry: bool = False


class Seen:
    """What a dry run would have written, on disk in a database of its own: bounded memory for any file."""

    def __init__(self) -> None:
        self._store = sqlite3.connect("", isolation_level=None)
        self._store.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID")
        self._store.execute("BEGIN")

    def add(self, key: str, content: Content) -> None:
        """Remember a record."""
        self._store.execute("INSERT OR REPLACE INTO seen VALUES (?, ?)", (key, json.dumps(content, default=str)))

    def find(self, keys: Iterable[str]) -> dict[str, Content]:
        """The remembered ones of these."""
        wanted = list(keys)
        marks = ", ".join("?" * len(wanted))
        found = self._store.execute(f"SELECT key, content FROM seen WHERE key IN ({marks})", wanted)
        return {key: json.loads(content) for key, content in found}

    def close(self) -> None:
        """Forget everything."""
        self._store.close()


def plain(content: Content) -> Content:
    """Content as it comes back from memory, so that remembered and stored content compare equal."""
    restored: Content = json.loads(json.dumps(content, default=str))
    return restored


def allocate(table: FromClause, count: int) -> list[int]:
    """`count` unused ids of a table, for bulk inserts that refer to each other; held by the running transaction."""
    if not count:
        return []
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":  # the write lock is ours
        last = connection.scalar(select(func.max(table.c.id))) or 0
        return list(range(last + 1, last + 1 + count))
    # as an insert does before it draws: whoever waits for writers (the seal) knows that ids are being drawn
    connection.execute(text(f"LOCK TABLE {table.name} IN ROW EXCLUSIVE MODE"))  # type: ignore[attr-defined]
    drawn = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
    return list(connection.scalars(drawn, {"name": table.name, "count": count}))  # type: ignore[attr-defined]


def insert(table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert many rows with equal keys in one go, by the driver itself: the shortest way there is.

    Values pass the columns' own types; columns that are not given take the database's default.
    """
    if not rows:
        return
    connection = db.session.connection()
    dialect = connection.dialect
    names = list(rows[0])
    mark = "?" if dialect.name == "sqlite" else "%s"
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join([mark] * len(names))})"
    columns = []
    for name in names:
        given = [row[name] for row in rows]
        process = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
        columns.append(_processed(process, given) if process else given)
    connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))


def _processed(process: Callable[[Any], Any], given: list[Any]) -> list[Any]:
    """Each value as the driver takes it; an object that stands in many rows (a snapshot, a state) is processed once."""
    known: dict[int, Any] = {}
    for value in given:
        if id(value) not in known:
            known[id(value)] = process(value)
    return [known[id(value)] for value in given]


def among(column: Any, name: str = "wanted") -> ColumnElement[bool]:
    """That a text column holds one of many values, given as ONE parameter by `listing`: nothing to expand."""
    if db.engine.dialect.name == "sqlite":
        listed = func.json_each(bindparam(name, type_=Text)).table_valued("value")
        return column.in_(select(listed.c.value))  # type: ignore[no-any-return]
    return column == any_(bindparam(name, type_=ARRAY(Text)))  # type: ignore[no-any-return]


def listing(wanted: Iterable[str]) -> Any:
    """The parameter of `among`."""
    values = sorted(set(wanted))
    return json.dumps(values) if db.engine.dialect.name == "sqlite" else values


def only_import(context: Context) -> None:
    """Let imports write one after another on PostgreSQL, so that two cannot make the same record (SQLite always)."""
    connection = db.session.connection()
    if not context.is_dry and connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('gecko.import'))"))
