"""What a run asks for."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from wtforms import Form, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Regexp

from gecko.clock import today
from gecko.db import db
from gecko.language import _
from gecko.models.debtors import DebtorGroup
from gecko.operations.dunning import policy
from gecko.operations.dunning.planning import Terms

from ..fields import DanishDateField

_NUMBER = (Length(max=40), Regexp(r"^\s*\w*\s*$"))


class RunForm(Form):
    """Which reminder, of what day, to whom."""

    stage = SelectField(_("Payment reminder"), coerce=int)
    to_date = DanishDateField(
        _("To date"), [InputRequired()], description=_("The day of the reminders. Their due date is counted from it.")
    )
    first_no = StringField(_("Debtor no. from"), _NUMBER, description=_("Empty: all debtors"))
    last_no = StringField(_("Debtor no. to"), _NUMBER)
    group_id = SelectField(_("Group"), coerce=int)

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.stage.choices = [
            SelectChoice(stage, gettext("%(number)d. reminder", number=stage))
            for stage in range(1, policy.HIGHEST_STAGE + 1)
        ]
        groups = db.session.execute(select(DebtorGroup.id, DebtorGroup.name).order_by(DebtorGroup.name))
        self.group_id.choices = [
            SelectChoice(0, gettext("All groups")),
            *(SelectChoice(row.id, row.name) for row in groups),
        ]

    @classmethod
    def empty(cls) -> RunForm:
        """A first reminder of today to everybody."""
        return cls(data={"stage": 1, "to_date": today(), "group_id": 0})

    def terms(self) -> Terms:
        """What a valid form asks for."""
        return Terms(
            stage=self.stage.data,
            to_date=self.to_date.data,
            first_no=(self.first_no.data or "").strip(),
            last_no=(self.last_no.data or "").strip(),
            group_id=self.group_id.data or None,
        )
