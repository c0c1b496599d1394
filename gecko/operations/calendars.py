"""Calendars, and what staff note about one of them on one date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import exists, select

from ..clock import local
from ..db import db
from ..errors import Conflict, Invalid, NotFound
from ..language import _
from ..models.bookings import Booking, Calendar, CalendarDay
from ..permissions import Principal
from . import customer_groups, customer_values, visibility
from .names import require_unused_name


def create(values: Mapping[str, Any]) -> Calendar:
    """Add a calendar; a name is enough."""
    calendar = Calendar(name=require_unused_name(Calendar, values.get("name")))
    _fill(calendar, values)
    db.session.add(calendar)
    db.session.flush()
    return calendar


def change(calendar_id: int, values: Mapping[str, Any], *, row_version: int | None = None) -> Calendar:
    """Change a calendar; in an inactive one nothing more can be booked, and what is booked stays."""
    calendar = db.session.get(Calendar, calendar_id)
    if calendar is None:
        raise NotFound
    if row_version is not None and calendar.row_version != row_version:
        raise Conflict
    if "name" in values:
        calendar.name = require_unused_name(Calendar, values["name"], but=calendar_id)
    _fill(calendar, values)
    db.session.flush()
    return calendar


def _fill(calendar: Calendar, values: Mapping[str, Any]) -> None:
    if "group_id" in values:
        calendar.group_id = customer_groups.require_or_none(values["group_id"])
    if "is_active" in values:
        calendar.is_active = bool(values["is_active"])


def delete(calendar_id: int) -> None:
    """Delete a calendar in which nothing was ever booked; others are to be made inactive."""
    calendar = db.session.get(Calendar, calendar_id, with_for_update={"of": Calendar})
    if calendar is None:
        raise NotFound
    if db.session.scalar(select(exists().where(Booking.calendar_id == calendar_id))):
        raise Invalid(_("The calendar %(name)s has bookings. Make it inactive instead."), name=calendar.name)
    for day in db.session.scalars(select(CalendarDay).where(CalendarDay.calendar_id == calendar_id)):
        db.session.delete(day)
    db.session.flush()
    db.session.delete(calendar)
    db.session.flush()


def put_note(calendar_id: int, day: date, note: str | None, *, principal: Principal | None = None) -> None:
    """Note something about a calendar on a date, instead of what was noted before; nothing takes the note away."""
    statement = select(Calendar.id).where(Calendar.id == calendar_id).with_for_update(of=Calendar)
    if db.session.scalar(statement if principal is None else visibility.calendars(statement, principal)) is None:
        raise NotFound
    row = db.session.scalar(select(CalendarDay).where(CalendarDay.calendar_id == calendar_id, CalendarDay.date == day))
    text = customer_values.text(note)
    if text is None:
        if row is not None:
            db.session.delete(row)
    elif row is None:
        db.session.add(CalendarDay(calendar_id=calendar_id, date=day, note=text))
    else:
        row.note = text
    db.session.flush()


def notes_of_bookings(booking_ids: Iterable[int]) -> dict[int, str]:
    """What is noted about each booking's calendar on its Danish day, in two queries."""
    statement = select(Booking.id, Booking.calendar_id, Booking.start_at).where(Booking.id.in_(list(booking_ids)))
    places = {row.id: (row.calendar_id, local(row.start_at).date()) for row in db.session.execute(statement)}
    found = notes(places.values())
    return {booking_id: found[place] for booking_id, place in places.items() if place in found}


def notes(pairs: Iterable[tuple[int, date]]) -> dict[tuple[int, date], str]:
    """What is noted about calendars on dates, in one query."""
    wanted = set(pairs)
    if not wanted:
        return {}
    statement = select(CalendarDay.calendar_id, CalendarDay.date, CalendarDay.note).where(
        CalendarDay.calendar_id.in_({calendar_id for calendar_id, _day in wanted}),
        CalendarDay.date.in_({day for _calendar_id, day in wanted}),
    )
    rows = {(calendar_id, day): note for calendar_id, day, note in db.session.execute(statement)}
    return {pair: rows[pair] for pair in wanted & rows.keys()}
