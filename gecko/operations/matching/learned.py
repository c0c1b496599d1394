"""Placeholders of this very base: values that many unrelated customers share, found by counting, judged by staff."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.engine import Connection

from ...models.matching import MatchPlaceholder, PlaceholderState
from . import state
from .placeholders import Learned


def values(connection: Connection, version: int) -> Learned:
    """What counts as unknown in this base, at this version of the list."""
    return state.remembered(connection, "placeholders", version, _load)


def _load(connection: Connection) -> Learned:
    table = MatchPlaceholder.__table__
    rows = connection.execute(
        select(table.c.kind, table.c.value).where(table.c.state != PlaceholderState.REJECTED)
    ).all()
    of = {kind: [value for other, value in rows if other == kind] for kind in ("email", "phone", "birth_date")}
    return Learned(
        frozenset(of["email"]), frozenset(map(int, of["phone"])), frozenset(map(date.fromisoformat, of["birth_date"]))
    )
