"""Rows that look like customers who are there already, or like each other: told about, never refused.

The matcher's own comparison decides, within what the one who imports may see. The first rows of a file are looked at;
a file that is longer than LOOKED_AT is not held up, and the search that follows an import finds the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from ...db import db
from ...models.customers import Customer
from ...models.duplicates import Lane
from ..matching import checks, contexts, keys, learned, state
from ..matching.found import Found
from ..matching.normalising import normalise
from ..matching.signature import pack
from ..matching.store import Entry
from .parsing import Remark
from .records import Wanted
from .writing import Batch, Context

LOOKED_AT = 20_000
_ALIKE = frozenset({Lane.SURE, Lane.PROBABLE})


class Likeness:
    """Compares the new rows of one import. A row goes by its line as a negative number, a customer by its id."""

    def __init__(self, context: Context) -> None:
        self._groups = context.groups
        self._rows: dict[int, Entry] = {}
        self._holders: dict[int, list[int]] = {}
        self._newest: int | None = None

    def look(self, fresh: Sequence[Wanted], group_id: int | None, batch: Batch) -> None:
        """Note which of these rows look like customers from before the import, or like earlier rows of the file."""
        room = max(0, LOOKED_AT - len(self._rows))
        batch.unlooked += len(fresh[room:])
        if not fresh[:room]:
            return
        connection = db.session.connection()
        if self._newest is None:
            self._newest = connection.scalar(select(func.max(Customer.id))) or 0
        own = self._entries(connection, fresh[:room], group_id or 0)
        versions = state.read(connection)
        there = [
            one for one in checks.compare(connection, own, versions, self._groups)
            if one.lane in _ALIKE and 0 < one.b_id <= self._newest
        ]  # fmt: skip
        pairs = sorted(pair for entry in own for pair in self._pairs(entry))
        context = contexts.current(connection, versions)
        within = [one for one in checks.scored(pairs, self._rows, context) if one.lane in _ALIKE] if pairs else []
        self._tell(there, within, batch)

    def _entries(self, connection: Connection, fresh: Sequence[Wanted], group_id: int) -> list[Entry]:
        values = learned.values(connection, state.read(connection).placeholders)
        own = [(-one.row.line, group_id, pack(normalise(one.columns, values))) for one in fresh]
        self._rows |= {entry[0]: entry for entry in own}
        return own

    def _pairs(self, entry: Entry) -> list[tuple[int, int]]:
        """Earlier rows that share a key which not too many bear; a chunk that is written again meets itself."""
        found: set[tuple[int, int]] = set()
        for kind, key in keys.of(entry[2]):
            held = self._holders.setdefault(key, [])
            if len(held) < keys.KINDS[kind].cap:
                found |= {(entry[0], other) for other in held if other > entry[0]}
            if entry[0] not in held:
                held.append(entry[0])
        return sorted(found)

    def _tell(self, there: Sequence[Found], within: Sequence[Found], batch: Batch) -> None:
        """One remark a row: the customer it looks most like; else the earlier line."""
        customers = _best(there, row=lambda one: one.a_id)
        lines = _best(within, row=lambda one: min(one.a_id, one.b_id))
        named = _named({one.b_id for one in customers.values()})
        for line, one in customers.items():
            number, name = named[one.b_id]
            who = {"number": number or f"id {one.b_id}", "name": name}
            batch.warnings.append(Remark(-line, "Looks like customer %(number)s, %(name)s, who is there already.", who))
        for line in lines.keys() - customers.keys():
            other = -max(lines[line].a_id, lines[line].b_id)
            batch.warnings.append(Remark(-line, "Looks like line %(line)s of this file.", {"line": other}))
        batch.like_customers += len(customers)
        batch.like_rows += len(lines.keys() - customers.keys())


def _best(found: Sequence[Found], row: Any) -> dict[int, Found]:
    best: dict[int, Found] = {}
    for one in sorted(found, key=lambda one: one.score):
        best[row(one)] = one
    return best


def _named(ids: set[int]) -> dict[int, tuple[str | None, str]]:
    if not ids:
        return {}
    rows = db.session.execute(select(Customer.id, Customer.number, Customer.name).where(Customer.id.in_(ids)))
    return {row.id: (row.number, row.name) for row in rows}
