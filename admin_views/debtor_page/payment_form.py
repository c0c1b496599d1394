"""Money that came in from a debtor or was paid back, typed in by hand."""

from __future__ import annotations

from typing import Any

from wtforms import Form, HiddenField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length

from gecko.clock import today
from gecko.language import _
from gecko.models.payment_types import PaymentMeans
from gecko.operations import payment_types

from ..fields import DanishDateField, MoneyField


class PaymentForm(Form):
    """How much, when and how."""

    amount_ore = MoneyField(_("Amount"), [InputRequired()])
    paid_on = DanishDateField(_("Date"), [InputRequired()])
    payment_type_id = SelectField(_("Payment type"), coerce=lambda value: int(value) if value else None)
    text = StringField(_("Text"), [Length(max=200)])
    once = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payment_type_id.choices = [
            SelectChoice("", _("Not stated")),
            *(SelectChoice(str(row.id), row.name) for row in payment_types.choosable()),
        ]

    @classmethod
    def empty(cls, *, once: str, prefix: str = "") -> PaymentForm:
        """A form of today, by bank unless somebody chooses otherwise."""
        bank = payment_types.first_of(PaymentMeans.BANK)
        return cls(paid_on=today(), payment_type_id=bank.id if bank else None, once=once, prefix=prefix)

    def facts(self) -> dict[str, Any]:
        """What was typed besides the amount."""
        typed = {name: self[name].data for name in ("paid_on", "payment_type_id")}
        return {**typed, "text": self["text"].data or ""}

    def key(self, act: str, debtor_id: int) -> str | None:
        """What makes a second submit of the same page recognisable."""
        once = self["once"].data
        return f"{act}:{debtor_id}:{once}" if once else None
