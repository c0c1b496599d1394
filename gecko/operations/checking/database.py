"""The schema and what it keeps by itself: references, the log and its triggers, the search indexes."""

from __future__ import annotations

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from ... import schema, trigger_state, triggers
from ...db import _WRITING, Base, db
from ...models.audit import AuditContext, AuditEntry
from .found import Check, count, found, listed


def references() -> Check:
    """Every foreign key of every table points to a row."""
    if db.engine.dialect.name == "sqlite":
        rows = db.session.execute(text("PRAGMA foreign_key_check")).all()
        return found("references", {}, [f"{row[0]} row {row[1]} points to no {row[2]}" for row in rows])
    problems, keys = [], 0
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            keys += 1
            parent = key.column.table.alias("parent")
            target = parent.c[key.column.name]
            missing = (
                select(func.count()).select_from(table).outerjoin(parent, key.parent == target)
                .where(key.parent.is_not(None), target.is_(None))
            )  # fmt: skip
            if lost := db.session.scalar(missing):
                problems.append(f"{lost} rows of {table.name}.{key.parent.name} point to no {key.column.table.name}")
    return found("references", {"foreign_keys": keys}, problems)


def log_triggers() -> Check:
    """The triggers that keep the log and refuse changes are exactly the ones this version makes."""
    connection = db.session.connection()
    problems = [f"{name} is missing or changed" for name in trigger_state.deviations(connection)]
    return found("log_triggers", {"expected": trigger_state.count(connection)}, problems)


def log() -> Check:
    """No change came from outside the product, and nobody is left in the log's context."""
    outside = (
        select(AuditEntry.id, AuditEntry.action, AuditEntry.entity, AuditEntry.entity_id)
        .where(AuditEntry.name.is_(None))
        .order_by(AuditEntry.id)
    )
    problems = listed(outside, "entry %s: %s of %s %s came from outside")
    if db.engine.dialect.name == "sqlite" and count(AuditContext):
        problems.append("the log's context is not empty between transactions")
    return found("log", {"entries": count(AuditEntry)}, problems)


def search() -> Check:
    """The search indexes hold what the rows hold."""
    tables = [table.name for table in triggers.searchable_tables()]
    if db.engine.dialect.name != "sqlite":  # part of the table on PostgreSQL; log_triggers sees that it is there
        return found("search", {"indexes": len(tables)}, _invalid_indexes())
    problems = []
    for name in tables:
        db.session.rollback()
        with db.engine.connect().execution_options(**{_WRITING: True}) as connection:
            try:
                connection.exec_driver_sql(f"INSERT INTO {name}_fts({name}_fts, rank) VALUES ('integrity-check', 1)")
            except DBAPIError as error:
                problems.append(f"{name}_fts: {error.orig}")
            finally:
                connection.rollback()
    return found("search", {"indexes": len(tables)}, problems)


def _invalid_indexes() -> list[str]:
    statement = text("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT (indisvalid AND indisready)")
    return [f"the index {name} is not valid" for name in db.session.scalars(statement)]


def migrations() -> Check:
    """The database has the schema that this version describes."""
    db.session.rollback()
    problems = [] if schema.is_current() else ["the migrations are not up to date; run `gecko db upgrade`"]
    problems += [str(difference) for difference in schema.differences()]
    return found("migrations", {"tables": len(Base.metadata.tables)}, problems)
