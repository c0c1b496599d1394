"""Who may be the person whose particulars are being typed: a warning while a customer is created, never a refusal.

The matcher says so by the policy that scans and checks follow. It wants a name, and never sees social security numbers:
whoever has the same number, e-mail or telephone is told as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, or_, select
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
from .duplicates import many
from .matching.normalising import FIELDS

MOST = 5
MOST_REASONS = 3
TELLING = (Lane.SURE, Lane.PROBABLE, Lane.HOUSEHOLD)
"""The lanes one is warned about: a name alone, which many bear, is not enough."""
Values = Mapping[str, Any]
Told = tuple[matching.Found, Sequence[matching.Reason]]
_COLUMNS = ("id", "number", "name", "city", "email", "mobile", "telephone", "cpr_index")


@dataclass(frozen=True, slots=True)
class Match:
    """A customer that may be the same person, and why; found is None where the matcher does not name them.

    customer: a row of what tells them apart.
    """

    customer: Any
    found: matching.Found | None
    reasons: tuple[Any, ...]


def find(values: Values, principal: Principal, *, but: int | None = None) -> list[Match]:
    """Up to five visible customers who may be the one typed, the most probable first.

    values: as typed; what is not valid yet is passed over. but: a customer who is left out.
    """
    typed = {field: _read(field, values.get(field)) for field in FIELDS}
    index = _cpr_index(values.get("cpr"))
    alike = matching.check_values_with_reasons(typed, groups=principal.groups)
    told = {one.b_id: (one, reasons) for one, reasons in alike if one.lane in TELLING and one.b_id != but}
    found = {customer_id: one for customer_id, (one, _reasons) in told.items()}
    people = [person for person in _people(found, typed, index, principal) if person.id != but]
    shown = sorted(people, key=lambda one: _rank(one, found.get(one.id), index))[:MOST]
    return [Match(one, found.get(one.id), tuple(_reasons(one, told.get(one.id), typed, index))) for one in shown]


def _rank(person: Any, found: matching.Found | None, index: str | None) -> tuple[bool, float, int]:
    has_number = index is not None and person.cpr_index == index
    return not has_number, -found.probability if found else 0.0, person.id


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


def _people(found: Collection[int], typed: Values, index: str | None, principal: Principal) -> list[Any]:
    """Those whom the matcher found, and those who have an equal number or address."""
    ids, numbers = many.listed(found) if found else None, list(_numbers(typed))
    every: dict[str, Any] = {"ids": ids, "email": typed["email"], "numbers": numbers, "index": index}
    asked = {name: value for name, value in every.items() if value}
    if not asked:
        return []
    connection = db.session.connection()
    statement = visibility.customers(_known_by(tuple(asked), connection.dialect.name), principal)
    return list(connection.execute(statement, asked))


@cache
def _known_by(asked: tuple[str, ...], dialect: str) -> Select[Any]:
    """The statement over what is given; the same for whoever types, so that it is built once."""
    numbers: BindParameter[Any] = bindparam("numbers", expanding=True)
    rules: dict[str, ColumnElement[bool]] = {
        "ids": many.named(Customer.id, "ids", dialect),
        "email": Customer.email == bindparam("email"),
        "numbers": Customer.mobile.in_(numbers) | Customer.telephone.in_(numbers),
        "index": Customer.cpr_index == bindparam("index"),
    }
    statement = select(*(getattr(Customer, name) for name in _COLUMNS)).where(Customer.deleted_at.is_(None))
    return statement.where(or_(*(rules[name] for name in asked))).order_by(Customer.id).limit(MOST * MOST)


def _reasons(person: Any, told: Told | None, typed: Values, index: str | None) -> Iterable[Any]:
    """told: what the matcher says; where it does not name the person, what else is equal is said instead."""
    if index is not None and person.cpr_index == index:
        yield _("same social security number")
    if told is not None:
        speaking = [reason.text for reason in told[1] if reason.weight > 0]
        yield from speaking[:MOST_REASONS]
        return
    if typed["email"] and person.email == typed["email"]:
        yield _("same e-mail")
    if _numbers(typed) & {person.mobile, person.telephone}:
        yield _("same telephone number")
