"""Making seals: what was written since the last one is added to the chain, in parts that hold a lock for moments."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import func, select, text

from ...clock import now
from ...db import Base, db, run_write, transaction
from ...models.seals import LedgerSeal
from . import digesting
from .digesting import FLOOR, TABLES

FIRST = "0" * 64
"""What the first seal follows."""
ROWS = 10_000
"""Rows that one seal covers at the most: some fifty milliseconds."""
_PATIENCE = "SET LOCAL lock_timeout = '500ms'"
"""Shorter than the second after which PostgreSQL ends one of those who wait for each other: it shall not be a user."""


def seal_all(told: Callable[[int], None] = lambda rows: None) -> int:
    """Seal everything that is committed; returns how many rows. Each seal is a transaction of its own."""
    upto = run_write(_horizon, attempts=8)
    sealed = 0
    while True:
        with transaction():
            made = _seal(upto)
            if made is None:
                return sealed
            sealed += made.rows
        told(sealed)


def _horizon() -> dict[str, int]:
    """The highest ids below which nothing can appear any more.

    An id is drawn before its row is committed, so that a later id may be there first. With nobody writing, all that
    were drawn are decided.
    """
    if db.session.connection().dialect.name != "sqlite":
        db.session.execute(text(_PATIENCE))
        db.session.execute(text(f"LOCK TABLE {', '.join(TABLES)} IN SHARE MODE"))
    return {table: _highest(table) for table in TABLES}


def _highest(table: str) -> int:
    return int(db.session.scalar(select(func.max(Base.metadata.tables[table].c.id))) or 0)


def _seal(upto: dict[str, int]) -> LedgerSeal | None:
    """The next seal over at most ROWS rows; None where everything up to there is sealed."""
    if db.session.connection().dialect.name != "sqlite":
        db.session.execute(text("SELECT pg_advisory_xact_lock(hashtext('gecko.seal'))"))
    last = newest()
    layout = digesting.layout()
    covers = _next(last, upto)
    rows = sum(count for _after, _upto, count in covers.values())
    if rows == 0:
        return None
    made_at, previous = now(), last.hash if last else FIRST
    found = digesting.chain(previous, said(made_at, rows), layout, covers)
    row = LedgerSeal(
        previous_hash=previous,
        hash=found.hash,
        signature=sign(found.hash),
        layout=layout,
        covers=covers,
        rows=rows,
        fingerprints=b"".join(found.fingerprints[table] for table in TABLES),
        created_at=made_at,
    )
    db.session.add(row)
    db.session.flush()
    return row


def _next(last: LedgerSeal | None, upto: dict[str, int]) -> dict[str, list[int]]:
    covers, left = {}, ROWS
    for table in TABLES:
        after = last.covers[table][1] if last else FLOOR
        end = max(after, upto[table])
        ids = [row_id for row_id, _digest in digesting.read(table, ["id"], after, end, left)]
        if len(ids) == left:
            end = ids[-1] if ids else after
        covers[table] = [after, end, len(ids)]
        left -= len(ids)
    return covers


def said(made_at: datetime, rows: int) -> dict[str, Any]:
    """What a seal says of itself besides what it covers, as it is hashed."""
    return {"made_at": made_at.isoformat(), "rows": rows}


def sign(digest: str) -> str:
    """The signature of a hash with the key of this installation."""
    key = bytes.fromhex(current_app.config["GECKO_SECRETS"].audit_key)
    return hmac.digest(key, b"ledger-seal:" + digest.encode(), "sha256").hex()


def newest() -> LedgerSeal | None:
    """The head of the chain."""
    return db.session.scalars(select(LedgerSeal).order_by(LedgerSeal.id.desc()).limit(1)).one_or_none()
