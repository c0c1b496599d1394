"""Rows that look like customers who are there already, or like each other: told about, never refused.

The matcher's own comparison decides, within what the one who imports may see. Every new row is compared with all
customers from before the import, and with the rows not too far before it: what is remembered of a file stays small
however long it is. The search that follows an import finds the rest.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Sequence
from dataclasses import dataclass, field
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

REMEMBERED = 20_000
"""So many earlier rows each row is compared with at the least; twice as many at the most."""
_ALIKE = frozenset({Lane.SURE, Lane.PROBABLE})


@dataclass(slots=True)
class _Part:
    """Rows of the file that followed each other, by their line, and who of them bears a key."""

    rows: dict[int, Entry] = field(default_factory=dict)
    holders: dict[int, list[int]] = field(default_factory=dict)


class Likeness:
    """Compares the new rows of one import. A row goes by its line as a negative number, a customer by its id."""

    def __init__(self, context: Context) -> None:
        self._groups = context.groups
        self._before, self._now = _Part(), _Part()
        self._has_forgotten = False
        self._newest: int | None = None

    def look(self, fresh: Sequence[Wanted], group_id: int | None, batch: Batch) -> None:
        """Note which of these rows look like customers from before the import, or like earlier rows of the file."""
        if not fresh:
            return
        if len(self._now.rows) >= REMEMBERED:
            self._has_forgotten = self._has_forgotten or bool(self._before.rows)
            self._before, self._now = self._now, _Part()
        batch.unlooked += len(fresh) if self._has_forgotten else 0
        connection = db.session.connection()
        if self._newest is None:
            self._newest = connection.scalar(select(func.max(Customer.id))) or 0
        own = self._entries(connection, fresh, group_id or 0)
        versions = state.read(connection)
        there = [
            one for one in checks.compare(connection, own, versions, self._groups)
            if one.lane in _ALIKE and 0 < one.b_id <= self._newest
        ]  # fmt: skip
        pairs = sorted(pair for entry in own for pair in self._pairs(entry, keys.caps(versions.customers)))
        context = contexts.current(connection, versions)
        within = (
            [
                one
                for one in checks.scored(pairs, ChainMap(self._now.rows, self._before.rows), context)
                if one.lane in _ALIKE
            ]
            if pairs
            else []
        )
        self._tell(there, within, batch)

    def _entries(self, connection: Connection, fresh: Sequence[Wanted], group_id: int) -> list[Entry]:
        values = learned.values(connection, state.read(connection).placeholders)
        own = [(-one.row.line, group_id, pack(normalise(one.columns, values))) for one in fresh]
        self._now.rows |= {entry[0]: entry for entry in own}
        return own

    def _pairs(self, entry: Entry, caps: Sequence[int]) -> list[tuple[int, int]]:
        """Earlier rows that share a key which not too many bear; a chunk that is written again meets itself."""
        found: set[tuple[int, int]] = set()
        for kind, key in keys.of(entry[2]):
            before, now = self._before.holders.get(key, []), self._now.holders.setdefault(key, [])
            if len(before) + len(now) < caps[kind]:
                found |= {(entry[0], other) for other in (*before, *now) if other > entry[0]}
            if entry[0] not in now:
                now.append(entry[0])
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
