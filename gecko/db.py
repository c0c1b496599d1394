"""The database: one declarative base, and the one way to write: `with transaction():`.

Edges (views, jobs, commands) open the transaction, operations never commit. A write outside it is refused,
so that every change has an actor for the audit triggers and, on SQLite, took the write lock first.
"""

from __future__ import annotations

import enum
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, BigInteger, Date, DateTime, Enum, Integer, MetaData, String, event, text
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column, registry
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from . import actor
from .errors import NotYet

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
T = TypeVar("T")
_WRITING = "gecko_writing"
_READING = "gecko_reading"
MAPPED_BYTES = 512 * 1024 * 1024
"""How much of an SQLite file is read through the memory map."""
TRUSTED_FOR = 1.0
"""Seconds after its last use in which a connection to PostgreSQL is taken to live."""
_USED_AT = "gecko_used_at"
PATIENCE = 2.0
"""Seconds that somebody at a page waits for what passes by itself."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant on both databases; a naive one is a programming error."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a naive datetime was given where an aware instant is stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_BIG = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """Base of every model."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            int: _BIG,
            str: String(),
            datetime: UtcDateTime(),
            date: Date(),
            dict[str, Any]: JSON(),
            list[Any]: JSON(),
            enum.Enum: Enum(
                enum.Enum,
                native_enum=False,
                create_constraint=True,
                length=40,
                values_callable=lambda members: [member.value for member in members],
            ),
        },
    )


class Identified:
    """A model with a plain integer key."""

    id: Mapped[int] = mapped_column(primary_key=True)


class Versioned(Identified):
    """A model that people edit: `row_version` grows with every change and guards against lost updates."""

    row_version: Mapped[int] = mapped_column(default=1, server_default="1")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        return {"version_id_col": cls.__table__.c.row_version}  # type: ignore[attr-defined]


class SoftDeleted:
    """A model whose rows are hidden, not removed, so that a deletion can be undone."""

    deleted_at: Mapped[datetime | None]


class Created:
    """A model that remembers when it was made."""

    created_at: Mapped[datetime] = mapped_column(server_default=text("CURRENT_TIMESTAMP"))


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


def init_app(app: Flask) -> None:
    """Bind the app to its database and set each connection up."""
    options: dict[str, Any] = {"json_serializer": lambda value: json.dumps(value, ensure_ascii=False)}
    if not app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        options |= {"connect_args": {"options": "-c timezone=UTC -c default_transaction_read_only=on"}}
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", options)
    db.init_app(app)
    with app.app_context():
        configure_engine(db.engine)


def configure_engine(engine: Engine) -> None:
    """Set every connection up, and see that those that wait in the pool still live."""
    (_configure_sqlite if engine.dialect.name == "sqlite" else _configure_postgres)(engine)


def _configure_postgres(engine: Engine) -> None:
    """A connection that was not used just now is asked whether it lives, and replaced where it does not.

    Asking each time, as the pool does by itself, costs every request a round trip. So do BEGIN and ROLLBACK around
    what is only read, where each statement has a snapshot of its own anyway: see `only_read`. What begins in so many
    words may write, everything else is refused by the server.
    """

    @event.listens_for(engine, "connect")
    def _connect(dbapi_connection: Any, _record: ConnectionPoolEntry) -> None:
        dbapi_connection.read_only = False

    @event.listens_for(engine, "checkin")
    def _checkin(dbapi_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[_USED_AT] = time.monotonic()
        if dbapi_connection is not None and not dbapi_connection.closed and dbapi_connection.autocommit:
            dbapi_connection.autocommit = False

    @event.listens_for(engine, "checkout")
    def _checkout(dbapi_connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if time.monotonic() - record.info.get(_USED_AT, time.monotonic()) < TRUSTED_FOR:
            return
        try:
            engine.dialect.do_ping(dbapi_connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error


def _configure_sqlite(engine: Engine) -> None:
    """WAL, synchronous FULL, foreign keys on, writers take the lock at BEGIN."""

    @event.listens_for(engine, "connect")
    def _connect(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        for pragma in ("busy_timeout=15000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON",
                       f"mmap_size={MAPPED_BYTES}", "cache_size=-65536", "temp_store=MEMORY"):  # fmt: skip
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_WRITING):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:  # waits for nobody, so there is no error that SQLAlchemy would have to translate
            connection.connection.cursor().execute("BEGIN")


@event.listens_for(Session, "before_flush")
def _refuse_stray_write(session: Session, _context: Any, _instances: Any) -> None:
    if not session.info.get(_WRITING) and (
        session.new or session.deleted or any(map(session.is_modified, session.dirty))
    ):
        raise RuntimeError("a write outside `with transaction():`")


@event.listens_for(Session, "after_begin")
def _read_without_ceremony(session: Session, _transaction: Any, connection: Connection) -> None:
    """PostgreSQL: see `only_read`. Whoever asks for an isolation of their own gets it."""
    options = connection.get_execution_options()
    if connection.dialect.name == "sqlite" or not session.info.get(_READING) or options.get(_WRITING):
        return
    if "isolation_level" not in options:
        connection.connection.driver_connection.autocommit = True  # type: ignore[union-attr]


def only_read() -> None:
    """From here on the session only reads, but for what happens in `transaction()`: for requests, forms included.

    PostgreSQL then needs no BEGIN before and no ROLLBACK after it, and refuses to write.
    """
    db.session().info[_READING] = True


@contextmanager
def transaction() -> Iterator[Session]:
    """Write: everything inside is committed together or not at all.

    Ends the read snapshot first (loaded objects are read anew), takes SQLite's write lock at once, and tells the
    audit triggers who acts. Transactions do not nest: operations are called inside one and never commit.
    """
    session = db.session()
    if session.info.get(_WRITING):
        raise RuntimeError("transaction() inside transaction()")
    session.rollback()
    try:
        connection = session.info[_WRITING] = session.connection(execution_options={_WRITING: True})
        _set_audit_context(connection, actor.current())
        yield session
        session.flush()
        _clear_audit_context(connection)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(_WRITING, None)


def written_through(session: Session) -> Connection | None:
    """The connection of the `transaction()` that the session is in; there at once, unlike `session.connection()`."""
    found: Connection | None = session.info.get(_WRITING)
    return found


def is_writing() -> bool:
    """Whether the calling code runs inside `transaction()`."""
    return bool(db.session().info.get(_WRITING))


_CONTEXT_SQLITE = """
    INSERT INTO audit_context (id, user_id, name, source, ip, request_id, on_behalf_of) VALUES (1, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, name = excluded.name, source = excluded.source,
                                   ip = excluded.ip, request_id = excluded.request_id,
                                   on_behalf_of = excluded.on_behalf_of
"""
_CONTEXT_POSTGRES = "SELECT set_config('gecko.actor', %s, true)"


def _set_audit_context(connection: Connection, who: actor.Actor) -> None:
    values = {
        "user_id": who.user_id, "name": who.name, "source": who.source,
        "ip": who.ip, "request_id": who.request_id, "on_behalf_of": who.on_behalf_of,
    }  # fmt: skip
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_CONTEXT_SQLITE, tuple(values.values()))
    else:
        connection.exec_driver_sql(_CONTEXT_POSTGRES, (json.dumps(values),))


def _clear_audit_context(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DELETE FROM audit_context")


def run_write(work: Callable[[], T], *, attempts: int = 4) -> T:
    """Run `work` in a transaction, again where the database only says "not now" (lock, deadlock, serialization)."""
    for attempt in range(1, attempts + 1):
        try:
            with transaction():
                return work()
        except DBAPIError as error:
            if attempt == attempts or not is_transient(error):
                raise
            time.sleep(0.05 * 2**attempt)
    raise AssertionError("unreachable")


def write_patiently(work: Callable[[], T]) -> T:
    """Run `work` in a transaction, again for a moment while it raises NotYet; nothing is held while this waits."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with transaction():
                return work()
        except NotYet:
            if time.monotonic() >= until:
                raise
        time.sleep(0.05)


def is_transient(error: DBAPIError) -> bool:
    """Whether the same transaction may succeed when tried again (SQLITE_BUSY, 40001, 40P01, 55P03)."""
    if getattr(error.orig, "sqlstate", None) in {"40001", "40P01", "55P03"}:
        return True
    return "database is locked" in str(error.orig)
