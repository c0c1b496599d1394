"""The forms that issue invoices and credit notes: lines that work without JavaScript and keep what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length
from wtforms.widgets import HiddenInput

from gecko.clock import today
from gecko.db import db
from gecko.language import _
from gecko.models.debtors import PaymentTerm
from gecko.models.invoice_drafts import InvoiceDraft
from gecko.models.items import Item
from gecko.operations import crediting, drafting, invoicing

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
    """An invoice to be issued, or its draft. `once` makes a second submit find what the first one made.

    version: of the draft that the form was filled in from.
    """

    debtor_id = LookupField(_("Debtor"), [InputRequired()], endpoint="debtors")
    customer_id = LookupField(_("Customer"), endpoint="customers")
    document_date = DanishDateField(_("Date"), description=_("Empty: the day it is issued."))
    term_id = SelectField(_("Payment term"), coerce=lambda value: int(value) if value else None)
    lines = FieldList(FormField(LineForm), min_entries=_LINES)
    once = HiddenField()
    version = IntegerField(widget=HiddenInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        terms = db.session.scalars(select(PaymentTerm).where(PaymentTerm.is_active).order_by(PaymentTerm.name))
        self.term_id.choices = [
            SelectChoice("", _("The debtor's own")),
            *(SelectChoice(str(term.id), term.name) for term in terms),
        ]

    @classmethod
    def empty(cls, *, once: str) -> InvoiceForm:
        """A form in which nothing stands yet."""
        return cls(once=once)

    @classmethod
    def of(cls, draft: InvoiceDraft) -> InvoiceForm:
        """The form that a draft fills."""
        lines = [
            {
                "item_id": line.item_id,
                "text": line.text,
                "quantity": line.quantity_milli,
                "price_ore": line.unit_price_ore,
                "discount_ore": line.discount_ore or None,
                "is_vat_exempt": line.is_vat_exempt,
            }
            for line in draft.lines
        ]
        names = ("debtor_id", "customer_id", "document_date", "term_id")
        head = {name: getattr(draft, name) for name in names}
        form = cls(lines=lines, once=draft.key, version=draft.row_version, **head)
        form.add_lines(1)
        return form

    def add_lines(self, count: int = _MORE) -> None:
        """Room for more."""
        for _n in range(count):
            self.lines.append_entry()

    def content(self) -> drafting.Content:
        """Everything that is to be drafted or issued."""
        return drafting.Content(
            debtor_id=self.debtor_id.data or 0,
            lines=self.invoice_lines(),
            customer_id=self.customer_id.data,
            term_id=self.term_id.data,
            document_date=self.document_date.data,
        )

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
