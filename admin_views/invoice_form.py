"""The forms that issue invoices and credit notes: lines that work without JavaScript and keep what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from wtforms import BooleanField, FieldList, Form, FormField, HiddenField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length

from gecko.clock import today
from gecko.db import db
from gecko.language import _
from gecko.models.debtors import PaymentTerm
from gecko.models.items import Item
from gecko.operations import crediting, invoicing

from .fields import DanishDateField, LookupField, MoneyField, QuantityField

_LINES, _MORE = 3, 3


class LineForm(Form):
    """One line; a line without item and text is passed over."""

    item_id = LookupField(_("Item"), endpoint="items")
    text = StringField(_("Text"), [Length(max=200)])
    quantity = QuantityField(_("Quantity"))
    price_ore = MoneyField(_("Price with VAT"))
    discount_ore = MoneyField(_("Discount"))
    is_vat_exempt = BooleanField(_("Exempt from VAT"))

    @property
    def is_blank(self) -> bool:
        """Whether nothing was put on the line."""
        return self.item_id.data is None and not self.text.data and self.price_ore.data is None


class InvoiceForm(Form):
    """An invoice to be issued. `once` makes a second submit find the first one's invoice."""

    debtor_id = LookupField(_("Debtor"), [InputRequired()], endpoint="debtors")
    customer_id = LookupField(_("Customer"), endpoint="customers")
    document_date = DanishDateField(_("Date"), [InputRequired()])
    term_id = SelectField(_("Payment term"), coerce=lambda value: int(value) if value else None)
    lines = FieldList(FormField(LineForm), min_entries=_LINES)
    once = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        terms = db.session.scalars(select(PaymentTerm).where(PaymentTerm.is_active).order_by(PaymentTerm.name))
        self.term_id.choices = [
            SelectChoice("", _("The debtor's own")),
            *(SelectChoice(str(term.id), term.name) for term in terms),
        ]

    @classmethod
    def empty(cls, *, once: str) -> InvoiceForm:
        """A form of today."""
        return cls(document_date=today(), once=once)

    def add_lines(self) -> None:
        """Room for more."""
        for _n in range(_MORE):
            self.lines.append_entry()

    def invoice_lines(self) -> list[invoicing.Line]:
        """What the lines say; an empty quantity is 1, an empty price the item's own."""
        filled = [entry.form for entry in self.lines if not entry.form.is_blank]
        wanted = [line.item_id.data for line in filled if line.item_id.data is not None]
        prices = dict(db.session.execute(select(Item.id, Item.price_ore).where(Item.id.in_(wanted))).all())
        return [
            invoicing.Line(
                quantity_milli=1_000 if line.quantity.data is None else line.quantity.data,
                unit_price_ore=prices.get(line.item_id.data, 0) if line.price_ore.data is None else line.price_ore.data,
                text=line.text.data or "",
                item_id=line.item_id.data,
                discount_ore=line.discount_ore.data or 0,
                is_vat_exempt=line.is_vat_exempt.data,
            )
            for line in filled
        ]


class CreditForm(Form):
    """How much of each line of an invoice is given back."""

    document_date = DanishDateField(_("Date"), [InputRequired()])
    once = HiddenField()

    @classmethod
    def of(cls, left: Sequence[crediting.Remaining], formdata: Any, *, once: str) -> CreditForm:
        """A form with a quantity for each line, at first everything that is left."""
        fields = {f"line_{row.line.id}": QuantityField(_("Credit"), default=row.quantity_milli) for row in left}
        form: CreditForm = type("CreditFormOfLines", (cls,), fields)(formdata, document_date=today(), once=once)
        return form

    def quantities(self) -> dict[int, int]:
        """Thousandths by line."""
        return {
            int(field.name.removeprefix("line_")): field.data or 0 for field in self if field.name.startswith("line_")
        }
