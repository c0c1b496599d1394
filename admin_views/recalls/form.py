"""The form of a sign-up, for a new one and for one that goes on."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from sqlalchemy import or_, select
from wtforms import Form, HiddenField, IntegerField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from gecko.db import db
from gecko.language import _
from gecko.models.bookings import Service
from gecko.models.customers import Customer
from gecko.models.recalls import RecallUnit
from gecko.operations import visibility
from gecko.operations.recalls import templates
from gecko.permissions import Principal

from ..fields import DanishDateField
from .words import UNITS


class RhythmForm(Form):
    """How often and until when."""

    every = IntegerField(_("Interval"), [InputRequired()], default=6, render_kw={"min": 1, "max": 1000})
    unit = SelectField(_("Counted in"), choices=[SelectChoice(str(unit), label) for unit, label in UNITS.items()])
    until_on = DanishDateField(_("Until"), description=_("Empty: until it is ended."))
    times = IntegerField(_("Number of times"), [Optional()], description=_("Empty: as often as the dates come."))
    note = TextAreaField(_("Note"), [Length(max=1000)], render_kw={"rows": 2})

    def rhythm(self) -> dict[str, Any]:
        """Everything but the date."""
        return {
            "every": self.every.data,
            "unit": RecallUnit(self.unit.data),
            "until_on": self.until_on.data,
            "times": self.times.data,
            "note": self.note.data,
        }


class SignUpForm(RhythmForm):
    """A new sign-up."""

    template_id = SelectField(_("Template"), [InputRequired()], coerce=int)
    service_id = SelectField(_("Service"), [InputRequired()], coerce=int)
    first_on = DanishDateField(_("First date"), [InputRequired()])
    once = HiddenField()


class ChangeForm(RhythmForm):
    """A sign-up that goes on."""

    next_on = DanishDateField(_("Next date"), [InputRequired()])
    recall = HiddenField()
    row_version = HiddenField()


def new(customer: Customer, principal: Principal, typed: Any = None, **start: Any) -> SignUpForm:
    """The form with the templates there are, and the services that the customer may book."""
    form = SignUpForm(typed, data={"unit": str(RecallUnit.MONTH), **start})
    form.template_id.choices = [SelectChoice(row.id, _named(row.name, row.is_win_back)) for row in templates.listed()]
    wanted = visibility.services(select(Service.id, Service.name), principal).where(
        Service.is_active, or_(Service.group_id.is_(None), Service.group_id == customer.group_id)
    )
    form.service_id.choices = [
        SelectChoice(service_id, name) for service_id, name in db.session.execute(wanted.order_by(Service.name_sort))
    ]
    return form


def _named(name: str, is_win_back: bool) -> str:
    return gettext("%(name)s (marketing)", name=name) if is_win_back else name
