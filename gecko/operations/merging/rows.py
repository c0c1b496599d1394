"""The rows that follow a customer: how many there are, where they clash, and which debtor link stays open."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, func, literal, select, union_all

from ...db import Base, db
from ...models.customer_fields import CustomerField, CustomerFieldValue
from ...models.debtors import CustomerDebtorLink, Debtor
from .rules import MOVED, Clash, Key


@dataclass(frozen=True, slots=True)
class Clashing:
    """A row that cannot follow, since the row `kept` stands for the same thing. Both as column: value."""

    row: dict[str, Any]
    kept: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A debtor who pays for one of the customers now."""

    id: int
    customer_id: int
    debtor_id: int
    debtor: str


def table_of(key: Key) -> Table:
    """The table of an entry of MOVED."""
    return Base.metadata.tables[key[0]]


def counts(ids: Sequence[int]) -> dict[Key, dict[int, int]]:
    """How many rows of each kind belong to each of the customers, in one query."""
    parts = []
    for key in MOVED:
        table = table_of(key)
        owner = table.c[key[1]]
        parts.append(
            select(literal(key[0]), literal(key[1]), owner.label("owner"), func.count())
            .where(owner.in_(ids))
            .group_by(owner)
        )
    found: dict[Key, dict[int, int]] = {key: {} for key in MOVED}
    for table_name, column, owner_id, count in db.session.execute(union_all(*parts)):
        found[(table_name, column)][owner_id] = count
    return found


def keys_of(key: Key, customer_id: int) -> list[Any]:
    """What names each of a customer's rows; single keys are gathered by the database, however many there are."""
    table, names = table_of(key), MOVED[key].key
    mine = table.c[key[1]] == customer_id
    if len(names) > 1:
        found = db.session.execute(select(*(table.c[name] for name in names)).where(mine)).all()
        return sorted(list(row) for row in found)
    is_sqlite = db.engine.dialect.name == "sqlite"
    gather: Any = func.json_group_array if is_sqlite else func.array_agg
    gathered: Any = db.session.scalar(select(gather(table.c[names[0]])).where(mine))
    return sorted(json.loads(gathered) if is_sqlite else gathered or ())


def clashes(ids: Sequence[int]) -> dict[Key, list[Clashing]]:
    """The rows of the customers that cannot all go to the first of them; of equals the earliest customer's is kept."""
    return {key: _clashes(key, ids) for key, moved in MOVED.items() if moved.clash == Clash.KEEP_SURVIVORS}


def _clashes(key: Key, ids: Sequence[int]) -> list[Clashing]:
    table, owner, unique = table_of(key), key[1], MOVED[key].unique
    rows = [dict(row) for row in db.session.execute(select(table).where(table.c[owner].in_(ids))).mappings()]
    place = {customer_id: n for n, customer_id in enumerate(ids)}
    kept: dict[tuple[Any, ...], dict[str, Any]] = {}
    found = []
    for row in sorted(rows, key=lambda row: place[row[owner]]):
        value = tuple(row[column] for column in unique)
        if value in kept:
            found.append(Clashing(row, kept[value]))
        else:
            kept[value] = row
    return found


def open_links(ids: Sequence[int]) -> list[OpenLink]:
    """Who pays for the customers now, in the customers' order."""
    place = {customer_id: n for n, customer_id in enumerate(ids)}
    statement = (
        select(CustomerDebtorLink.id, CustomerDebtorLink.customer_id, Debtor)
        .join(Debtor, Debtor.id == CustomerDebtorLink.debtor_id)
        .where(CustomerDebtorLink.customer_id.in_(ids), CustomerDebtorLink.unlinked_at.is_(None))
    )
    found = [
        OpenLink(link_id, customer_id, debtor.id, str(debtor))
        for link_id, customer_id, debtor in db.session.execute(statement)
    ]
    return sorted(found, key=lambda link: place[link.customer_id])


def answers_of(ids: Sequence[int]) -> dict[int, tuple[str, dict[int, str]]]:
    """Custom fields that any of the customers has an answer to: name, and the answer by customer."""
    found: dict[int, tuple[str, dict[int, str]]] = {}
    rows = db.session.execute(
        select(CustomerField.id, CustomerField.name, CustomerFieldValue.customer_id, CustomerFieldValue.value)
        .join(CustomerFieldValue, CustomerFieldValue.field_id == CustomerField.id)
        .where(CustomerFieldValue.customer_id.in_(ids))
        .order_by(CustomerField.position, CustomerField.id)
    )
    for field_id, name, customer_id, value in rows:
        found.setdefault(field_id, (name, {}))[1][customer_id] = value
    return found
