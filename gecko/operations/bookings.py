"""Bookings: made, moved, changed, completed, deleted and brought back.

Locks are taken in one order: the customer, then the calendar, then the booking, then the messages that speak of it,
then the customer's sign-ups for recall with theirs.
What is filed under a customer who was merged meanwhile is filed under the one who absorbed them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from .. import actor
from ..clock import now
from ..db import db
from ..errors import Conflict, Invalid, NotFound
from ..language import _
from ..models.bookings import Booking, Calendar, DeletedBy, Origin
from ..permissions import Principal
from . import booking_rules as rules
from . import survivors, visibility
from .messaging import withdrawing
from .recalls import following

_TEXTS = ("booking_text", "internal_note")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be booked. Minutes and price that are None are the service's.

    start_at: aware. reserved_minutes: how long the calendar is taken. shown_minutes: what the customer is told.
    customer_id: None books for the company itself.
    """

    calendar_id: int
    start_at: datetime
    customer_id: int | None = None
    service_id: int | None = None
    reserved_minutes: int | None = None
    shown_minutes: int | None = None
    price_ore: int | None = None
    status_id: int | None = None
    origin: Origin = Origin.BACKEND
    booking_text: str | None = None
    internal_note: str | None = None


def find(booking_id: int, principal: Principal | None = None) -> Booking:
    """One booking, deleted ones too, that `principal` may see; raises NotFound."""
    statement = select(Booking).where(Booking.id == booking_id)
    if principal is not None:
        statement = visibility.bookings(statement, principal)
    booking: Booking | None = db.session.scalar(statement)
    if booking is None:
        raise NotFound
    return booking


def book(
    wish: Wish, *, may_overlap: bool = False, key: str | None = None, principal: Principal | None = None
) -> Booking:
    """Book; raises Overlap where the calendar is taken, unless `may_overlap`. One `key`, one booking."""
    customer = rules.living_customer(wish.customer_id, principal)
    calendar = rules.open_calendar(wish.calendar_id, principal)
    known = None if key is None else db.session.scalar(select(Booking).where(Booking.idempotency_key == key))
    if known is not None:
        return known
    service = rules.open_service(wish.service_id, principal)
    rules.require_groups(customer, calendar, service)
    reserved = rules.minutes("reserved_minutes", wish.reserved_minutes, service.reserved_minutes if service else None)
    shown = rules.minutes("shown_minutes", wish.shown_minutes, service.shown_minutes if service else reserved)
    booking = Booking(
        customer_id=customer and customer.id,
        calendar_id=calendar.id,
        service_id=wish.service_id,
        start_at=rules.start(wish.start_at),
        end_at=wish.start_at + timedelta(minutes=reserved),
        shown_minutes=shown,
        price_ore=rules.price(wish.price_ore, service),
        status_id=rules.status(wish.status_id),
        origin=wish.origin,
        **{name: rules.text(name, getattr(wish, name)) for name in _TEXTS},
        created_by_id=actor.current().user_id,
        idempotency_key=key,
    )
    if not may_overlap:
        rules.refuse_overlap(booking)
    db.session.add(booking)
    db.session.flush()
    following.bookings_changed(booking.customer_id, [booking.service_id])
    return booking


def move(
    booking_id: int,
    *,
    start_at: datetime,
    calendar_id: int | None = None,
    row_version: int | None = None,
    may_overlap: bool = False,
    principal: Principal | None = None,
) -> Booking:
    """Let a booking begin at another time, in another calendar where one is given; it stays as long as it is."""
    values: dict[str, Any] = {"start_at": start_at}
    if calendar_id is not None:
        values["calendar_id"] = calendar_id
    return change(booking_id, values, row_version=row_version, may_overlap=may_overlap, principal=principal)


def change(
    booking_id: int,
    values: Mapping[str, Any],
    *,
    row_version: int | None = None,
    may_overlap: bool = False,
    principal: Principal | None = None,
) -> Booking:
    """Change a booking that is not deleted: calendar_id, service_id, start_at, reserved_minutes, shown_minutes,
    price_ore, status_id, booking_text, internal_note.

    Minutes and price that are not changed with the service come from the new service. What was to be sent about another
    start is withdrawn; raises BeingSent where that leaves right now.
    """
    booking = _hold(booking_id, principal, row_version, calendar_id=values.get("calendar_id"))
    if booking.deleted_at is not None:
        raise Invalid(_("The booking is deleted; restore it first."))
    before = _present(booking)
    wanted = _settled({**before, **values}, before, principal)
    _arrange(booking, wanted, before, principal)
    booking.shown_minutes = rules.minutes("shown_minutes", wanted["shown_minutes"], None)
    booking.price_ore = rules.price(wanted["price_ore"], None)
    booking.status_id = rules.status(wanted["status_id"])
    for name in _TEXTS:
        setattr(booking, name, rules.text(name, wanted[name]))
    if not may_overlap and (booking.start_at, booking.end_at, booking.calendar_id) != before["place"]:
        rules.refuse_overlap(booking)
    if booking.start_at != before["start_at"]:
        withdrawing.withdraw_for(booking_id)
    db.session.flush()
    if (booking.start_at, booking.service_id) != (before["start_at"], before["service_id"]):
        following.bookings_changed(booking.customer_id, [booking.service_id, before["service_id"]])
    return booking


def _present(booking: Booking) -> dict[str, Any]:
    names = ("calendar_id", "service_id", "start_at", "shown_minutes", "price_ore", "status_id", *_TEXTS)
    return {
        **{name: getattr(booking, name) for name in names},
        "reserved_minutes": booking.reserved_minutes,
        "place": (booking.start_at, booking.end_at, booking.calendar_id),
    }


def _settled(wanted: dict[str, Any], before: Mapping[str, Any], principal: Principal | None) -> dict[str, Any]:
    """With minutes and price of another service, where only the service was changed."""
    if wanted["service_id"] in (None, before["service_id"]):
        return wanted
    service = rules.open_service(wanted["service_id"], principal)
    for name in ("reserved_minutes", "shown_minutes", "price_ore"):
        if wanted[name] in (None, before[name]):
            wanted[name] = getattr(service, name)
    return wanted


def _arrange(
    booking: Booking, wanted: Mapping[str, Any], before: Mapping[str, Any], principal: Principal | None
) -> None:
    """Put the booking where and when it is wanted; what is not changed is not judged anew."""
    if wanted["calendar_id"] != before["calendar_id"]:
        calendar = rules.open_calendar(wanted["calendar_id"], principal)
        rules.require_groups(booking.customer, calendar, None)
        booking.calendar_id = calendar.id
    if wanted["service_id"] != before["service_id"]:
        rules.require_groups(booking.customer, None, rules.open_service(wanted["service_id"], principal))
        booking.service_id = wanted["service_id"]
    if wanted["start_at"] != before["start_at"]:
        booking.start_at = rules.start(wanted["start_at"])
    if (wanted["start_at"], wanted["reserved_minutes"]) != (before["start_at"], before["reserved_minutes"]):
        reserved = rules.minutes("reserved_minutes", wanted["reserved_minutes"], None)
        booking.end_at = booking.start_at + timedelta(minutes=reserved)


def put_status(booking_id: int, status_id: int | None, *, principal: Principal | None = None) -> Booking:
    """Give a booking another label of the company's own, or none; of deleted and previous ones too."""
    booking = _hold(booking_id, principal)
    booking.status_id = rules.status(status_id)
    db.session.flush()
    return booking


def mark_completed(
    booking_id: int, *, is_completed: bool = True, row_version: int | None = None, principal: Principal | None = None
) -> Booking:
    """Say that a booking is done, perhaps before its time is up, which frees the rest of it; or take that back."""
    booking = _begun(booking_id, row_version, principal)
    if not is_completed:
        booking.completed_at = None
    elif booking.completed_at is None:
        booking.completed_at = now()
    db.session.flush()
    return booking


def mark_no_show(
    booking_id: int, *, is_no_show: bool = True, row_version: int | None = None, principal: Principal | None = None
) -> Booking:
    """Say that the customer did not come; or take that back."""
    booking = _begun(booking_id, row_version, principal)
    booking.is_no_show = is_no_show
    db.session.flush()
    following.bookings_changed(booking.customer_id, [booking.service_id])
    return booking


def _begun(booking_id: int, row_version: int | None, principal: Principal | None) -> Booking:
    booking = _hold(booking_id, principal, row_version)
    if booking.deleted_at is not None:
        raise Invalid(_("The booking is deleted; restore it first."))
    if booking.start_at > now():
        raise Invalid(_("The booking has not begun yet."))
    return booking


def delete(
    booking_id: int,
    *,
    by: DeletedBy = DeletedBy.STAFF,
    row_version: int | None = None,
    principal: Principal | None = None,
) -> Booking:
    """Delete a booking, which stays with its price and who deleted it when; doing it again changes nothing.

    What was to be sent about it is withdrawn; raises BeingSent where that leaves right now.
    """
    booking = _hold(booking_id, principal, None)
    if booking.deleted_at is None:
        if row_version is not None and booking.row_version != row_version:
            raise Conflict
        booking.deleted_at = now()
        booking.deleted_by_kind = by
        booking.deleted_by_id = actor.current().user_id if by == DeletedBy.STAFF else None
        withdrawing.withdraw_for(booking_id)
        db.session.flush()
        following.bookings_changed(booking.customer_id, [booking.service_id])
    return booking


def restore(booking_id: int, *, may_overlap: bool = False, principal: Principal | None = None) -> Booking:
    """Bring a deleted booking back; raises Overlap where its time was given away meanwhile."""
    booking = _hold(booking_id, principal)
    if booking.deleted_at is not None:
        booking.deleted_at = booking.deleted_by_kind = booking.deleted_by_id = None
        if not may_overlap:
            rules.refuse_overlap(booking)
        db.session.flush()
        following.bookings_changed(booking.customer_id, [booking.service_id])
    return booking


def _hold(
    booking_id: int, principal: Principal | None, row_version: int | None = None, *, calendar_id: int | None = None
) -> Booking:
    """The booking, locked after its customer and the calendars it is, or is to be, in."""
    seen = find(booking_id, principal)
    held = None if seen.customer_id is None else survivors.hold(seen.customer_id, deleted=True)
    wanted = {seen.calendar_id, calendar_id} - {None}
    locking = select(Calendar.id).where(Calendar.id.in_(wanted)).order_by(Calendar.id).with_for_update()
    db.session.execute(locking).all()
    booking = db.session.scalars(
        select(Booking)
        .where(Booking.id == booking_id)
        .with_for_update(of=Booking)
        .execution_options(populate_existing=True)
    ).one()
    is_elsewhere = booking.customer_id not in (None, held)  # a merge was undone while this waited
    if is_elsewhere or (row_version is not None and booking.row_version != row_version):
        raise Conflict
    return booking
