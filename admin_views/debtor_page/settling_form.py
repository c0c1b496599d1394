"""What is ticked on a debtor's open postings, and what is to be done with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from wtforms import Form, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from gecko.clock import today
from gecko.errors import Invalid
from gecko.language import _
from gecko.operations import payment_types

from ..fields import DanishDateField, MoneyField
from ..grid.records import read_id


def _payment_types() -> list[SelectChoice]:
    chosen_from = payment_types.choosable()
    return [SelectChoice("", gettext("Not stated")), *(SelectChoice(row.id, row.name) for row in chosen_from)]


class SettlingForm(Form):
    """One form for settling, writing off and paying out: which is told by the button."""

    amount_ore = MoneyField(_("At most"), description=_("Empty: all that fits"))
    reason = StringField(_("Reason"), [Length(max=200)])
    paid_on = DanishDateField(_("Paid on"))
    payment_type_id = SelectField(_("Payment type"), coerce=lambda chosen: read_id(chosen), choices=_payment_types)
    text = StringField(_("Text"), [Length(max=200)])
    once = HiddenField()

    def __init__(self, formdata: Any = None, ticks: Iterable[str] = (), **values: Any) -> None:
        super().__init__(formdata, data={"paid_on": today(), **values})
        self.ticks = set(formdata.getlist("tick") if formdata else ticks)

    def chosen(self) -> dict[int, int]:
        """What was open of each posting when it was ticked, øre by posting. Raises Invalid where a tick is none."""
        found = {}
        for tick in self.ticks:
            posting, _mark, ore = tick.partition(":")
            posting_id, remaining = read_id(posting), read_id(ore.removeprefix("-"))
            if posting_id is None or remaining is None:
                raise Invalid("The record was not found.")
            found[posting_id] = -remaining if ore.startswith("-") else remaining
        return found

    def key(self, act: str, debtor_id: int) -> str | None:
        """What makes a second submit of the same page recognisable."""
        return f"{act}:{debtor_id}:{self.once.data}" if self.once.data else None
