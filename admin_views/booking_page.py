"""The page of one booking: what it is, what can be done with it, and its log."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import abort, flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from gecko.clock import local, now
from gecko.db import db, transaction, write_patiently
from gecko.errors import GeckoError
from gecko.models.bookings import Booking, Bucket
from gecko.operations import audit_log, booking_rules, bookings, calendars
from gecko.permissions import Permission

from .booking_cells import BUCKETS, DELETERS, ORIGINS, note_of
from .booking_form import OVERLAP, PlaceForm
from .grid.records import read_id
from .guard import holds, message_of, switched_on
from .login import principal
from .recalls.view import GATE

MARKS: dict[str, Callable[..., Booking]] = {
    "completed": bookings.mark_completed,
    "open": partial(bookings.mark_completed, is_completed=False),
    "no-show": bookings.mark_no_show,
    "came": partial(bookings.mark_no_show, is_no_show=False),
}
_READ_WITH = (
    Booking.customer, Booking.calendar, Booking.service, Booking.status, Booking.created_by, Booking.deleted_by,
)  # fmt: skip


class BookingPage:
    """`/bookings/<id>` and what is posted there."""

    @expose("/<int:id>")
    def booking_view(self, id: int) -> Any:  # noqa: A002
        """One booking, deleted or not."""
        row = self._booking(id)
        bucket, place = row.bucket(now()), (row.calendar_id, local(row.start_at).date())
        has_begun = row.start_at <= now()
        return self.render(  # type: ignore[attr-defined]
            "bookings/booking.html",
            row=row,
            grid=self,
            bucket=bucket,
            words={**dict(BUCKETS), **dict(ORIGINS)},
            deleters=dict(DELETERS),
            note=note_of(row),
            day_note=calendars.notes([place]).get(place, ""),
            in_the_way=booking_rules.in_the_way(row) if bucket == Bucket.DELETED else None,
            may_mark=self.may_edit() and has_begun and bucket != Bucket.DELETED,  # type: ignore[attr-defined]
            may_recall=self.may_edit() and GATE.is_open(switched_on()),  # type: ignore[attr-defined]
            may_write=holds((Permission.MESSAGE_SEND, Permission.CUSTOMER_VIEW)),
            readings=audit_log.of_row("booking", row.id) if holds(Permission.CUSTOMER_LOG) else None,
        )

    def _booking(self, booking_id: int) -> Booking:
        statement = select(Booking).where(Booking.id == booking_id).options(*(joinedload(one) for one in _READ_WITH))
        row: Booking | None = db.session.scalar(self.scope(statement))  # type: ignore[attr-defined]
        if row is None:
            abort(404)
        return row

    @expose("/<int:id>/move", methods=("GET", "POST"))
    def move_view(self, id: int) -> Any:  # noqa: A002
        """Another time, another calendar."""
        self.demand(self.edit_permission)  # type: ignore[attr-defined]
        row = self._booking(id)
        form = PlaceForm(request.form if request.method == "POST" else None, obj=row)
        shows_tick = bool(form[OVERLAP].data)
        if request.method == "POST" and form.validate():
            try:
                write_patiently(
                    lambda: bookings.move(
                        id,
                        start_at=form.start_at.data,
                        calendar_id=form.calendar_id.data,
                        row_version=read_id(request.form.get("row_version")) or 0,
                        may_overlap=form[OVERLAP].data,
                        principal=principal(),
                    )
                )
                flash(_("The booking is moved."), "success")
                return redirect(self.row_url(self._booking(id)), 303)  # type: ignore[attr-defined]
            except booking_rules.Overlap as error:
                shows_tick, form.start_at.errors = True, [message_of(error)]
            except GeckoError as error:
                form.form_errors.append(message_of(error))
        if not shows_tick:
            del form[OVERLAP]
        rendered = self.render("bookings/move.html", form=form, row=self._booking(id), grid=self)  # type: ignore[attr-defined]
        return rendered, (422 if request.method == "POST" else 200)

    @expose("/<int:id>/mark", methods=("POST",))
    def mark_view(self, id: int) -> Any:  # noqa: A002
        """Completed or not, came or not."""
        self.demand(self.edit_permission)  # type: ignore[attr-defined]
        row = self._booking(id)
        mark = MARKS.get(request.form.get("what", ""))
        if mark is None:
            abort(404)
        back, version = self.row_url(row), read_id(request.form.get("row_version"))  # type: ignore[attr-defined]
        try:
            with transaction():
                mark(id, row_version=version, principal=principal())
        except GeckoError as error:
            flash(message_of(error), "danger")
        return redirect(back, 303)

    @expose("/<int:id>/day-note", methods=("POST",))
    def day_note_view(self, id: int) -> Any:  # noqa: A002
        """What is to be known about the booking's calendar on its day."""
        self.demand(self.edit_permission)  # type: ignore[attr-defined]
        row = self._booking(id)
        back, calendar_id, day = self.row_url(row), row.calendar_id, local(row.start_at).date()  # type: ignore[attr-defined]
        try:
            with transaction():
                calendars.put_note(calendar_id, day, request.form.get("note"), principal=principal())
            flash(_("The note of the day is saved."), "success")
        except GeckoError as error:
            flash(message_of(error), "danger")
        return redirect(back, 303)
