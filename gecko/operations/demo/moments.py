"""Moments of the demo: what real operations write is dated when it is said to have happened, not when it was built."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from ...db import Created, db


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Rows that come into being inside the block were made at `moment` (aware UTC)."""

    def date(session: Session, _context: Any, _instances: Any) -> None:
        for row in session.new:
            if isinstance(row, Created) and row.created_at is None:
                row.created_at = moment

    session = db.session()
    event.listen(session, "before_flush", date)
    try:
        yield
    finally:
        event.remove(session, "before_flush", date)
