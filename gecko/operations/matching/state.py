"""What every process keeps in memory of the matcher's tables, and the versions by which it knows when to read anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Connection, Engine

from . import store
from .signature import VERSION
from .store import Entry

T = TypeVar("T")
_memory: WeakKeyDictionary[Engine, dict[str, tuple[object, Any]]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class State:
    """See models.matching.MatchState."""

    signatures: int = 0
    placeholders: int = 0
    frequencies: int = 0
    model: int = 0
    customers: int = 0


_READ = "SELECT signatures, placeholders, frequencies, model, customers FROM match_state"


def read(connection: Connection) -> State:
    """The versions now in force."""
    rows = store.fetch(connection, _READ)
    return State(*rows[0]) if rows else State()


_READ_WITH = """
    SELECT s.signatures, s.placeholders, s.frequencies, s.model, s.customers, e.customer_id, e.group_id, e.signature
      FROM match_state s
      LEFT JOIN match_signature e ON e.customer_id = {}
       AND NOT EXISTS (SELECT 1 FROM match_mark m WHERE m.customer_id = e.customer_id AND m.is_stale)
"""
_READ_WITH_SQLITE, _READ_WITH_POSTGRES = _READ_WITH.format("?"), _READ_WITH.format("%s::bigint")


def read_with(connection: Connection, customer_id: int) -> tuple[State, Entry | None]:
    """The versions and the entry of a customer, at once; no entry where it is not that of the row as it stands."""
    statement = _READ_WITH_SQLITE if store.is_sqlite(connection) else _READ_WITH_POSTGRES
    rows = store.fetch(connection, statement, (customer_id,))
    if not rows:
        return State(), None
    *versions, owner, group_id, signature = rows[0]
    found = State(*versions)
    is_current = owner is not None and found.signatures == VERSION
    return found, (owner, group_id, bytes(signature)) if is_current else None


def remembered(connection: Connection, name: str, version: object, load: Callable[[Connection], T]) -> T:
    """What `load` reads, from memory where this version of it was read before."""
    memory = _memory.setdefault(connection.engine, {})
    known = memory.get(name)
    if known is None or known[0] != version:
        known = memory[name] = (version, load(connection))
    found: T = known[1]
    return found


def set_to(connection: Connection, name: str, value: Any) -> None:
    """Put one of the versions in force."""
    ensure(connection)
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    connection.exec_driver_sql(f"UPDATE match_state SET {name} = {mark} WHERE id = 1", (value,))


def raise_version(connection: Connection, name: str) -> int:
    """Let everybody read anew; returns the new version."""
    ensure(connection)
    connection.exec_driver_sql(f"UPDATE match_state SET {name} = {name} + 1 WHERE id = 1")
    return int(getattr(read(connection), name))


def ensure(connection: Connection) -> None:
    """Make the one row where it is missing."""
    connection.exec_driver_sql("INSERT INTO match_state (id) VALUES (1) ON CONFLICT (id) DO NOTHING")
