"""Triggers that keep what is open of each posting, and refuse a settlement that cannot be, on both databases.

They see whoever writes postings and settlements: pages, imports, merges and raw SQL alike. That nothing is settled
beyond its amount is held by the check on `open_posting` itself.
"""

from __future__ import annotations

from collections.abc import Iterable

FUNCTION = "gecko_open"
TABLES = ("debtor_posting", "settlement_line")
_COLUMNS = "(posting_id, debtor_id, amount_ore, remaining_ore, posted_on, falls_on)"
_OPEN = (
    f"INSERT INTO open_posting {_COLUMNS} SELECT NEW.id, NEW.debtor_id, NEW.amount_ore, NEW.amount_ore, NEW.posted_on,"
    " coalesce(NEW.due_on, NEW.posted_on) WHERE NEW.amount_ore <> 0;"
)
_IS_RIGHT = """
    SELECT 1 FROM settlement s
      JOIN debtor_posting d ON d.id = NEW.debit_posting_id AND d.debtor_id = s.debtor_id
      JOIN debtor_posting c ON c.id = NEW.credit_posting_id AND c.debtor_id = s.debtor_id
     WHERE s.id = NEW.settlement_id AND d.amount_ore > 0 AND c.amount_ore < 0
       AND s.effective_on = NEW.effective_on AND d.posted_on <= s.effective_on AND c.posted_on <= s.effective_on
       AND (NEW.amount_ore < 0) = (s.undoes_id IS NOT NULL)
"""
WRONG = "a settlement joins a debit and a credit of its debtor, neither younger than itself"


def _settle(posting: str, change: str) -> str:
    """Move what is open of a posting; one that was wholly settled is not there, and comes back."""
    return (
        f"UPDATE open_posting SET remaining_ore = remaining_ore + {change} WHERE posting_id = {posting};"
        f" INSERT INTO open_posting {_COLUMNS}"
        f" SELECT p.id, p.debtor_id, p.amount_ore, {change}, p.posted_on, coalesce(p.due_on, p.posted_on)"
        f" FROM debtor_posting p WHERE p.id = {posting}"
        f" AND NOT EXISTS (SELECT 1 FROM open_posting WHERE posting_id = {posting});"
        f" DELETE FROM open_posting WHERE posting_id = {posting} AND remaining_ore = 0;"
    )


_SETTLE = _settle("NEW.debit_posting_id", "- NEW.amount_ore") + _settle("NEW.credit_posting_id", "NEW.amount_ore")


def sqlite_statements() -> Iterable[str]:
    """The triggers of SQLite."""
    yield f"CREATE TRIGGER {FUNCTION}_debtor_posting AFTER INSERT ON debtor_posting BEGIN {_OPEN} END"
    yield (
        f"CREATE TRIGGER {FUNCTION}_settlement_line AFTER INSERT ON settlement_line BEGIN"
        f" SELECT RAISE(ABORT, '{WRONG}') WHERE NOT EXISTS ({_IS_RIGHT}); {_SETTLE} END"
    )


POSTGRES_FUNCTION = f"""
    CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_TABLE_NAME = 'debtor_posting' THEN
            {_OPEN}
        ELSE
            IF NOT EXISTS ({_IS_RIGHT}) THEN
                RAISE EXCEPTION '{WRONG}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            {_SETTLE}
        END IF;
        RETURN NULL;
    END $$
    """


def postgres_statements() -> Iterable[str]:
    """The triggers of PostgreSQL."""
    for table in TABLES:
        yield (
            f"CREATE OR REPLACE TRIGGER {FUNCTION} AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()"
        )
