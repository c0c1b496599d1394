"""What a booking may be: a calendar that is free, an open service for that customer, a length, a price."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from ..clock import local, now
from ..db import db
from ..errors import Invalid
from ..language import _
from ..models.bookings import Booking, BookingStatus, Calendar, Service
from ..models.customers import Customer
from ..money import LARGEST_ORE
from ..permissions import Principal
from . import customer_values, customers, survivors, visibility

LONGEST = timedelta(days=31)
"""The longest booking; what may overlap a moment has begun at most so long before it."""
_FARTHEST = timedelta(days=20 * 366)


class Overlap(Invalid):
    """The calendar is taken; the same may be asked for again with `may_overlap`, once somebody has seen this."""


def refuse_overlap(booking: Booking) -> None:
    """Raise Overlap where another booking takes the calendar at that time; its row is locked, so that none can come."""
    taken = in_the_way(booking)
    if taken is None:
        return
    start, end = local(taken[0]), local(taken[1])
    raise Overlap(
        _("The calendar is already booked on %(day)s from %(start)s to %(end)s."),
        field="start_at",
        day=f"{start:%d-%m-%Y}",
        start=f"{start:%H:%M}",
        end=f"{end:%H:%M}" if end.date() == start.date() else f"{end:%d-%m-%Y %H:%M}",
    )


def in_the_way(booking: Booking) -> tuple[datetime, datetime] | None:
    """From when to when another booking takes the calendar at that time; None where it is free."""
    statement = select(Booking.start_at, Booking.end_at).where(
        Booking.calendar_id == booking.calendar_id,
        Booking.start_at < booking.end_at,
        Booking.start_at > booking.start_at - LONGEST,
        Booking.end_at > booking.start_at,
        Booking.deleted_at.is_(None),
        Booking.completed_at.is_(None),
    )
    if booking.id is not None:
        statement = statement.where(Booking.id != booking.id)
    with db.session.no_autoflush:
        found = db.session.execute(statement.order_by(Booking.start_at).limit(1)).first()
    return None if found is None else (found.start_at, found.end_at)


def living_customer(customer_id: int | None, principal: Principal | None) -> Customer | None:
    """Who is booked for, kept from being merged meanwhile; raises NotFound for one who is not there to be seen."""
    return None if customer_id is None else customers.find(survivors.hold(customer_id), principal)


def open_calendar(calendar_id: int, principal: Principal | None) -> Calendar:
    """An active calendar, locked: who books in it waits for whoever is booking in it."""
    statement = select(Calendar).where(Calendar.id == calendar_id, Calendar.is_active)
    if principal is not None:
        statement = visibility.calendars(statement, principal)
    found: Calendar | None = db.session.scalar(statement.with_for_update(of=Calendar))
    if found is None:
        raise Invalid(_("The calendar does not exist or is inactive."), field="calendar_id")
    return found


def open_service(service_id: int | None, principal: Principal | None) -> Service | None:
    """An active service; raises Invalid."""
    if service_id is None:
        return None
    statement = select(Service).where(Service.id == service_id, Service.is_active)
    if principal is not None:
        statement = visibility.services(statement, principal)
    found: Service | None = db.session.scalar(statement.with_for_update(read=True, key_share=True, of=Service))
    if found is None:
        raise Invalid(_("The service does not exist or is inactive."), field="service_id")
    return found


def require_groups(customer: Customer | None, calendar: Calendar | None, service: Service | None) -> None:
    """Raise Invalid where the calendar or the service is for customers of another group."""
    if customer is None:
        return
    if calendar is not None and calendar.group_id not in (None, customer.group_id):
        raise Invalid(_("The calendar is for customers of another group."), field="calendar_id")
    if service is not None and service.group_id not in (None, customer.group_id):
        raise Invalid(_("The service is for customers of another group."), field="service_id")


def start(start_at: datetime) -> datetime:
    """An instant within some twenty years; raises Invalid."""
    if abs(start_at - now()) > _FARTHEST:
        raise Invalid(_("The time lies too far away."), field="start_at")
    return start_at


def minutes(name: str, given: int | None, otherwise: int | None) -> int:
    """A length in minutes, `otherwise` where none is given; raises Invalid for the field `name`."""
    found = otherwise if given is None else given
    if found is None:
        raise Invalid(_("Without a service the booking needs a length."), field=name)
    if not 0 < found <= LONGEST // timedelta(minutes=1):
        raise Invalid(_("The length must be between one minute and 31 days."), field=name)
    return found


def price(given: int | None, service: Service | None) -> int:
    """A price in øre, the service's where none is given; raises Invalid."""
    found = (service.price_ore if service else 0) if given is None else given
    if not 0 <= found <= LARGEST_ORE:
        raise Invalid(_("The price must not be negative."), field="price_ore")
    return found


def status(status_id: int | None) -> int | None:
    """A status that is there; raises Invalid."""
    if status_id is not None and db.session.get(BookingStatus, status_id) is None:
        raise Invalid(_("The choice no longer exists."), field="status_id")
    return status_id


def text(name: str, value: str | None) -> str | None:
    """A text of several lines; raises Invalid for the field `name`."""
    try:
        return customer_values.text(value)
    except Invalid as error:
        error.field = name
        raise
