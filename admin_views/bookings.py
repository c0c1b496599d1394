"""Bookings: the list, booking and changing, and the page of one booking."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from flask import request
from flask_admin import expose
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.utils import redirect

from gecko.db import db
from gecko.errors import GeckoError
from gecko.language import _
from gecko.models.bookings import Booking, BookingStatus, Bucket, Calendar, Service
from gecko.models.customer_groups import CustomerGroup
from gecko.models.customers import Customer
from gecko.operations import bookings, calendars, visibility
from gecko.operations.booking_rules import Overlap
from gecko.operations.messaging import confirming
from gecko.permissions import Permission
from jobs import queue

from . import booking_cells
from .base import GridView, holds, principal
from .booking_form import CONFIRM, OVERLAP, BookForm, ChangeForm
from .booking_page import BookingPage
from .formats import instant
from .grid import filters
from .grid.listing import GridPage
from .grid.records import read_id
from .grid.state import GridState
from .messages import words


def _day_notes(ids: list[int]) -> dict[str, dict[int, str]]:
    return {"day_note": calendars.notes_of_bookings(ids)}


class BookingsView(BookingPage, GridView):
    """Every booking the user may see; deleted ones where they are asked for."""

    model = Booking
    slug = "bookings"
    title = _("Bookings")
    icon = "calendar"
    permission = Permission.BOOKING_VIEW
    create_permission = edit_permission = delete_permission = Permission.BOOKING_EDIT
    export_permission = (Permission.BOOKING_VIEW, Permission.CUSTOMER_EXPORT)
    menu_query = f"f_bucket={Bucket.ACTIVE}"

    list_template = "customers/list.html"
    has_edit_link = False

    column_list = (
        "start_at", "calendar", "customer", "service", "shown_minutes", "price_ore", "status_id", "origin",
        "is_no_show",
    )  # fmt: skip
    column_hidden = (
        "end_at", "reserved_minutes", "booking_text", "internal_note", "completed_at", "created_at", "created_by",
        "deleted_at", "deleted_by_kind", "deleted_by", "day_note",
    )  # fmt: skip
    column_labels = {
        "start_at": _("Begins"), "end_at": _("Ends"), "calendar": _("Calendar"), "calendar_id": _("Calendar"),
        "customer": _("Customer"), "customer_id": _("Customer"), "service": _("Service"), "service_id": _("Service"),
        "shown_minutes": _("Minutes shown"), "reserved_minutes": _("Minutes reserved"), "price_ore": _("Price"),
        "status_id": _("Booking status"), "origin": _("Booked by"), "is_no_show": _("No-show"),
        "booking_text": _("Message from the customer"), "internal_note": _("Internal note"),
        "completed_at": _("Completed"), "created_at": _("Created"), "created_by": _("Created by"),
        "deleted_at": _("Deleted"), "deleted_by_kind": _("Deleted by"), "deleted_by": _("Deleted by user"),
        "day_note": _("Note of the day"),
    }  # fmt: skip
    column_sortable_list = ("start_at",)
    column_default_sort = "start_at"
    column_needs: ClassVar[Any] = {
        "": ("start_at",),
        "customer": ("customer", "customer_id", "booking_text", "internal_note"),
        "status_id": ("status", "status_id"),
        "reserved_minutes": ("start_at", "end_at"),
        "day_note": (),
    }
    column_lookups: ClassVar[Any] = {_day_notes: ("day_note",)}
    column_choices = {"origin": booking_cells.ORIGINS, "deleted_by_kind": booking_cells.DELETERS}
    column_formatters: ClassVar[Any] = {"customer": booking_cells.customer, "status_id": booking_cells.status}
    column_filters = (
        booking_cells.InBucket("bucket", _("Booking is"), column=Booking.start_at, choices=booking_cells.BUCKETS),
        filters.DateRange("start_at", _("Day")),
        filters.Relation("calendar_id", target=Calendar),
        filters.Relation("service_id", target=Service),
        filters.Relation("status_id", target=BookingStatus),
        filters.Relation("customer_id", target=Customer, lookup="customers"),
        booking_cells.OfGroup("group", _("Customer group"), column=Customer.group_id, target=CustomerGroup),
        filters.Choice("origin", choices=booking_cells.ORIGINS),
        filters.Boolean("is_no_show"),
    )
    form_columns = ("calendar_id",)
    form_groups = (
        (_("Who and what"), ("customer_id", "service_id", "status_id", "is_no_show", CONFIRM, "once")),
        (_("When"), ("calendar_id", "start_at", "reserved_minutes", "shown_minutes", OVERLAP)),
        (_("Price and notes"), ("price_ore", "booking_text", "internal_note")),
    )
    inline_columns = ("status_id", "is_no_show")
    bulk_edit_columns = ("status_id",)

    def get_create_form(self) -> type[BookForm]:
        """Ours."""
        return BookForm

    def get_edit_form(self) -> type[ChangeForm]:
        """Ours."""
        return ChangeForm

    def scope(self, statement: Any) -> Any:
        """Limited users see bookings of their own groups' customers."""
        return visibility.bookings(statement, principal())

    def source(self, state: GridState) -> Any:
        """Deleted bookings are history that everybody who sees bookings may see."""
        return super().source(_bucketed(state))

    def build(self, state: GridState, shown: Any) -> GridPage:
        """The list of deleted ones looks like one."""
        return super().build(_bucketed(state), shown)

    def _visible(self, *, is_deleted: bool = False) -> tuple[list[Any], list[Any]]:
        live, conditions = super()._visible()
        if is_deleted:
            live, gone = [], self.table.c.deleted_at.is_not(None)
            conditions.append((gone, gone))
        return live, conditions

    def _act_writer(self, *, may_edit: bool, is_deleted: bool, back: str) -> Any:
        """Only those who may delete restore."""
        return super()._act_writer(may_edit=may_edit, is_deleted=is_deleted and self.may_delete(), back=back)

    def title_of(self, row: Any) -> str:
        """When it is."""
        return gettext("Booking %(at)s", at=instant(row.start_at))

    def row_url(self, row: Any) -> str:
        """The booking's own page."""
        return f"{self.get_url('.index_view')}{row.id}"

    def saved_url(self, row: Any) -> str:
        """The same."""
        return self.row_url(row)

    @expose("/details/")
    def details_view(self) -> Any:
        """A booking has a page of its own."""
        return redirect(self.row_url(self.one_or_404(with_deleted=True)))

    def bind_form(self, form_class: Any, formdata: Any, row: Any = None) -> Any:
        """Without the tick for a confirmation where bookings are not confirmed."""
        form = super().bind_form(form_class, formdata, row)
        if CONFIRM in form:
            over = confirming.channels()
            form[CONFIRM].description = gettext("By: %(channels)s", channels=", ".join(map(words.channel_name, over)))
            if not over:
                del form[CONFIRM]
        return form

    def prefill(self, form: Any) -> None:
        """Start with the customer and the calendar that the link named, where the user may see them."""
        form.once.data = self.once()
        for field, model, rule in (
            (form.customer_id, Customer, visibility.customers), (form.calendar_id, Calendar, visibility.calendars),
        ):  # fmt: skip
            row_id = request.args.get(field.name.removesuffix("_id"), type=read_id)
            if row_id is not None:
                field.data = db.session.scalar(rule(select(model.id).where(model.id == row_id), principal()))

    def grouped(self, form: Any) -> list[tuple[Any, list[Any]]]:
        """The tick for a calendar that is taken appears once it was found to be."""
        groups = super().grouped(form)
        if OVERLAP not in form or form[OVERLAP].data or getattr(form, "is_overlapping", False):
            return groups
        return [(heading, [field for field in fields if field.name != OVERLAP]) for heading, fields in groups]

    def show_error(self, form: Any, error: GeckoError) -> None:
        """Where the calendar is taken, offer to book all the same."""
        form.is_overlapping = isinstance(error, Overlap)
        super().show_error(form, error)

    def perform_create(self, values: dict[str, Any]) -> Any:
        """Book, and tell the customer where that is ticked."""
        once, may_overlap, is_told = values.pop("once", None), values.pop(OVERLAP), values.pop(CONFIRM, False)
        wish = bookings.Wish(**values)
        key = f"staff:{once}" if once else None
        booking = bookings.book(wish, may_overlap=may_overlap, key=key, principal=principal())
        if is_told:
            confirming.confirm(booking)
        return booking

    def _created(self, row_id: int) -> Any:
        if request.form.get(CONFIRM):
            queue.wake_senders()
        return super()._created(row_id)

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """By the operation that the field belongs to."""
        is_no_show, may_overlap = values.pop("is_no_show", None), values.pop(OVERLAP, False)
        who, row_id, was = principal(), row.id, row.is_no_show
        if set(values) == {"status_id"}:
            row = bookings.put_status(row_id, values["status_id"], principal=who)
        elif values:
            row = bookings.change(row_id, values, row_version=row.row_version, may_overlap=may_overlap, principal=who)
        if is_no_show is not None and is_no_show != was:
            row = bookings.mark_no_show(row_id, is_no_show=is_no_show, principal=who)
        return row

    def perform_delete(self, row: Any) -> None:
        """Keep it among the deleted."""
        bookings.delete(row.id, principal=principal())

    def perform_restore(self, row: Any) -> None:
        """Bring it back; its time may have been given away."""
        bookings.restore(row.id, may_overlap=bool(request.form.get(OVERLAP)), principal=principal())

    def create_title(self) -> str:
        """Heading of the create page."""
        return gettext("New booking")

    def commands(self) -> Any:
        """Booking straight from the search dialog."""
        return [(_("New booking"), self.get_url(".create_view"))] if holds(self.create_permission) else []


def _bucketed(state: GridState) -> GridState:
    """The list of deleted ones is asked for by its filter or by the grid's own switch, never by both at odds."""
    bucket = state.filters.get("bucket")
    return state if bucket is None else replace(state, is_deleted=bucket == Bucket.DELETED)
