"""The facts about bookings: those named, and each customer's last and coming ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import joinedload

from ...clock import local
from ...db import db
from ...models.bookings import Booking, Bucket, CalendarDay, Origin, Service, in_bucket
from ...models.customer_groups import CustomerGroup
from .facts import Booked, Group


def named(booking_ids: Sequence[int]) -> list[tuple[int | None, Booked]]:
    """These bookings, each with the id of its customer."""
    return _read(Booking.id.in_(booking_ids))


def visits(customer_ids: Sequence[int], at: datetime) -> dict[int, dict[str, Any]]:
    """Each customer's bookings to come in order, the next one that has not begun, and the last one that is over."""
    mine = Booking.customer_id.in_(customer_ids)
    rank = func.row_number().over(
        partition_by=Booking.customer_id, order_by=(Booking.start_at.desc(), Booking.id.desc())
    )
    ranked = select(Booking.id, rank.label("rank")).where(mine, in_bucket(Bucket.PREVIOUS, at)).subquery()
    last = dict(_read(Booking.id.in_(select(ranked.c.id).where(ranked.c.rank == 1))))
    coming: dict[int | None, list[Booked]] = {}
    for owner, booked in _read(mine & in_bucket(Bucket.ACTIVE, at)):
        coming.setdefault(owner, []).append(booked)
    return {
        one: {
            "bookings": tuple(coming.get(one, ())),
            "next_booking": next((booked for booked in coming.get(one, ()) if booked.starts_at >= at), None),
            "last_booking": last.get(one),
        }
        for one in customer_ids
    }


def group_of(row: CustomerGroup) -> Group:
    """A customer group as codes see it."""
    return Group(
        row.id, row.name, row.description or "", row.description_2 or "", row.description_3 or "", row.default_clips
    )


def _read(condition: ColumnElement[bool]) -> list[tuple[int | None, Booked]]:
    wanted = (
        select(Booking)
        .where(condition)
        .options(
            joinedload(Booking.calendar),
            joinedload(Booking.service).joinedload(Service.group),
            joinedload(Booking.status),
        )
        .order_by(Booking.start_at, Booking.id)
    )
    rows = list(db.session.scalars(wanted))
    notes = _notes({_place(row) for row in rows})
    return [(row.customer_id, _booked(row, notes.get(_place(row), ""))) for row in rows]


def _place(row: Booking) -> tuple[int, Any]:
    return row.calendar_id, local(row.start_at).date()


def _notes(places: set[tuple[int, Any]]) -> dict[tuple[int, Any], str]:
    """What the calendars say about those dates."""
    wanted = select(CalendarDay.calendar_id, CalendarDay.date, CalendarDay.note)
    wanted = wanted.where(tuple_(CalendarDay.calendar_id, CalendarDay.date).in_(sorted(places)))
    return {(calendar_id, day): note for calendar_id, day, note in db.session.execute(wanted)} if places else {}


def _booked(row: Booking, note: str) -> Booked:
    service = row.service
    return Booked(
        id=row.id,
        starts_at=row.start_at,
        ends_at=row.start_at + timedelta(minutes=row.shown_minutes),
        service=service.name if service else "",
        calendar=row.calendar.name,
        group=group_of(service.group) if service and service.group else None,
        status=row.status.name if row.status else "",
        is_online=row.origin == Origin.ONLINE,
        text=row.booking_text or "",
        day_note=note,
        price_ore=row.price_ore,
        is_sensitive=bool(service and service.is_sensitive),
    )
