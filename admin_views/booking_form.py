"""The forms that book, change and move: Danish times, and a tick that appears where the calendar is taken."""

from __future__ import annotations

from typing import Any

from flask_admin.form import BaseForm
from sqlalchemy import or_, select
from wtforms import BooleanField, Form, HiddenField, IntegerField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from gecko.db import db
from gecko.language import _
from gecko.models.bookings import Calendar, Service
from gecko.operations import booking_statuses, visibility
from gecko.operations.customer_values import TEXT_LIMIT

from .fields import DanishInstantField, LookupField, MoneyField
from .login import principal

OVERLAP = "may_overlap"
CONFIRM = "confirm"
_FROM_SERVICE = _("Empty: the service's own")


def _id_or_none(value: Any) -> int | None:
    return int(value) if value not in (None, "", "None") else None


class OpenField(SelectField):
    """One of the active calendars or services that the reader may see; what the booking has now stays on offer."""

    def __init__(self, label: Any, validators: Any = None, *, model: Any, **kwargs: Any) -> None:
        super().__init__(label, validators, coerce=_id_or_none, choices=(), **kwargs)
        self.model = model

    def _open(self) -> list[SelectChoice]:
        rule = self.model.is_active
        present = self.object_data if isinstance(self.object_data, int) else None
        if present is not None:
            rule = or_(rule, self.model.id == present)
        statement = select(self.model.id, self.model.name).where(rule).order_by(self.model.name_sort, self.model.id)
        rows = db.session.execute(visibility.narrowed(self.model, statement, principal()))
        return [SelectChoice("", ""), *(SelectChoice(row.id, row.name) for row in rows)]

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the choices once it is known what the booking has now."""
        super().process(*args, **kwargs)
        self.choices = self._open()


def _statuses() -> list[SelectChoice]:
    return [SelectChoice("", _("None")), *(SelectChoice(one.id, one.name) for one in booking_statuses.listed())]


class PlaceForm(Form):
    """Where and when: what moving a booking asks for."""

    calendar_id = OpenField(_("Calendar"), [InputRequired()], model=Calendar)
    start_at = DanishInstantField(_("Begins"), [InputRequired()])
    may_overlap = BooleanField(_("Book although the calendar is taken"))


class ChangeForm(BaseForm):
    """What can be changed about a booking; the customer stays."""

    calendar_id = OpenField(_("Calendar"), [InputRequired()], model=Calendar)
    service_id = OpenField(_("Service"), model=Service)
    start_at = DanishInstantField(_("Begins"), [InputRequired()])
    reserved_minutes = IntegerField(_("Minutes reserved"), [Optional()], description=_FROM_SERVICE)
    shown_minutes = IntegerField(_("Minutes shown"), [Optional()], description=_FROM_SERVICE)
    price_ore = MoneyField(_("Price with VAT"), description=_FROM_SERVICE)
    status_id = SelectField(_("Booking status"), coerce=_id_or_none, choices=_statuses)
    is_no_show = BooleanField(_("No-show"))
    booking_text = TextAreaField(_("Message from the customer"), [Length(max=TEXT_LIMIT)])
    internal_note = TextAreaField(_("Internal note"), [Length(max=TEXT_LIMIT)])
    may_overlap = BooleanField(_("Book although the calendar is taken"))


class BookForm(ChangeForm):
    """A new booking. once: makes a second submit recognisable. confirm: stands there where bookings are confirmed."""

    customer_id = LookupField(_("Customer"), endpoint="customers", description=_("Empty: an internal booking"))
    confirm = BooleanField(_("Send the customer a confirmation"), default=True)
    once = HiddenField()
    is_no_show = None
