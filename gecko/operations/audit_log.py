"""Reading the log: which entries, page by page. What they say in words is the business of audit_reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, select

from ..clock import midnight
from ..db import db
from ..models.audit import AuditEntry
from ..models.customers import Customer
from ..models.people import StaffUser
from ..permissions import Principal
from . import audit_reading, survivors, visibility

PAGE = 50
# A day beyond has no instant at its midnight; nothing was logged there anyway.
_EARLIEST, _LATEST = date(1900, 1, 1), date(9000, 1, 1)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are wanted. outside: only changes made outside the product. days: Danish, both included.

    customer_id: with those of everybody the customer absorbed.
    """

    customer_id: int | None = None
    user_id: int | None = None
    outside: bool = False
    entity: str | None = None
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Entries newest first; `before` asks for the next page, None where this is the last."""

    readings: list[audit_reading.Reading]
    before: int | None


def page(wanted: Filter, *, principal: Principal, before: int | None = None, size: int = PAGE) -> Page:
    """The entries that `principal` may see, below the id `before`, newest first."""
    statement = _where(select(AuditEntry), wanted)
    rule = visibility.customer_rule(principal)
    if rule is not None:
        statement = statement.where(AuditEntry.customer_id.in_(select(Customer.id).where(rule)))
    if before is not None:
        statement = statement.where(AuditEntry.id < before)
    rows = db.session.scalars(statement.order_by(AuditEntry.id.desc()).limit(size + 1)).all()
    shown = rows[:size]
    return Page(audit_reading.read(shown), shown[-1].id if len(rows) > size else None)


def of_row(entity: str, row_id: int, *, size: int = PAGE) -> list[audit_reading.Reading]:
    """The newest entries about one record, newest first; whoever may see the record may see them."""
    mine = (AuditEntry.entity == entity) & (AuditEntry.entity_id == str(row_id))
    rows = db.session.scalars(select(AuditEntry).where(mine).order_by(AuditEntry.id.desc()).limit(size)).all()
    return audit_reading.read(rows)


def _where(statement: Select[Any], wanted: Filter) -> Select[Any]:
    if wanted.customer_id is not None:
        ids = [wanted.customer_id, *survivors.absorbed_by(wanted.customer_id)]
        statement = statement.where(AuditEntry.customer_id.in_(ids))
    if wanted.user_id is not None:
        statement = statement.where(AuditEntry.user_id == wanted.user_id)
    if wanted.outside:
        statement = statement.where(AuditEntry.name.is_(None))
    if wanted.entity:
        statement = statement.where(AuditEntry.entity == wanted.entity)
    if wanted.first_day:
        statement = statement.where(AuditEntry.at >= midnight(max(wanted.first_day, _EARLIEST)))
    if wanted.last_day:
        statement = statement.where(AuditEntry.at < midnight(min(wanted.last_day, _LATEST) + timedelta(days=1)))
    return statement


def authors() -> list[tuple[int, str]]:
    """The users whose changes can be asked for, by name."""
    rows = db.session.execute(select(StaffUser.id, StaffUser.name).order_by(StaffUser.name))
    return [(user_id, name) for user_id, name in rows]
