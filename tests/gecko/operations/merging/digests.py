"""The state of everything that a merge may touch, to be compared before and after."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from gecko.db import Base, db
from gecko.models.customers import Customer
from gecko.operations.merging.rules import MOVED

_MOVING = {"row_version", "search_text", "name_sort"}


def digest(*, but: frozenset[int] = frozenset()) -> dict[str, list[Any]]:
    """Every customer (without its version) and every row of a table that moves; `but` leaves customers out."""
    db.session.rollback()
    columns = [column for column in Customer.__table__.columns if column.name not in _MOVING]
    found = {"customer": [tuple(row) for row in db.session.execute(select(*columns).order_by(Customer.id))]}
    for table_name, column in MOVED:
        table = Base.metadata.tables[table_name]
        rows = db.session.execute(select(table).order_by(*table.primary_key.columns)).mappings()
        found[table_name] = [repr(dict(row)) for row in rows if row[column] not in but]
    found["customer"] = [row for row in found["customer"] if row[0] not in but]
    return found
