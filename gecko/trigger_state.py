"""Which triggers and search indexes the database really has, against the ones that `triggers` would make."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from . import consent_triggers, counting, open_triggers, period_triggers, prepayment_triggers, tombstones, triggers
from .audit import AUDITED, UPDATES_ONLY
from .models.matching import COMPARED

_ROW, _BEFORE, _INSERT, _DELETE, _UPDATE, _TRUNCATE = 1, 2, 4, 8, 16, 32
State = dict[str, Any]


def deviations(connection: Connection) -> list[str]:
    """The names of triggers, functions and search indexes that are missing, strange, switched off or changed."""
    if connection.dialect.name == "sqlite":
        wanted, found = _wanted_sqlite(), _found_sqlite(connection)
    else:
        wanted, found = _wanted_postgres(), _found_postgres(connection)
    return sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name))


def count(connection: Connection) -> int:
    """How many there should be."""
    return len(_wanted_sqlite() if connection.dialect.name == "sqlite" else _wanted_postgres())


def _wanted_sqlite() -> State:
    wanted = {}
    for statement in triggers._sqlite_statements():
        name = re.match(r"CREATE (?:TRIGGER|VIRTUAL TABLE IF NOT EXISTS) (\w+)", statement)
        if name:
            wanted[name[1]] = _plain(statement)
    return wanted


def _found_sqlite(connection: Connection) -> State:
    statement = (
        "SELECT name, sql FROM sqlite_master WHERE (type = 'trigger' AND name LIKE 'gecko\\_%' ESCAPE '\\')"
        " OR (type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%')"
    )
    return {name: _plain(sql) for name, sql in connection.execute(text(statement))}


def _plain(sql: str) -> str:
    return " ".join(sql.replace("IF NOT EXISTS ", "").split())


def _wanted_postgres() -> State:
    wanted: State = {f"index trgm_{table.name}": True for table in triggers.searchable_tables()}
    for body in triggers._POSTGRES_FUNCTIONS:
        name = re.search(r"FUNCTION (\w+)\(", body)
        if name:
            wanted[f"function {name[1]}"] = body.split("$$")[1].strip()
    for table, audited in AUDITED.items():
        events = _UPDATE if table in UPDATES_ONLY else _INSERT | _UPDATE | _DELETE
        logged = ",".join((*audited.columns, *audited.masked))
        arguments = (logged, ",".join(audited.masked), ",".join(audited.key), audited.customer or "")
        wanted[f"gecko_audit on {table}"] = ("gecko_audit", _ROW | events, "O", arguments, frozenset())
    for table, free in triggers.IMMUTABLE.items():
        guarded = frozenset(triggers._guarded_columns(table, free))
        kind = _ROW | _BEFORE | _DELETE | _UPDATE
        wanted[f"gecko_immutable on {table}"] = ("gecko_immutable", kind, "O", (), guarded)
        wanted[f"gecko_untruncatable on {table}"] = ("gecko_immutable", _BEFORE | _TRUNCATE, "O", (), frozenset())
    marking = _ROW | _INSERT | _UPDATE | _DELETE
    wanted["gecko_match on customer"] = ("gecko_match", marking, "O", (), frozenset(COMPARED))
    wanted[f"{counting.FUNCTION} on customer"] = (counting.FUNCTION, marking, "O", (), counting.COUNTED)
    answers = frozenset(consent_triggers.COLUMNS.values())
    for event, kind, columns in (("insert", _INSERT, frozenset[str]()), ("update", _UPDATE, answers)):
        wanted[f"{consent_triggers.FUNCTION}_{event} on customer"] = (
            consent_triggers.FUNCTION, _ROW | kind, "O", (), columns,
        )  # fmt: skip
    for table in open_triggers.TABLES:
        wanted[f"{open_triggers.FUNCTION} on {table}"] = (open_triggers.FUNCTION, _ROW | _INSERT, "O", (), frozenset())
    prepaid = prepayment_triggers.FUNCTION
    wanted[f"{prepaid} on {prepayment_triggers.TABLE}"] = (prepaid, _ROW | _INSERT, "O", (), frozenset())
    for table in period_triggers.DATED:
        kind = _ROW | _BEFORE | _INSERT
        wanted[f"{period_triggers.FUNCTION} on {table}"] = (period_triggers.FUNCTION, kind, "O", (), frozenset())
    for table, column in tombstones.GUARDED:
        for event, kind in (("insert", _INSERT), ("update", _UPDATE)):
            wanted[f"gecko_tombstone_{event} on {table}"] = ("gecko_tombstone", kind, "O", (column,), frozenset())
    wanted["gecko_rise on customer"] = ("gecko_rise", _ROW | _BEFORE | _UPDATE, "O", (), frozenset({"deleted_at"}))
    return wanted


_POSTGRES_TRIGGERS = """
    SELECT t.tgname, c.relname, p.proname, t.tgtype, t.tgenabled, encode(t.tgargs, 'escape') AS arguments,
           ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr))
      FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
     WHERE NOT t.tgisinternal AND t.tgname LIKE 'gecko\\_%' AND c.relnamespace = current_schema()::regnamespace
"""
_POSTGRES_FUNCTIONS = """
    SELECT proname, prosrc FROM pg_proc
     WHERE proname LIKE 'gecko\\_%' AND pronamespace = current_schema()::regnamespace
"""
_POSTGRES_INDEXES = """
    SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE c.relname LIKE 'trgm\\_%' AND c.relnamespace = current_schema()::regnamespace
"""


def _found_postgres(connection: Connection) -> State:
    found: State = {}
    for name, table, function, kind, enabled, arguments, columns in connection.execute(text(_POSTGRES_TRIGGERS)):
        given = tuple(arguments.split("\\000")[:-1])
        found[f"{name} on {table}"] = (function, kind, _letter(enabled), given, frozenset(columns))
    for name, body in connection.execute(text(_POSTGRES_FUNCTIONS)):
        found[f"function {name}"] = body.strip()
    for name, is_valid in connection.execute(text(_POSTGRES_INDEXES)):
        found[f"index {name}"] = is_valid
    return found


def _letter(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
