"""What every process keeps in memory of the matcher's tables, and the versions by which it knows when to read anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Connection, Engine

from . import store

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
