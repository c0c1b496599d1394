"""Another set of allowed values for a column, without copying its table."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op


def allow(table: str, column: str, constraint: str, values: Iterable[str]) -> None:
    """Let `column` hold just these values: the CHECK of that name is replaced.

    SQLite has no statement for it, and copying a table on which others lean would take their rows with it. Its manual
    (lang_altertable, section 7) has constraints changed by writing the schema itself, as nothing stored changes.
    """
    listed = ", ".join(f"'{value}'" for value in values)
    condition = f"CHECK ({column} IN ({listed}))"
    if op.get_bind().dialect.name == "sqlite":
        _rewrite(table, constraint, condition)
    else:
        op.execute(sa.text(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}"))
        op.execute(sa.text(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {condition}"))


def _rewrite(table: str, constraint: str, condition: str) -> None:
    bind = op.get_bind()
    stored = str(
        bind.scalar(sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"), {"name": table})
    )
    before, found, rest = stored.partition(f"CONSTRAINT {constraint} CHECK (")
    _values, closed, after = rest.partition("))")
    if not found or not closed:
        raise LookupError(constraint)
    changed = f"{before}CONSTRAINT {constraint} {condition}{after}"
    version = int(bind.exec_driver_sql("PRAGMA schema_version").scalar_one())
    bind.exec_driver_sql("PRAGMA writable_schema=ON")
    bind.execute(
        sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name"),
        {"sql": changed, "name": table},
    )
    bind.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema=RESET")
