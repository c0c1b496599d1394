"""Database triggers, made for SQLite and PostgreSQL: log, immutable tables, search, match marks, counts, consents.

`install` drops and makes them all; it runs after every schema upgrade, so a trigger never outlives its table's shape.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table, text
from sqlalchemy.engine import Connection

from . import consent_triggers, counting, open_triggers, period_triggers, prepayment_triggers, tombstones
from .audit import AUDITED, UPDATES_ONLY, Audited
from .db import Base
from .models.matching import COMPARED

# Tables whose rows never change, and the columns that may (a merge files a document under another customer). The log
# and the address an answer to marketing came from may be blanked while a customer is erased, in the way that
# `tombstones` describes and in no other.
IMMUTABLE: dict[str, frozenset[str]] = {
    "audit_entry": frozenset(),
    "debtor_posting": frozenset(),
    "sale_document": frozenset({"customer_id"}),
    "sale_line": frozenset(),
    "document_file": frozenset(),
    "ad_hoc_purchase": frozenset({"customer_id"}),
    "ad_hoc_line": frozenset(),
    "duplicate_decision": frozenset(),
    "consent": frozenset(),
    "consent_text": frozenset(),
    "settlement": frozenset(),
    "settlement_line": frozenset(),
    "prepayment_entry": frozenset(),
    "bank_file": frozenset(),
    "bank_entry": frozenset({"state"}),
    "bank_decision": frozenset(),
    "dunning_run": frozenset(),
    "dunning": frozenset({"message_id", "printed_at", "cancelled_at", "cancelled_by_id", "cancel_reason"}),
    "dunning_line": frozenset(),
    "dunning_paper": frozenset(),
    "period_lock": frozenset(),
    "ledger_seal": frozenset(),
    "ledger_batch": frozenset(),
    "ledger_batch_item": frozenset(),
}
_SQLITE_BLANKING = {"audit_entry": tombstones.SQLITE_BLANKING, "consent": tombstones.SQLITE_CONSENT_BLANKING}
_REMARK = (
    "stamp = excluded.stamp, is_stale = true, is_outside = excluded.is_outside, changed = excluded.changed"
    " | CASE WHEN match_mark.is_stale THEN match_mark.changed ELSE 0 END"
)
"""How a further change is marked: what the signature does not show yet is remembered together with it."""
_DROP_MARKING = "DROP FUNCTION IF EXISTS gecko_match() CASCADE"
_CONTEXT = ("user_id", "name", "source", "ip", "request_id", "on_behalf_of")


def searchable_tables() -> list[Table]:
    """Tables with a stored search text."""
    return [table for table in Base.metadata.sorted_tables if "search_text" in table.columns]


def install(connection: Connection) -> None:
    """Make every trigger anew, and the search indexes that are missing."""
    sqlite = connection.dialect.name == "sqlite"
    for statement in _drops(connection) if sqlite else _POSTGRES_FUNCTIONS:
        connection.execute(text(statement))
    statements = _sqlite_statements() if sqlite else _postgres_statements()
    for statement in statements:
        connection.exec_driver_sql(statement)


def rebuild_search(connection: Connection, table: str) -> None:
    """Fill SQLite's full-text table from the rows (after a bulk load without triggers); no-op on PostgreSQL."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"INSERT INTO {table}_fts({table}_fts) VALUES ('rebuild')")


def _drops(connection: Connection) -> list[str]:
    names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'gecko_%'"))
    return [f'DROP TRIGGER "{name}"' for name in names.scalars()]


def _sqlite_statements() -> Iterable[str]:
    for name, audited in AUDITED.items():
        yield from _sqlite_audit(name, audited)
    for name, free in IMMUTABLE.items():
        columns = ", ".join(_guarded_columns(name, free))
        for event, clause in (("UPDATE", f"UPDATE OF {columns}"), ("DELETE", "DELETE")):
            blanking = _SQLITE_BLANKING.get(name) if event == "UPDATE" else None
            when = f" WHEN NOT ({blanking})" if blanking else ""
            yield (
                f"CREATE TRIGGER gecko_immutable_{name}_{event.lower()} BEFORE {clause} ON {name}{when} BEGIN"
                f" SELECT RAISE(ABORT, '{name} rows never change'); END"
            )
    for table in searchable_tables():
        yield from _sqlite_search(table)
    yield from _sqlite_match()
    yield from tombstones.sqlite_statements()
    yield from counting.sqlite_statements()
    yield from consent_triggers.sqlite_statements()
    yield from open_triggers.sqlite_statements()
    yield from period_triggers.sqlite_statements()
    yield from prepayment_triggers.sqlite_statements()


def _guarded_columns(name: str, free: frozenset[str]) -> list[str]:
    return [column.name for column in Base.metadata.tables[name].columns if column.name not in free]


def _sqlite_audit(name: str, audited: Audited) -> Iterable[str]:
    logged = (*audited.columns, *audited.masked)
    for event in ("UPDATE",) if name in UPDATES_ONLY else ("INSERT", "UPDATE", "DELETE"):
        old, new = event != "INSERT", event != "DELETE"
        row = "NEW" if new else "OLD"
        pairs = " UNION ALL ".join(
            f"SELECT '{column}' AS k, {_sqlite_value('OLD', column, audited, old)} AS o,"
            f" {_sqlite_value('NEW', column, audited, new)} AS n,"
            f" {f'OLD.{column}' if old else 'NULL'} AS x, {f'NEW.{column}' if new else 'NULL'} AS y"
            for column in logged
        )
        when = ""
        clause = event
        if event == "UPDATE":
            clause = f"UPDATE OF {', '.join(logged)}"
            when = "WHEN (" + " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in logged) + ")"
            if name in UPDATES_ONLY:
                when += f" AND NOT {tombstones.MERGING}"
        key = " || ':' || ".join(f"{row}.{column}" for column in audited.key)
        customer = f"{row}.{audited.customer}" if audited.customer else "NULL"
        yield (
            f"CREATE TRIGGER gecko_audit_{name}_{event.lower()} AFTER {clause} ON {name} {when} BEGIN"
            f" INSERT INTO audit_entry (at, action, entity, entity_id, customer_id, changes, {', '.join(_CONTEXT)})"
            f" SELECT strftime('%Y-%m-%d %H:%M:%f', 'now') || '000', '{event.lower()}', '{name}', {key}, {customer},"
            f" (SELECT json_group_object(k, json_array(o, n)) FROM ({pairs}) WHERE x IS NOT y),"
            f" {', '.join(f'c.{column}' for column in _CONTEXT)}"
            f" FROM (SELECT 1) LEFT JOIN audit_context c ON c.id = 1; END"
        )


def _sqlite_value(row: str, column: str, audited: Audited, present: bool) -> str:
    if not present:
        return "NULL"
    if column in audited.masked:
        return f"CASE WHEN {row}.{column} IS NULL THEN NULL ELSE '***' END"
    return f"{row}.{column}"


def _sqlite_search(table: Table) -> Iterable[str]:
    name = table.name
    fts = f"{name}_fts"
    sources = ", ".join(_search_sources(table))
    remove = f"INSERT INTO {fts}({fts}, rowid, search_text) VALUES ('delete', OLD.id, OLD.search_text);"
    add = f"INSERT INTO {fts}(rowid, search_text) VALUES (NEW.id, NEW.search_text);"
    yield (
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {fts}"
        f" USING fts5(search_text, content='{name}', content_rowid='id', tokenize='trigram')"
    )
    yield f"CREATE TRIGGER gecko_search_{name}_insert AFTER INSERT ON {name} BEGIN {add} END"
    yield f"CREATE TRIGGER gecko_search_{name}_delete AFTER DELETE ON {name} BEGIN {remove} END"
    yield (
        f"CREATE TRIGGER gecko_search_{name}_update AFTER UPDATE OF {sources} ON {name}"
        f" WHEN OLD.search_text IS NOT NEW.search_text BEGIN {remove} {add} END"
    )


def _sqlite_match() -> Iterable[str]:
    """Mark a customer whose compared values change: whoever writes the signature takes the mark's staleness back."""
    differing = [f"OLD.{column} IS NOT NEW.{column}" for column in COMPARED]
    changed = " + ".join(f"({differs}) * {1 << bit}" for bit, differs in enumerate(differing))
    for event, row, clause, when, bits in (
        ("insert", "NEW", "INSERT", "NEW.deleted_at IS NULL", "-1"),
        ("update", "NEW", f"UPDATE OF {', '.join(COMPARED)}", " OR ".join(differing), changed),
        ("delete", "OLD", "DELETE", "OLD.deleted_at IS NULL", "-1"),
    ):
        yield (
            f"CREATE TRIGGER gecko_match_customer_{event} AFTER {clause} ON customer WHEN {when} BEGIN"
            f" INSERT INTO match_mark (customer_id, stamp, is_stale, is_outside, changed)"
            f" VALUES ({row}.id, random(), true, NOT EXISTS (SELECT 1 FROM audit_context), {bits})"
            f" ON CONFLICT (customer_id) DO UPDATE SET {_REMARK}; END"
        )


def _search_sources(table: Table) -> list[str]:
    expression = str(table.c.search_text.computed.sqltext)  # type: ignore[union-attr]
    return [column.name for column in table.columns if f"coalesce({column.name}," in expression]


_POSTGRES_BITS = " + ".join(
    f"(OLD.{column} IS DISTINCT FROM NEW.{column})::int * {1 << bit}" for bit, column in enumerate(COMPARED)
)

_POSTGRES_FUNCTIONS = (
    """
    CREATE OR REPLACE FUNCTION gecko_audit() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        before jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) END;
        after jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) END;
        subject jsonb := CASE WHEN TG_OP = 'DELETE' THEN before ELSE after END;
        masked text[] := string_to_array(TG_ARGV[1], ',');
        who jsonb := coalesce(nullif(current_setting('gecko.actor', true), ''), '{}')::jsonb;
        diff jsonb;
    BEGIN
        SELECT jsonb_object_agg(k, jsonb_build_array(
                   CASE WHEN k = ANY (masked) AND before -> k <> 'null' THEN '"***"'::jsonb ELSE before -> k END,
                   CASE WHEN k = ANY (masked) AND after -> k <> 'null' THEN '"***"'::jsonb ELSE after -> k END))
          INTO diff
          FROM unnest(string_to_array(TG_ARGV[0], ',')) AS k
         WHERE coalesce(before -> k, 'null') <> coalesce(after -> k, 'null');
        IF TG_OP = 'UPDATE' AND diff IS NULL THEN
            RETURN NULL;
        END IF;
        INSERT INTO audit_entry (at, action, entity, entity_id, customer_id, changes,
                                 user_id, name, source, ip, request_id, on_behalf_of)
        VALUES (clock_timestamp(), lower(TG_OP), TG_TABLE_NAME,
                (SELECT string_agg(subject ->> k, ':' ORDER BY n)
                   FROM unnest(string_to_array(TG_ARGV[2], ',')) WITH ORDINALITY AS keys (k, n)),
                (subject ->> nullif(TG_ARGV[3], ''))::bigint, coalesce(diff, '{}'::jsonb),
                (who ->> 'user_id')::bigint, who ->> 'name', who ->> 'source', who ->> 'ip',
                who ->> 'request_id', (who ->> 'on_behalf_of')::bigint);
        RETURN NULL;
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION gecko_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_TABLE_NAME = 'audit_entry' AND TG_OP = 'UPDATE' THEN
            IF gecko_blanking(to_jsonb(OLD), to_jsonb(NEW)) THEN
                RETURN NEW;
            END IF;
        ELSIF TG_TABLE_NAME = 'consent' AND TG_OP = 'UPDATE' THEN
            IF gecko_consent_blanking(to_jsonb(OLD), to_jsonb(NEW)) THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION '% rows never change', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    f"""
    CREATE OR REPLACE FUNCTION gecko_match() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        bits bigint := -1;
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            bits := {_POSTGRES_BITS};
            IF bits = 0 THEN
                RETURN NULL;
            END IF;
        ELSIF (CASE WHEN TG_OP = 'DELETE' THEN OLD.deleted_at ELSE NEW.deleted_at END) IS NOT NULL THEN
            RETURN NULL;
        END IF;
        INSERT INTO match_mark (customer_id, stamp, is_stale, is_outside, changed)
        VALUES (CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END, (random() * 9e15)::bigint, true,
                coalesce(current_setting('gecko.actor', true), '') = '', bits)
        ON CONFLICT (customer_id) DO UPDATE SET {_REMARK};
        RETURN NULL;
    END $$
    """,
    *tombstones.POSTGRES_FUNCTIONS,
    counting.POSTGRES_FUNCTION,
    consent_triggers.POSTGRES_FUNCTION,
    open_triggers.POSTGRES_FUNCTION,
    period_triggers.UNTIL_FUNCTION,
    period_triggers.POSTGRES_FUNCTION,
    prepayment_triggers.POSTGRES_FUNCTION,
)


def _postgres_statements() -> Iterable[str]:
    for table in searchable_tables():
        yield (f"CREATE INDEX IF NOT EXISTS trgm_{table.name} ON {table.name} USING gin (search_text gin_trgm_ops)")
    for name, audited in AUDITED.items():
        arguments = ", ".join(
            f"'{value}'"
            for value in (
                ",".join((*audited.columns, *audited.masked)),
                ",".join(audited.masked),
                ",".join(audited.key),
                audited.customer or "",
            )
        )
        events = "UPDATE" if name in UPDATES_ONLY else "INSERT OR UPDATE OR DELETE"
        when = " WHEN (NOT gecko_merging())" if name in UPDATES_ONLY else ""
        yield (
            f"CREATE OR REPLACE TRIGGER gecko_audit AFTER {events} ON {name}"
            f" FOR EACH ROW{when} EXECUTE FUNCTION gecko_audit({arguments})"
        )
    for name, free in IMMUTABLE.items():
        columns = ", ".join(_guarded_columns(name, free))
        yield (
            f"CREATE OR REPLACE TRIGGER gecko_immutable BEFORE DELETE OR UPDATE OF {columns} ON {name}"
            f" FOR EACH ROW EXECUTE FUNCTION gecko_immutable()"
        )
        yield (
            f"CREATE OR REPLACE TRIGGER gecko_untruncatable BEFORE TRUNCATE ON {name}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION gecko_immutable()"
        )
    yield (
        f"CREATE OR REPLACE TRIGGER gecko_match AFTER INSERT OR DELETE OR UPDATE OF {', '.join(COMPARED)} ON customer"
        f" FOR EACH ROW EXECUTE FUNCTION gecko_match()"
    )
    yield from tombstones.postgres_statements()
    yield counting.POSTGRES_TRIGGER
    yield from consent_triggers.postgres_statements()
    yield from open_triggers.postgres_statements()
    yield from period_triggers.postgres_statements()
    yield from prepayment_triggers.postgres_statements()
