"""A customer's bookings as people read them: three lists, each page by page, and what comes next."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, tuple_
from sqlalchemy.orm import joinedload

from ..clock import now
from ..db import db
from ..models.bookings import Booking, Bucket, in_bucket

PAGE = 20
_READ_WITH = (Booking.calendar, Booking.service, Booking.status, Booking.deleted_by)


@dataclass(frozen=True, slots=True)
class BookingPage:
    """Some bookings of one list; `next_cursor` is where the next page starts, None at the end."""

    rows: list[Booking]
    next_cursor: str | None


def page(customer_id: int, bucket: Bucket, *, after: str | None = None, size: int = PAGE) -> BookingPage:
    """One page of a customer's list: active ones as they come, previous ones from the last, deleted from the newest."""
    at = now()
    key: Any = Booking.deleted_at if bucket == Bucket.DELETED else Booking.start_at
    statement = (
        select(Booking)
        .where(Booking.customer_id == customer_id, in_bucket(bucket, at))
        .options(*(joinedload(relation) for relation in _READ_WITH))
        .limit(size + 1)
    )
    if bucket == Bucket.ACTIVE:
        statement = statement.order_by(key, Booking.id)
    else:
        statement = statement.order_by(key.desc(), Booking.id.desc())
    place = _parse(after)
    if place is not None:
        here, mark = tuple_(key, Booking.id), tuple_(*place)
        statement = statement.where(here > mark if bucket == Bucket.ACTIVE else here < mark)
    rows = list(db.session.scalars(statement))
    shown = rows[:size]
    return BookingPage(shown, _cursor(shown[-1], key.key) if len(rows) > size else None)


def active(customer_id: int, *, most: int = 500) -> list[Booking]:
    """Every active booking of a customer in order, for a print or a message; `most` keeps it within reason."""
    return page(customer_id, Bucket.ACTIVE, size=most).rows


def count_active(customer_id: int) -> Select[Any]:
    """A statement that counts the active ones."""
    return select(func.count()).select_from(Booking).where(_mine(customer_id, Bucket.ACTIVE))


def number_active(customer_id: int) -> int:
    """How many are active."""
    return db.session.scalar(count_active(customer_id)) or 0


def next_of(customer_id: int) -> Booking | None:
    """The active booking that comes first, one under way included; with its service and calendar."""
    rows = page(customer_id, Bucket.ACTIVE, size=1).rows
    return rows[0] if rows else None


def next_and_last(customer_ids: Collection[int]) -> dict[int, tuple[datetime | None, datetime | None]]:
    """When each customer's next active booking begins, and when the last previous one that they came to did."""
    at = now()
    came = and_(in_bucket(Bucket.PREVIOUS, at), Booking.is_no_show.is_(False))
    statement = (
        select(
            Booking.customer_id,
            func.min(Booking.start_at).filter(in_bucket(Bucket.ACTIVE, at)),
            func.max(Booking.start_at).filter(came),
        )
        .where(Booking.customer_id.in_(customer_ids))
        .group_by(Booking.customer_id)
    )
    rows = db.session.execute(statement)
    return {customer_id: (following, last) for customer_id, following, last in rows if customer_id is not None}


def found(statement: Select[Any], customer_ids: Collection[int], number: str) -> Select[Any]:
    """Narrow a statement over Booking to the one of this number and to what is active of these customers, in order."""
    is_number = number.isascii() and number.isdigit() and int(number) < 2**63
    the_one = Booking.id == int(number) if is_number else false()
    theirs = and_(Booking.customer_id.in_(customer_ids), in_bucket(Bucket.ACTIVE, now()))
    return (
        statement.where(or_(the_one, theirs))
        .options(joinedload(Booking.customer), joinedload(Booking.service), joinedload(Booking.calendar))
        .order_by(case((the_one, 0), else_=1), Booking.start_at, Booking.id)
    )


def _mine(customer_id: int, bucket: Bucket) -> ColumnElement[bool]:
    return and_(Booking.customer_id == customer_id, in_bucket(bucket, now()))


def _cursor(row: Booking, key: str) -> str:
    return f"{getattr(row, key).isoformat()}~{row.id}"


def _parse(cursor: str | None) -> tuple[datetime, int] | None:
    """A cursor that somebody tampered with starts over."""
    try:
        instant, row_id = (cursor or "").split("~")
        at = datetime.fromisoformat(instant)
        return (at, int(row_id)) if at.tzinfo and 1800 < at.year < 2200 and 0 <= int(row_id) < 2**63 else None
    except ValueError:
        return None
