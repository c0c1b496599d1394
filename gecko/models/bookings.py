"""Bookings: calendars, the services that customers book, the company's own status labels, and the bookings.

What a booking costs and how long the customer is told it takes are kept on the booking, as they were when it was made.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ColumnElement, Computed, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, SoftDeleted, Versioned
from ..folding import sort_sql

if TYPE_CHECKING:
    from .customer_groups import CustomerGroup
    from .customers import Customer
    from .people import StaffUser

_SORTED = String().with_variant(String(collation="C"), "postgresql")


class Calendar(Versioned, Created, Base):
    """A column that can be booked: an employee, a room, a machine. group_id: it takes customers of this group alone."""

    __tablename__ = "calendar"
    __table_args__ = (
        CheckConstraint("trim(name) <> ''", name="name"),
        Index("ix_calendar_name", "name_sort", "id"),
    )

    name: Mapped[str] = mapped_column(unique=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("customer_group.id"), index=True)
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    name_sort: Mapped[str] = mapped_column(_SORTED, Computed(sort_sql("name"), persisted=True), deferred=True)

    group: Mapped[CustomerGroup | None] = relationship()

    def __str__(self) -> str:
        return self.name


class CalendarDay(Versioned, Base):
    """What staff want to be known about one calendar on one date."""

    __tablename__ = "calendar_day"
    __table_args__ = (UniqueConstraint("calendar_id", "date"),)

    calendar_id: Mapped[int] = mapped_column(ForeignKey("calendar.id"))
    date: Mapped[date]
    note: Mapped[str]

    calendar: Mapped[Calendar] = relationship()


class Service(Versioned, Created, Base):
    """What is booked.

    shown_minutes: how long the customer is told it takes. reserved_minutes: how long the calendar is really taken.
    price_ore: with VAT. group_id: for customers of this group alone. is_sensitive: its name tells something about
    health or the like, and stays out of text messages.
    """

    __tablename__ = "service"
    __table_args__ = (
        CheckConstraint("trim(name) <> ''", name="name"),
        CheckConstraint("shown_minutes > 0", name="shown"),
        CheckConstraint("reserved_minutes > 0", name="reserved"),
        CheckConstraint("price_ore >= 0", name="price"),
        Index("ix_service_name", "name_sort", "id"),
    )

    name: Mapped[str] = mapped_column(unique=True)
    category: Mapped[str | None]
    group_id: Mapped[int | None] = mapped_column(ForeignKey("customer_group.id"), index=True)
    shown_minutes: Mapped[int]
    reserved_minutes: Mapped[int]
    price_ore: Mapped[int]
    is_sensitive: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    name_sort: Mapped[str] = mapped_column(_SORTED, Computed(sort_sql("name"), persisted=True), deferred=True)

    group: Mapped[CustomerGroup | None] = relationship()

    def __str__(self) -> str:
        return self.name


class BookingStatus(Versioned, Base):
    """A label of the company's own that a booking may carry, such as "Confirmed"; says nothing about its life."""

    __tablename__ = "booking_status"
    __table_args__ = (CheckConstraint("trim(name) <> ''", name="name"),)

    name: Mapped[str] = mapped_column(unique=True)
    colour: Mapped[str] = mapped_column(default="blue", server_default="blue")
    position: Mapped[int] = mapped_column(default=0, server_default="0")

    def __str__(self) -> str:
        return self.name


class Origin(StrEnum):
    """Where a booking was made: by the customer online, or by staff."""

    ONLINE = "online"
    BACKEND = "backend"


class DeletedBy(StrEnum):
    """Who deleted a booking."""

    STAFF = "staff"
    CUSTOMER = "customer"
    SYSTEM = "system"


class Bucket(StrEnum):
    """Where a booking stands in its life."""

    ACTIVE = "active"
    PREVIOUS = "previous"
    DELETED = "deleted"


class Booking(Versioned, SoftDeleted, Created, Base):
    """A stretch of time in a calendar, for a customer or (without one) the company's own.

    start_at and end_at: what is really reserved. shown_minutes and price_ore: what the customer was told when it was
    made. booking_text: what the customer wrote. deleted_by_id: the user, where staff deleted it.
    """

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("end_at > start_at", name="times"),
        CheckConstraint("shown_minutes > 0", name="shown"),
        CheckConstraint("price_ore >= 0", name="price"),
        CheckConstraint("(deleted_at IS NULL) = (deleted_by_kind IS NULL)", name="deleted_by"),
        CheckConstraint("deleted_by_id IS NULL OR deleted_by_kind = 'staff'", name="deleted_by_staff"),
        Index("ix_booking_customer", "customer_id", "start_at", "id"),
        Index("ix_booking_calendar", "calendar_id", "start_at", "id"),
        Index("ix_booking_start", "start_at", "id"),
    )

    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    calendar_id: Mapped[int] = mapped_column(ForeignKey("calendar.id"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"), index=True)
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    shown_minutes: Mapped[int]
    price_ore: Mapped[int] = mapped_column(default=0, server_default="0")
    status_id: Mapped[int | None] = mapped_column(ForeignKey("booking_status.id"), index=True)
    origin: Mapped[Origin] = mapped_column(default=Origin.BACKEND, server_default=Origin.BACKEND.value)
    booking_text: Mapped[str | None]
    internal_note: Mapped[str | None]
    is_no_show: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    completed_at: Mapped[datetime | None]
    deleted_by_kind: Mapped[DeletedBy | None]
    deleted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)

    customer: Mapped[Customer | None] = relationship()
    calendar: Mapped[Calendar] = relationship()
    service: Mapped[Service | None] = relationship()
    status: Mapped[BookingStatus | None] = relationship()
    deleted_by: Mapped[StaffUser | None] = relationship(foreign_keys=[deleted_by_id])
    created_by: Mapped[StaffUser | None] = relationship(foreign_keys=[created_by_id])

    @property
    def reserved_minutes(self) -> int:
        """How long the calendar is taken."""
        return (self.end_at - self.start_at) // timedelta(minutes=1)

    def bucket(self, at: datetime) -> Bucket:
        """Where the booking stands at `at`. One under way is active until it ends or is marked completed."""
        if self.deleted_at is not None:
            return Bucket.DELETED
        is_over = self.completed_at is not None or self.end_at <= at
        return Bucket.PREVIOUS if is_over else Bucket.ACTIVE


def in_bucket(bucket: Bucket, at: datetime) -> ColumnElement[bool]:
    """The same rule as `Booking.bucket`, as a condition on the table."""
    is_over = Booking.completed_at.is_not(None) | (Booking.end_at <= at)
    if bucket == Bucket.DELETED:
        return Booking.deleted_at.is_not(None)
    return Booking.deleted_at.is_(None) & (is_over if bucket == Bucket.PREVIOUS else ~is_over)
