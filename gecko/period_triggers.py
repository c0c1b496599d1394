"""Triggers that keep closed periods closed, on both databases: also for imports and for raw SQL.

On PostgreSQL whoever writes holds a shared lock until the transaction ends, and who closes a period the exclusive one,
so that nothing dated inside it can be under way while it is closed. SQLite has one writer at a time anyway.
"""

from __future__ import annotations

from collections.abc import Iterable

FUNCTION = "gecko_period"
UNTIL = f"{FUNCTION}_until"
LOCK = "hashtext('gecko.period')"
DATED = {
    "sale_document": "document_date",
    "debtor_posting": "posted_on",
    "settlement": "effective_on",
    "settlement_line": "effective_on",
    "prepayment_entry": "posted_on",
}
"""What belongs to a period, and the column that says to which."""
CLOSED = "the books are closed for this day"
_LAST_DAY = "SELECT closed_until FROM period_lock ORDER BY id DESC LIMIT 1"


def sqlite_statements() -> Iterable[str]:
    """The triggers of SQLite."""
    for table, column in DATED.items():
        yield (
            f"CREATE TRIGGER {FUNCTION}_{table} BEFORE INSERT ON {table} WHEN NEW.{column} <= ({_LAST_DAY}) BEGIN"
            f" SELECT RAISE(ABORT, '{CLOSED}'); END"
        )


UNTIL_FUNCTION = f"""
    CREATE OR REPLACE FUNCTION {UNTIL}() RETURNS date LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock_shared({LOCK});
        RETURN ({_LAST_DAY});
    END $$
    """
"""The last closed day, held until the transaction ends. Volatile, so that it reads what stands once it has the lock."""
_BRANCHES = " ".join(
    f"{'ELSIF' if n else 'IF'} TG_TABLE_NAME = '{table}' THEN day := NEW.{column};"
    for n, (table, column) in enumerate(DATED.items())
)
POSTGRES_FUNCTION = f"""
    CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        day date;
    BEGIN
        {_BRANCHES} END IF;
        IF day <= {UNTIL}() THEN
            RAISE EXCEPTION '{CLOSED}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """


def postgres_statements() -> Iterable[str]:
    """The triggers of PostgreSQL."""
    for table in DATED:
        yield (
            f"CREATE OR REPLACE TRIGGER {FUNCTION} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()"
        )
