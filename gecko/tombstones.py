"""Triggers that know of merges and erasures, on SQLite and PostgreSQL.

A row that is to belong to a customer must not arrive at a tombstone, whoever writes it: on SQLite the row itself is
refused, on PostgreSQL the statement, after its foreign keys have waited for a merge that was under way. A merge
re-points documents by its own journal, so the log leaves those to it. While a customer is being erased the log may be
blanked: values and, for an address that failed, its own name, but never who did what to which record and when.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import inspect
from sqlalchemy.engine import Connection

from .db import Base

GUARDED: tuple[tuple[str, str], ...] = (
    ("sale_document", "customer_id"),
    ("invoice_draft", "customer_id"),
    ("ad_hoc_purchase", "customer_id"),
    ("message", "customer_id"),
    ("customer_debtor_link", "customer_id"),
    ("customer_marking", "customer_id"),
    ("customer_contact", "customer_id"),
    ("customer_field_value", "customer_id"),
    ("booking", "customer_id"),
    ("recall", "customer_id"),
)
"""The foreign keys whose rows a merge moves (see operations.merging.rules, which compares)."""
FUNCTIONS = ("gecko_merging", "gecko_blanking", "gecko_consent_blanking", "gecko_tombstone", "gecko_rise")
MERGING = "EXISTS (SELECT 1 FROM merge WHERE is_running)"
BLANK = "***"
ERASING = "EXISTS (SELECT 1 FROM customer_erasure WHERE finished_at IS NULL)"
_KEPT = ("id", "at", "action", "entity", "customer_id", "user_id", "name", "source", "ip", "request_id", "on_behalf_of")
SQLITE_BLANKING = (
    "NEW.changes IS NULL"
    " AND (NEW.entity_id = OLD.entity_id"
    f" OR (OLD.entity = 'address_failure' AND NEW.entity_id = '{BLANK}'))"
    + "".join(f" AND NEW.{column} IS OLD.{column}" for column in _KEPT)
    + f" AND {ERASING}"
)
_OF_CONSENT = ("id", "customer_id", "channel", "is_given", "source", "text_id", "at", "user_id", "name")
SQLITE_CONSENT_BLANKING = (
    "NEW.ip IS NULL" + "".join(f" AND NEW.{column} IS OLD.{column}" for column in _OF_CONSENT) + f" AND {ERASING}"
)
"""An answer to marketing stays as it is, but for the address that it came from."""
_MERGED = "SELECT 1 FROM merged_customer m WHERE m.undone_at IS NULL AND m.customer_id"
_ERASED = "SELECT 1 FROM customer_erasure e WHERE e.customer_id"


def references() -> set[tuple[str, str]]:
    """Every column with a foreign key to a customer."""
    return {
        (table.name, key.parent.name)
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "customer"
    }


def remove(connection: Connection) -> None:
    """Drop the triggers where the tables they ask are gone (a way back to before there were merges)."""
    present = set(inspect(connection).get_table_names())
    if connection.dialect.name == "sqlite":
        for statement in sqlite_statements():
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {statement.split()[2]}")
        return
    for statement in postgres_statements():
        name, table = statement.split()[4], statement.split(" ON ", 1)[1].split()[0]
        if table in present:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {table}")
    for function in FUNCTIONS:
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {function} CASCADE")


def sqlite_statements() -> Iterable[str]:
    """The triggers for SQLite."""
    for table, column in GUARDED:
        for event, clause in (("insert", "INSERT"), ("update", f"UPDATE OF {column}")):
            yield (
                f"CREATE TRIGGER gecko_tombstone_{table}_{event} BEFORE {clause} ON {table}"
                f" WHEN EXISTS ({_MERGED} = NEW.{column})"
                f" BEGIN SELECT RAISE(ABORT, 'the customer of {table} was merged'); END"
            )
    yield (
        "CREATE TRIGGER gecko_rise_customer BEFORE UPDATE OF deleted_at ON customer"
        " WHEN NEW.deleted_at IS NULL AND OLD.deleted_at IS NOT NULL"
        f" AND (EXISTS ({_MERGED} = NEW.id) OR EXISTS ({_ERASED} = NEW.id))"
        " BEGIN SELECT RAISE(ABORT, 'the customer was merged or erased'); END"
    )


POSTGRES_FUNCTIONS = (
    f"""
    CREATE OR REPLACE FUNCTION gecko_merging() RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
        RETURN {MERGING};
    END $$
    """,
    f"""
    CREATE OR REPLACE FUNCTION gecko_blanking(before jsonb, after jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
        RETURN coalesce(after -> 'changes', 'null') = 'null'
           AND before - 'changes' - 'entity_id' = after - 'changes' - 'entity_id'
           AND (before -> 'entity_id' = after -> 'entity_id'
                OR (before ->> 'entity' = 'address_failure' AND after ->> 'entity_id' = '{BLANK}'))
           AND {ERASING};
    END $$
    """,
    f"""
    CREATE OR REPLACE FUNCTION gecko_consent_blanking(before jsonb, after jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
        RETURN coalesce(after -> 'ip', 'null') = 'null' AND before - 'ip' = after - 'ip' AND {ERASING};
    END $$
    """,
    f"""
    CREATE OR REPLACE FUNCTION gecko_tombstone() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        is_wrong boolean;
    BEGIN
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM fresh f WHERE EXISTS ({_MERGED} = f.%I))', TG_ARGV[0])
           INTO is_wrong;
        IF is_wrong THEN
            RAISE EXCEPTION 'the customer of % was merged', TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    f"""
    CREATE OR REPLACE FUNCTION gecko_rise() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS ({_MERGED} = NEW.id) OR EXISTS ({_ERASED} = NEW.id) THEN
            RAISE EXCEPTION 'the customer was merged or erased' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
)


def postgres_statements() -> Iterable[str]:
    """The triggers for PostgreSQL; those of a statement run after the row's own foreign keys were checked."""
    for table, column in GUARDED:
        for event in ("insert", "update"):
            yield (
                f"CREATE OR REPLACE TRIGGER gecko_tombstone_{event} AFTER {event.upper()} ON {table}"
                f" REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT"
                f" EXECUTE FUNCTION gecko_tombstone('{column}')"
            )
    yield (
        "CREATE OR REPLACE TRIGGER gecko_rise BEFORE UPDATE OF deleted_at ON customer FOR EACH ROW"
        " WHEN (NEW.deleted_at IS NULL AND OLD.deleted_at IS NOT NULL) EXECUTE FUNCTION gecko_rise()"
    )
