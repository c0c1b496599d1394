"""Triggers that count the living customers by the beginning of their sort name, on SQLite and PostgreSQL.

A list of a million names is entered anywhere without walking to the place: see `operations.name_counts`. On PostgreSQL
every transaction counts in rows of its own, so none waits for another; the nightly job adds them up.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.engine import Connection

from .models.name_counts import PREFIX

FUNCTION = "gecko_name_count"
COUNTED = frozenset({"name", "deleted_at"})
"""The columns whose change may count: the sort name is made from the name."""
_INTO = "INSERT INTO customer_name_count (prefix, part, customers)"
_ADD = "ON CONFLICT (prefix, part) DO UPDATE SET customers = customer_name_count.customers + excluded.customers"


def _counted(row: str, part: str, change: int) -> str:
    """Count one row of a trigger, where it is (or was) a living customer."""
    return (
        f"{_INTO} SELECT substr({row}.name_sort, 1, {PREFIX}), {part}, {change} WHERE {row}.deleted_at IS NULL {_ADD};"
    )


def sqlite_statements() -> Iterable[str]:
    """The triggers of SQLite, whose writers come one after the other."""
    less, more = _counted("OLD", "0", -1), _counted("NEW", "0", 1)
    differs = "OLD.name_sort IS NOT NEW.name_sort OR OLD.deleted_at IS NOT NEW.deleted_at"
    yield f"CREATE TRIGGER {FUNCTION}_insert AFTER INSERT ON customer BEGIN {more} END"
    yield (
        f"CREATE TRIGGER {FUNCTION}_update AFTER UPDATE OF {', '.join(sorted(COUNTED))} ON customer"
        f" WHEN {differs} BEGIN {less} {more} END"
    )
    yield f"CREATE TRIGGER {FUNCTION}_delete AFTER DELETE ON customer BEGIN {less} END"


POSTGRES_FUNCTION = f"""
    CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF (OLD.name_sort, OLD.deleted_at) IS NOT DISTINCT FROM (NEW.name_sort, NEW.deleted_at) THEN
                RETURN NULL;
            END IF;
        END IF;
        IF TG_OP <> 'INSERT' THEN
            {_counted("OLD", "txid_current()", -1)}
        END IF;
        IF TG_OP <> 'DELETE' THEN
            {_counted("NEW", "txid_current()", 1)}
        END IF;
        RETURN NULL;
    END $$
    """
POSTGRES_TRIGGER = (
    f"CREATE OR REPLACE TRIGGER {FUNCTION} AFTER INSERT OR DELETE OR UPDATE OF {', '.join(sorted(COUNTED))}"
    f" ON customer FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()"
)


def recount(connection: Connection) -> None:
    """Count all customers anew, for rows that came without triggers; nobody else may write meanwhile."""
    connection.execute(text("DELETE FROM customer_name_count"))
    living = f"SELECT substr(name_sort, 1, {PREFIX}), 0, count(*) FROM customer WHERE deleted_at IS NULL GROUP BY 1"
    connection.execute(text(f"{_INTO} {living}"))


def add_up(connection: Connection) -> None:
    """Add up the parts that transactions left; those still under way keep theirs until the next time."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text(
                "WITH gone AS (DELETE FROM customer_name_count WHERE part <> 0 RETURNING prefix, customers)"
                f" {_INTO} SELECT prefix, 0, sum(customers) FROM gone GROUP BY prefix ORDER BY prefix {_ADD}"
            )
        )
    connection.execute(text("DELETE FROM customer_name_count WHERE part = 0 AND customers = 0"))
