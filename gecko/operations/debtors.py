"""Debtors: created, changed, hidden and brought back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, func, select

from ..clock import now
from ..db import db
from ..errors import Invalid, NotFound
from ..language import _
from ..models.customers import Customer
from ..models.debtors import CustomerDebtorLink, Debtor, DebtorGroup, PaymentTerm
from ..models.invoice_drafts import InvoiceDraft
from ..phones import normalise
from ..registration_numbers import normalise_cvr, normalise_ean
from . import ledger, numbering, prepayments

NUMBERS = "debtor"  # the number series of debtors
FIELDS = (
    "number", "group_id", "name", "company_name", "att", "address", "postal_code", "city", "country", "phone",
    "email", "cvr", "ean", "contact_reference", "order_reference", "language", "term_id",
    "reminder_block",
)  # fmt: skip
# What the reference system demands of every debtor; imports may leave gaps, which are shown until they are filled.
REQUIRED = {
    "address": _("Address"),
    "postal_code": _("Postal code"),
    "city": _("City"),
    "phone": _("Telephone"),
    "email": _("E-mail"),
}
_NORMALISED = {"phone": normalise, "cvr": normalise_cvr, "ean": normalise_ean}


def missing_information(debtor: Debtor) -> list[Any]:
    """The labels of what is still missing before the debtor counts as complete."""
    return [label for name, label in REQUIRED.items() if not getattr(debtor, name)]


def next_number() -> str:
    """Draw the next free debtor number; numbers given by hand or by an import are stepped over."""
    series = numbering.lock(NUMBERS)
    block = 500
    while True:
        candidates = [str(no) for no in range(series.next_no, series.next_no + block)]
        taken = set(db.session.scalars(select(Debtor.number).where(Debtor.number.in_(candidates))))
        free = next((number for number in candidates if number not in taken), None)
        if free is not None:
            series.next_no = int(free) + 1
            db.session.flush()
            return free
        series.next_no += block


def create(values: Mapping[str, Any], *, complete: bool = True) -> Debtor:
    """Add a debtor; without a number it gets the next. An import may leave required fields empty (complete=False)."""
    checked = _checked(values)
    _require_name(checked.get("name"), checked.get("company_name"))
    if complete:
        _require_complete(checked)
    checked["number"] = checked.get("number") or next_number()
    _require_free_number(checked["number"])
    debtor = Debtor(**checked)
    db.session.add(debtor)
    db.session.flush()
    return debtor


def update(debtor_id: int, values: Mapping[str, Any], *, complete: bool = True) -> Debtor:
    """Change a debtor; issued documents keep the particulars they were issued with."""
    debtor = ledger.lock_debtor(debtor_id)
    checked = _checked(values)
    if not checked.get("number", debtor.number):
        checked["number"] = debtor.number
    after = {name: checked.get(name, getattr(debtor, name)) for name in FIELDS}
    _require_name(after["name"], after["company_name"])
    if complete:
        _require_complete(after)
    if after["number"] != debtor.number:
        _require_free_number(after["number"])
    for name, value in checked.items():
        setattr(debtor, name, value)
    db.session.flush()
    return debtor


def delete(debtor_id: int) -> None:
    """Hide a debtor with nothing owed, due or prepaid, who pays for nobody. Postings stay, and so does the row."""
    debtor = ledger.lock_debtor(debtor_id)
    if ledger.outstanding(debtor_id) != 0:
        raise Invalid(_("The debtor has an outstanding amount and cannot be deleted."))
    if prepayments.balance(debtor_id) != 0:
        raise Invalid(_("The debtor has a prepayment and cannot be deleted; use it or pay it out first."))
    linked = db.session.scalar(
        select(func.count())
        .select_from(CustomerDebtorLink)
        .where(CustomerDebtorLink.debtor_id == debtor_id, CustomerDebtorLink.unlinked_at.is_(None))
    )
    if linked:
        raise Invalid(_("The debtor is linked to customers; remove the links first."))
    if db.session.scalar(select(InvoiceDraft.id).where(InvoiceDraft.debtor_id == debtor_id).limit(1)):
        raise Invalid(_("The debtor has drafts of invoices; issue them or throw them away first."))
    debtor.deleted_at = now()
    db.session.flush()


def restore(debtor_id: int) -> Debtor:
    """Bring a hidden debtor back."""
    debtor = db.session.get(Debtor, debtor_id, with_for_update={"of": Debtor})
    if debtor is None:
        raise NotFound
    debtor.deleted_at = None
    db.session.flush()
    return debtor


def values_from_customer(customer: Customer) -> dict[str, Any]:
    """What a debtor made for this customer starts with."""
    return {
        "name": customer.name,
        "address": customer.address,
        "postal_code": customer.postal_code,
        "city": customer.city,
        "phone": customer.mobile or customer.telephone,
        "email": customer.email,
        "language": customer.language,
    }


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Known fields, trimmed and normalised; empty text becomes None."""
    checked: dict[str, Any] = {}
    for name in FIELDS:
        if name not in values:
            continue
        value = values[name]
        if isinstance(value, str):
            value = value.strip() or None
        if value and name in _NORMALISED:
            value = _normalised(name, value)
        checked[name] = value
    for name, fallback in (("country", "DK"), ("language", "da")):
        if name in checked:
            checked[name] = checked[name] or fallback
    _require_known("group_id", DebtorGroup, checked)
    _require_known("term_id", PaymentTerm, checked)
    return checked


def _normalised(name: str, value: str) -> str:
    try:
        return _NORMALISED[name](value)
    except Invalid as error:
        raise Invalid(error.message, field=name, **error.params) from None


def _require_known(name: str, model: Any, values: Mapping[str, Any]) -> None:
    if values.get(name) is not None and db.session.get(model, values[name]) is None:
        raise Invalid(_("The choice no longer exists."), field=name)


def _require_name(name: str | None, company_name: str | None) -> None:
    if not name and not company_name:
        raise Invalid(_("Fill in a name or a company name."), field="name")


def _require_complete(values: Mapping[str, Any]) -> None:
    for name in REQUIRED:
        if not values.get(name):
            raise Invalid(_("This field is required."), field=name)


def _require_free_number(number: str) -> None:
    if db.session.scalar(select(exists(select(Debtor.id).where(Debtor.number == number)))):
        raise Invalid(_("Debtor number %(number)s is already in use."), field="number", number=number)
