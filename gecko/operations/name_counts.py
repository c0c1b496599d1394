"""Where in the list of customers by name the n-th one stands, without walking past all who come before."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.sql.elements import ColumnElement

from .. import counting
from ..db import db
from ..models.customers import Customer
from ..models.name_counts import PREFIX, CustomerNameCount

_LAST = "\U0010ffff"


def place(offset: int, *, descending: bool) -> tuple[ColumnElement[bool], Any]:
    """The names to walk along, and how many of them come before the wanted one: a condition and an expression.

    Both are part of the statement that walks, so that they see the customers as of the same moment.
    """
    prefix = CustomerNameCount.prefix
    parts = (
        select(prefix, func.sum(CustomerNameCount.customers).label("customers"))
        .group_by(prefix)
        .having(func.sum(CustomerNameCount.customers) > 0)
        .subquery("parts")
    )
    along = parts.c.prefix.desc() if descending else parts.c.prefix
    running = select(
        (func.lag(parts.c.prefix).over(order_by=along) if descending else parts.c.prefix).label("start"),
        (func.sum(parts.c.customers).over(order_by=along) - parts.c.customers).label("before"),
    ).subquery("running")
    reached = select(running.c.start, running.c.before).where(running.c.before <= offset)
    entry = reached.order_by(running.c.before.desc()).limit(1).cte("entry")
    start, before = select(entry.c.start).scalar_subquery(), select(entry.c.before).scalar_subquery()
    key = Customer.__table__.c.name_sort
    rest = offset - func.coalesce(before, 0)
    return (key < func.coalesce(start, _LAST) if descending else key >= func.coalesce(start, "")), rest


def deviations() -> list[str]:
    """The beginnings of names whose number is not what counting the customers gives."""
    prefix = func.substr(Customer.name_sort, 1, PREFIX)
    living = select(prefix, func.count()).where(Customer.deleted_at.is_(None)).group_by(prefix)
    kept = select(CustomerNameCount.prefix, func.sum(CustomerNameCount.customers)).group_by(CustomerNameCount.prefix)
    counted: dict[str, int] = dict(db.session.execute(living).all())
    found = {name: int(number) for name, number in db.session.execute(kept) if number}
    return sorted(name for name in {*counted, *found} if counted.get(name) != found.get(name))


def add_up() -> None:
    """Add up the parts that transactions left behind."""
    counting.add_up(db.session.connection())
