"""Who may be the person whose particulars are being typed: a warning while a customer is created, never a refusal.

The matcher says so by the policy that scans and checks follow. It wants a name, and never sees social security numbers:
whoever has the same number, e-mail or telephone is told as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.sql.elements import ColumnElement

from .. import cpr
from ..db import db
from ..errors import Invalid
from ..language import _
from ..models.customers import Customer
from ..models.duplicates import Lane
from ..modules import Feature
from ..permissions import Principal
from . import customer_secrets, customer_values, matching, settings, visibility
from .matching.normalising import FIELDS

MOST = 5
MOST_REASONS = 3
TELLING = (Lane.SURE, Lane.PROBABLE, Lane.HOUSEHOLD)
"""The lanes one is warned about: a name alone, which many bear, is not enough."""
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Match:
    """A customer that may be the same person, and why; found is None where the matcher does not name them."""

    customer: Customer
    found: matching.Found | None
    reasons: tuple[Any, ...]


def find(values: Values, principal: Principal, *, but: int | None = None) -> list[Match]:
    """Up to five visible customers who may be the one typed, the most probable first.

    values: as typed; what is not valid yet is passed over. but: a customer who is left out.
    """
    typed = {field: _read(field, values.get(field)) for field in FIELDS}
    index = _cpr_index(values.get("cpr"))
    alike = matching.check_values(typed, groups=principal.groups)
    found = {one.b_id: one for one in alike if one.lane in TELLING and one.b_id != but}
    people = [person for person in _people(found, typed, index, principal) if person.id != but]
    matches = [Match(one, found.get(one.id), tuple(_reasons(one, found.get(one.id), typed, index))) for one in people]
    return sorted(matches, key=lambda match: _rank(match, index))[:MOST]


def _rank(match: Match, index: str | None) -> tuple[bool, float, int]:
    has_number = index is not None and match.customer.cpr_index == index
    return not has_number, -match.found.probability if match.found else 0.0, match.customer.id


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


def _numbers(typed: Values) -> set[str]:
    return {number for number in (typed["mobile"], typed["telephone"]) if number}


def _people(found: Iterable[int], typed: Values, index: str | None, principal: Principal) -> Iterable[Customer]:
    """Those whom the matcher found, and those who have an equal number or address."""
    rules: list[ColumnElement[bool]] = [Customer.id.in_(list(found))]
    if typed["email"]:
        rules.append(Customer.email == typed["email"])
    if numbers := _numbers(typed):
        rules += [Customer.mobile.in_(numbers), Customer.telephone.in_(numbers)]
    if index is not None:
        rules.append(Customer.cpr_index == index)
    statement = select(Customer).where(Customer.deleted_at.is_(None), or_(*rules)).order_by(Customer.id)
    return db.session.scalars(visibility.customers(statement, principal).limit(MOST * MOST))


def _reasons(person: Customer, found: matching.Found | None, typed: Values, index: str | None) -> Iterable[Any]:
    if index is not None and person.cpr_index == index:
        yield _("same social security number")
    if found is not None:
        speaking = [one.text for one in matching.reasons(found.levels, typed, person) if one.weight > 0]
        yield from speaking[:MOST_REASONS]
        return
    if typed["email"] and person.email == typed["email"]:
        yield _("same e-mail")
    if _numbers(typed) & {person.mobile, person.telephone}:
        yield _("same telephone number")
