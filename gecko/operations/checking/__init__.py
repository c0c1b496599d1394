"""Whether what must always hold still holds: the ledger, the links, the log, the numbers, search and the schema.

Every check reads; none mends. Sums are made by the database in one way and compared with another way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...db import db
from . import balances, bank, customers, database, dunning, money, prepayments, seal, settlements
from .found import Check

__all__ = ["CHECKS", "Check", "run"]


def run(checks: Iterable[Callable[[], Check]] | None = None) -> list[Check]:
    """Make every check, or some; those on a ledger that is written meanwhile see it as of one moment."""
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":  # on SQLite a read transaction is a snapshot by itself
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        return [check() for check in (CHECKS if checks is None else checks)]
    finally:
        db.session.rollback()


CHECKS: tuple[Callable[[], Check], ...] = (
    money.document_lines, money.document_postings, money.document_files, money.outstanding, money.reversals,
    settlements.remaining, settlements.settlements, balances.balances, prepayments.prepayments, seal.chain,
    bank.entries, dunning.reminders, dunning.limits, customers.links,
    database.references, database.log_triggers, database.log, money.numbers, database.search, customers.duplicates,
    customers.merges, customers.names, customers.consents, database.migrations,
)  # fmt: skip
