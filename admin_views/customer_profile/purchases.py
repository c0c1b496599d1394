"""The tab Purchases: what the customer bought, searched by date, and purchases made elsewhere typed in afterwards."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from sqlalchemy import func, select
from wtforms import Form, HiddenField, StringField
from wtforms.validators import InputRequired, Length

from gecko.clock import today
from gecko.db import transaction
from gecko.errors import Invalid
from gecko.language import _ as lazy
from gecko.models.documents import SaleDocument
from gecko.models.purchases import AdHocPurchase
from gecko.modules import Feature, Gate
from gecko.operations import ad_hoc, purchases
from gecko.permissions import Permission

from ..fields import DanishDateField, LookupField, MoneyField, QuantityField, parse_date
from ..grid.records import read_id
from ..guard import message_of
from .tabs import Profile

_INVOICES = Gate((Feature.INVOICES,))


class AdHocForm(Form):
    """A purchase through another system."""

    item_id = LookupField(lazy("Item"), [InputRequired()], endpoint="items")
    quantity = QuantityField(lazy("Quantity"))
    price_ore = MoneyField(lazy("Price with VAT"), description=lazy("Empty: the item's own price"))
    purchased_on = DanishDateField(lazy("Date"), [InputRequired()])
    source_text = StringField(lazy("Bought through"), [Length(max=200)])
    once = HiddenField()


@dataclass(frozen=True, slots=True)
class Search:
    """The date search as it was typed; `error` where it cannot be used, and then nothing is searched."""

    is_on: bool
    first: str
    last: str
    period: purchases.Period | None = None
    error: str = ""

    @property
    def arguments(self) -> dict[str, str]:
        """For links that keep the search."""
        return {"search_date": "1", "from": self.first, "to": self.last} if self.is_on else {}


def count(profile: Profile) -> Any:
    """How many documents and ad hoc purchases there are."""
    tables = ((SaleDocument, SaleDocument.customer_id), (AdHocPurchase, AdHocPurchase.customer_id))
    documents, typed_in = (
        select(func.count()).select_from(model).where(column == profile.customer.id).scalar_subquery()
        for model, column in tables
    )
    return documents + typed_in


def read_search() -> Search:
    """The tick and both dates out of the address."""
    is_on = bool(request.args.get("search_date"))
    first, last = request.args.get("from", "").strip(), request.args.get("to", "").strip()
    if not is_on:
        return Search(False, first, last)
    try:
        return Search(True, first, last, purchases.Period(_day(first), _day(last)))
    except Invalid as error:
        return Search(True, first, last, error=message_of(error))


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return parse_date(text)
    except ValueError:
        raise Invalid("“%(text)s” is not a date.", text=text) from None


def render(profile: Profile, form: AdHocForm | None = None) -> str:
    """Totals, the search, one page of purchases, and the form for an ad hoc purchase."""
    customer_id, search = profile.customer.id, read_search()
    is_usable = not search.error
    return render_template(
        "customer_profile/purchases.html",
        customer=profile.customer,
        search=search,
        totals=purchases.totals(customer_id, search.period) if is_usable else None,
        page=purchases.page(customer_id, period=search.period, after=request.args.get("after")) if is_usable else None,
        form=form or AdHocForm(purchased_on=today(), once=secrets.token_urlsafe(12)),
        is_open=form is not None or bool(request.args.get("new")),
        may_add=profile.may(Permission.PURCHASE_ADHOC) and profile.may(Permission.ITEM_VIEW),
        may_see_invoices=profile.may(Permission.INVOICE_VIEW) and profile.is_open(_INVOICES),
        may_export=profile.may(Permission.PURCHASE_EXPORT),
    )


def create(profile: Profile) -> Any:
    """Register an ad hoc purchase; what was typed is kept where it is refused."""
    form, customer_id = AdHocForm(request.form), profile.customer.id
    if not form.validate():
        return render(profile, form), 422
    item = ad_hoc.AdHocItem(
        form.item_id.data, 1_000 if form.quantity.data is None else form.quantity.data, form.price_ore.data
    )
    try:
        with transaction():
            ad_hoc.create(
                customer_id,
                [item],
                purchased_on=form.purchased_on.data,
                source_text=form.source_text.data,
                key=f"ad-hoc:{customer_id}:{form.once.data}" if form.once.data else None,
            )
    except Invalid as error:
        blamed = form[error.field or "item_id"] if (error.field or "") in form else form.item_id
        blamed.errors = [*blamed.errors, message_of(error)]
        return render(profile, form), 422
    flash(_("The purchase is registered."), "success")
    return None


def undo(profile: Profile) -> None:
    """Undo an ad hoc purchase by an opposite row."""
    customer_id = profile.customer.id
    with transaction():
        ad_hoc.reverse(read_id(request.form.get("purchase")) or 0, customer_id=customer_id)
    flash(_("The purchase is undone by an opposite row."), "success")
