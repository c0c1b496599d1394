"""Payment types: the ways to pay that staff choose from, and the account each is posted to in the bookkeeping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select

from ..db import db
from ..errors import Invalid, NotFound
from ..language import _
from ..models.payment_types import PaymentMeans, PaymentType
from ..models.postings import DebtorPosting
from ..models.prepayments import PrepaymentEntry
from .names import require_unused_name

_FIELDS = ("name", "means", "account_no", "is_active")


def create(values: Mapping[str, Any]) -> PaymentType:
    """Add a payment type."""
    row = PaymentType(**{"means": PaymentMeans.OTHER, **_checked(values, None)})
    if row.means == PaymentMeans.PREPAYMENT:
        raise Invalid(_("There is one payment type for prepayments already."), field="means")
    db.session.add(row)
    db.session.flush()
    return row


def update(type_id: int, values: Mapping[str, Any]) -> PaymentType:
    """Change a payment type; postings that were made with it show its new name."""
    row = _get(type_id)
    checked = _checked(values, type_id)
    means = checked.get("means", row.means)
    if PaymentMeans.PREPAYMENT in (means, row.means) and (means != row.means or not checked.get("is_active", True)):
        raise Invalid(_("The payment type of prepayments keeps its nature and stays active."), field="means")
    for name, value in checked.items():
        setattr(row, name, value)
    db.session.flush()
    return row


def delete(type_id: int) -> None:
    """Remove a payment type that nothing was paid by."""
    row = _get(type_id)
    if row.means == PaymentMeans.PREPAYMENT:
        raise Invalid(_("The payment type of prepayments keeps its nature and stays active."))
    if db.session.scalar(select(_uses(type_id))):
        raise Invalid(_("Payments were made by this type; make it inactive instead."))
    db.session.delete(row)
    db.session.flush()


def choosable() -> list[PaymentType]:
    """The active ones by name, as staff choose from them where money comes in or goes out."""
    of_money = PaymentType.is_active & (PaymentType.means != PaymentMeans.PREPAYMENT)
    return list(db.session.scalars(select(PaymentType).where(of_money).order_by(PaymentType.name)))


def first_of(means: PaymentMeans) -> PaymentType | None:
    """The oldest active one of its nature."""
    statement = select(PaymentType).where(PaymentType.means == means, PaymentType.is_active).order_by(PaymentType.id)
    return db.session.scalars(statement.limit(1)).one_or_none()


def require_usable(type_id: int | None) -> None:
    """Raise Invalid where a payment cannot be recorded by this type; None says nothing about how it was paid."""
    if type_id is None:
        return
    row = db.session.get(PaymentType, type_id)
    if row is None or not row.is_active or row.means == PaymentMeans.PREPAYMENT:
        raise Invalid(_("Choose a payment type that is in use."), field="payment_type_id")


def _uses(type_id: int) -> ColumnElement[bool]:
    """Whether money came in or went out by it."""
    return or_(*(exists().where(model.payment_type_id == type_id) for model in (DebtorPosting, PrepaymentEntry)))


def _get(type_id: int) -> PaymentType:
    row = db.session.get(PaymentType, type_id, with_for_update={"of": PaymentType})
    if row is None:
        raise NotFound
    return row


def _checked(values: Mapping[str, Any], type_id: int | None) -> dict[str, Any]:
    checked = {name: values[name] for name in _FIELDS if name in values}
    if "name" in checked or type_id is None:
        checked["name"] = require_unused_name(PaymentType, checked.get("name"), but=type_id)
    if "account_no" in checked:
        checked["account_no"] = (checked["account_no"] or "").strip() or None
    return checked
