"""The grids behind bookings: calendars, services and booking statuses."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from sqlalchemy import func, select

from gecko.clock import now
from gecko.db import db
from gecko.language import _
from gecko.models.bookings import Booking, BookingStatus, Bucket, Calendar, Service, in_bucket
from gecko.models.customer_groups import CustomerGroup
from gecko.operations import booking_services, booking_statuses, calendars, visibility
from gecko.operations.markings import COLOURS
from gecko.permissions import Permission

from .base import GridView, principal
from .booking_cells import status_chip
from .grid import filters

_EVERYBODY = _("Empty: for customers of every group")


class CalendarsView(GridView):
    """What can be booked: employees, rooms, machines."""

    model = Calendar
    slug = "calendars"
    title = _("Calendars")
    icon = "layout-columns"
    permission = Permission.BOOKING_VIEW
    create_permission = edit_permission = delete_permission = Permission.BOOKING_SETUP
    column_list = ("name", "group", "to_come", "is_active")
    column_labels = {
        "name": _("Name"), "group": _("Only for customer group"), "group_id": _("Only for customer group"),
        "to_come": _("Active bookings"), "is_active": _("Active"),
    }  # fmt: skip
    column_sortable_list = (("name", "name_sort"),)
    column_default_sort = "name"
    column_needs = {"to_come": ()}
    column_filters = (filters.Boolean("is_active"), filters.Relation("group_id", target=CustomerGroup))
    form_columns = ("name", "group_id", "is_active")
    form_args = {"group_id": {"description": _EVERYBODY}}
    inline_columns = ("is_active",)

    def scope(self, statement: Any) -> Any:
        """Limited users know those of their groups, and those for everybody."""
        return visibility.calendars(statement, principal())

    def page_values(self, ids: list[int]) -> dict[str, dict[int, Any]]:
        """How many active bookings each has."""
        counted = db.session.execute(
            select(Booking.calendar_id, func.count())
            .where(Booking.calendar_id.in_(ids), in_bucket(Bucket.ACTIVE, now()))
            .group_by(Booking.calendar_id)
        ).all()
        found = dict.fromkeys(ids, 0) | dict(counted)
        return {"to_come": {calendar_id: self.number(count) for calendar_id, count in found.items()}}

    def perform_create(self, values: dict[str, Any]) -> Any:
        """Add a calendar."""
        return calendars.create(values)

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """Change a calendar."""
        return calendars.change(row.id, values, row_version=row.row_version)

    def perform_delete(self, row: Any) -> None:
        """Only one in which nothing was ever booked."""
        calendars.delete(row.id)

    def create_title(self) -> str:
        """Heading of the create page."""
        return gettext("New calendar")


class ServicesView(GridView):
    """What customers book, with times and prices."""

    model = Service
    slug = "services"
    title = _("Services")
    icon = "scissors"
    permission = Permission.BOOKING_VIEW
    create_permission = edit_permission = delete_permission = Permission.BOOKING_SETUP
    column_list = (
        "name", "category", "shown_minutes", "reserved_minutes", "price_ore", "group", "is_sensitive", "is_active",
    )  # fmt: skip
    column_labels = {
        "name": _("Name"), "category": _("Category"), "shown_minutes": _("Minutes shown"),
        "reserved_minutes": _("Minutes reserved"), "price_ore": _("Price with VAT"),
        "group": _("Only for customer group"), "group_id": _("Only for customer group"),
        "is_sensitive": _("Sensitive"), "is_active": _("Active"),
    }  # fmt: skip
    column_sortable_list = (("name", "name_sort"),)
    column_default_sort = "name"
    column_filters = (
        filters.Text("category"),
        filters.Boolean("is_active"),
        filters.Boolean("is_sensitive"),
        filters.MoneyRange("price_ore"),
        filters.Relation("group_id", target=CustomerGroup),
    )
    form_columns = (
        "name", "category", "shown_minutes", "reserved_minutes", "price_ore", "group_id", "is_sensitive", "is_active",
    )  # fmt: skip
    form_args = {
        "shown_minutes": {"description": _("What the customer is told.")},
        "reserved_minutes": {"description": _("How long the calendar is really taken.")},
        "group_id": {"description": _EVERYBODY},
        "is_sensitive": {"description": _("The name stays out of text messages.")},
    }
    inline_columns = ("category", "shown_minutes", "reserved_minutes", "price_ore", "is_active")
    bulk_edit_columns = ("category", "group_id", "is_active")

    def scope(self, statement: Any) -> Any:
        """Limited users know those of their groups, and those for everybody."""
        return visibility.services(statement, principal())

    def perform_create(self, values: dict[str, Any]) -> Any:
        """Add a service."""
        return booking_services.create(values)

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """Change a service, for what is booked from now on."""
        return booking_services.change(row.id, values, row_version=row.row_version)

    def perform_delete(self, row: Any) -> None:
        """Only one that was never booked."""
        booking_services.delete(row.id)

    def create_title(self) -> str:
        """Heading of the create page."""
        return gettext("New service")


def _chip(_grid: Any, _context: Any, row: Any, _name: str) -> Any:
    return status_chip(row)


class BookingStatusesView(GridView):
    """The company's own labels of bookings."""

    model = BookingStatus
    slug = "booking-statuses"
    title = _("Booking statuses")
    icon = "flag"
    permission = Permission.BOOKING_VIEW
    create_permission = edit_permission = delete_permission = Permission.BOOKING_SETUP
    column_list = ("name", "position", "colour")
    column_labels = {"name": _("Name"), "position": _("Order"), "colour": _("Colour")}
    column_sortable_list = ("name",)
    column_default_sort = "name"
    column_needs = {"name": ("name", "colour")}
    column_formatters = {"name": _chip}
    column_choices = {"colour": tuple(COLOURS.items())}
    form_columns = ("name", "colour", "position")
    form_choices = column_choices
    inline_columns = ("position",)

    def perform_create(self, values: dict[str, Any]) -> Any:
        """Add a status."""
        return booking_statuses.create(values)

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """Change a status."""
        return booking_statuses.change(row.id, values, row_version=row.row_version)

    def perform_delete(self, row: Any) -> None:
        """Only one that no booking carries."""
        booking_statuses.delete(row.id)

    def create_title(self) -> str:
        """Heading of the create page."""
        return gettext("New booking status")
