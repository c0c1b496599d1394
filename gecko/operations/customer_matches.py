"""Customers that are exactly alike in one telling value: a warning while a customer is created, never a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.sql.elements import ColumnElement

from .. import cpr
from ..db import db
from ..errors import Invalid
from ..folding import sort_key
from ..language import _
from ..models.customers import Customer
from ..modules import Feature
from ..permissions import Principal
from . import customer_secrets, customer_values, settings, visibility

MOST = 5


@dataclass(frozen=True, slots=True)
class Match:
    """A customer that may be the same person, and why."""

    customer: Customer
    reasons: tuple[Any, ...]


def find(values: Mapping[str, Any], principal: Principal, *, but: int | None = None) -> list[Match]:
    """Up to five visible customers with the same e-mail, telephone, CPR, or name and date of birth.

    values: as typed; what is not valid yet is passed over.
    """
    wanted = {
        field: _read(field, values.get(field)) for field in ("name", "email", "mobile", "telephone", "birth_date")
    }
    wanted["cpr_index"] = _cpr_index(values.get("cpr"))
    rules = list(_rules(wanted))
    if not rules:
        return []
    statement = select(Customer).where(Customer.deleted_at.is_(None), or_(*rules))
    if but is not None:
        statement = statement.where(Customer.id != but)
    found = db.session.scalars(visibility.customers(statement, principal).order_by(Customer.id).limit(MOST))
    return [Match(customer, tuple(_reasons(customer, wanted))) for customer in found]


def _read(field: str, value: Any) -> Any:
    try:
        return customer_values.clean_one(field, value) if value else None
    except Invalid:
        return None


def _cpr_index(value: Any) -> str | None:
    text = str(value or "")
    if not cpr.looks_like(text) or Feature.CPR not in settings.switched_on():
        return None
    return customer_secrets.index(cpr.normalise(text))


def _rules(wanted: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    rules: list[ColumnElement[bool]] = []
    if wanted["email"]:
        rules.append(Customer.email == wanted["email"])
    numbers = [number for number in (wanted["mobile"], wanted["telephone"]) if number]
    if numbers:
        rules += [Customer.mobile.in_(numbers), Customer.telephone.in_(numbers)]
    if wanted["cpr_index"]:
        rules.append(Customer.cpr_index == wanted["cpr_index"])
    if wanted["name"] and wanted["birth_date"]:
        same_name = Customer.name_sort == sort_key(wanted["name"])
        rules.append(same_name & (Customer.birth_date == wanted["birth_date"]))
    return rules


def _reasons(customer: Customer, wanted: Mapping[str, Any]) -> list[Any]:
    numbers = {wanted["mobile"], wanted["telephone"]} - {None}
    reasons: list[Any] = []
    if wanted["email"] and customer.email == wanted["email"]:
        reasons.append(_("same e-mail"))
    if numbers & {customer.mobile, customer.telephone}:
        reasons.append(_("same telephone number"))
    if wanted["cpr_index"] and customer.cpr_index == wanted["cpr_index"]:
        reasons.append(_("same social security number"))
    born = wanted["birth_date"]
    if wanted["name"] and born and customer.birth_date == born and sort_key(customer.name) == sort_key(wanted["name"]):
        reasons.append(_("same name and date of birth"))
    return reasons
