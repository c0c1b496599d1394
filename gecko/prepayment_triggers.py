"""Triggers that hold the prepayment ledger, on both databases: never below zero, and each use beside its posting.

They see whoever writes: pages, imports and raw SQL alike. On PostgreSQL the debtor's row is locked before the sum is
made, so that two who do not see each other's entries cannot spend the same øre.
"""

from __future__ import annotations

from collections.abc import Iterable

FUNCTION = "gecko_prepayment"
TABLE = "prepayment_entry"
BELOW = "a prepayment is never below zero"
WRONG = "a prepayment that is used or given back belongs to its posting and to the entry that it reverses"
_IS_BELOW = f"""
    SELECT 1 FROM (SELECT sum(amount_ore) OVER (ORDER BY posted_on) AS ore FROM {TABLE}
                    WHERE debtor_id = NEW.debtor_id) AS running WHERE running.ore < 0
"""
"""At the end of any day; what came in and went out on one day counts together."""
_IS_WRONG = f"""
    SELECT 1 WHERE (NEW.posting_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM debtor_posting p WHERE p.id = NEW.posting_id AND p.debtor_id = NEW.debtor_id
           AND p.amount_ore = NEW.amount_ore AND p.posted_on = NEW.posted_on))
    OR (NEW.reverses_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM {TABLE} e LEFT JOIN debtor_posting p ON p.id = NEW.posting_id
         WHERE e.id = NEW.reverses_id AND e.debtor_id = NEW.debtor_id AND e.amount_ore = -NEW.amount_ore
           AND e.kind <> 'reversal' AND e.posted_on <= NEW.posted_on
           AND coalesce(e.posting_id, 0) = coalesce(p.reverses_id, 0)))
"""


def sqlite_statements() -> Iterable[str]:
    """The triggers of SQLite."""
    for name, when, found, words in (
        ("below", " WHEN NEW.amount_ore < 0", _IS_BELOW, BELOW),
        ("wrong", "", _IS_WRONG, WRONG),
    ):
        yield (
            f"CREATE TRIGGER {FUNCTION}_{name} AFTER INSERT ON {TABLE}{when} BEGIN"
            f" SELECT RAISE(ABORT, '{words}') WHERE EXISTS ({found}); END"
        )


POSTGRES_FUNCTION = f"""
    CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM 1 FROM debtor WHERE id = NEW.debtor_id FOR NO KEY UPDATE;
        IF NEW.amount_ore < 0 AND EXISTS ({_IS_BELOW}) THEN
            RAISE EXCEPTION '{BELOW}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF EXISTS ({_IS_WRONG}) THEN
            RAISE EXCEPTION '{WRONG}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END $$
    """


def postgres_statements() -> Iterable[str]:
    """The trigger of PostgreSQL."""
    yield f"CREATE OR REPLACE TRIGGER {FUNCTION} AFTER INSERT ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()"
