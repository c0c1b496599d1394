"""How bookings look in lists: the customer with the sign of a note, the status as a label; and their filters."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext
from markupsafe import Markup, escape
from sqlalchemy import and_, select
from sqlalchemy.sql.elements import ColumnElement

from gecko.clock import now
from gecko.language import _
from gecko.models.bookings import Booking, BookingStatus, Bucket, DeletedBy, Origin, in_bucket
from gecko.models.customers import Customer
from gecko.operations.booking_rules import LONGEST

from .customer_cells import mark
from .grid import filters

BUCKETS = (
    (Bucket.ACTIVE, _("Active")),
    (Bucket.PREVIOUS, _("Past")),
    (Bucket.DELETED, _("Deleted")),
)
ORIGINS = ((Origin.ONLINE, _("Online")), (Origin.BACKEND, _("Staff")))
DELETERS = (
    (DeletedBy.STAFF, _("Staff")),
    (DeletedBy.CUSTOMER, _("Customer")),
    (DeletedBy.SYSTEM, _("The system")),
)
_LINK = Markup('<a href="{}">{}</a>')
_STATUS = Markup('<span class="badge g-badge g-badge-{}">{}</span>')


class InBucket(filters.Choice):
    """Active, previous or deleted, by the one rule."""

    def read(self, chosen: str) -> tuple[ColumnElement[bool], str]:
        """What is active has begun a month ago at most, which an index finds."""
        words, at = {str(bucket): str(word) for bucket, word in BUCKETS}, now()
        _condition, _words = super().read(chosen)
        rule = in_bucket(Bucket(chosen), at)
        if chosen == Bucket.ACTIVE:
            rule = and_(Booking.start_at > at - LONGEST, rule)
        return rule, words[chosen]

    def value_of(self, chosen: str) -> Any:
        """No column holds it."""
        return None

    def equality(self, *given: str) -> str | None:
        """Not one value."""
        return None


class OfGroup(filters.Relation):
    """Bookings of a customer group's customers."""

    def read(self, chosen: str) -> tuple[ColumnElement[bool], str]:
        """One group."""
        condition, words = super().read(chosen)
        return Booking.customer_id.in_(select(Customer.id).where(condition)), words

    def equality(self, *given: str) -> str | None:
        """No column of the booking."""
        return None


def note_of(booking: Booking) -> str:
    """Why there is a sign: the customer's message, the note of staff, the customer's important note."""
    found = [
        gettext("The customer's message: %(text)s", text=booking.booking_text) if booking.booking_text else "",
        gettext("Note on the booking: %(text)s", text=booking.internal_note) if booking.internal_note else "",
    ]
    important = booking.customer.important_note if booking.customer else None
    if important:
        found.append(gettext("Important note of the customer: %(text)s", text=important))
    return "\n".join(filter(None, found))


def customer(_grid: Any, _context: Any, row: Booking, _name: str) -> Any:
    """The customer, linked to the profile, with the sign of a note; in italics where the booking is internal."""
    note = note_of(row)
    sign = mark("g-note-mark", "note", note) if note else Markup("")
    if row.customer is None:
        return Markup("<em>{}</em>{}").format(gettext("Internal"), sign)
    if row.customer.deleted_at is not None:
        return escape(row.customer.name) + sign
    url = url_for("customer_profile.tab", customer_id=row.customer_id, tab_key="bookings")
    return _LINK.format(url, row.customer.name) + sign


def status(_grid: Any, _context: Any, row: Booking, _name: str) -> Any:
    """The company's own label."""
    return "" if row.status is None else status_chip(row.status)


def status_chip(one: BookingStatus) -> Markup:
    """A status in its colour."""
    return _STATUS.format(one.colour, one.name)
