"""Which of several customers should survive a merge, and why, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from ...db import db
from ...errors import NotFound
from ...language import _
from ...models.customers import Customer
from . import rows
from .settling import is_blank

_PARTICULARS = (
    "number", "address", "postal_code", "city", "telephone", "mobile", "email", "birth_date", "gender", "cpr_index",
    "password_hash",
)  # fmt: skip
_HISTORY = frozenset({"sale_document", "ad_hoc_purchase"})


@dataclass(frozen=True, slots=True)
class Suggested:
    """The customer to keep; reasons: what speaks for it, strongest first."""

    id: int
    reasons: tuple[Any, ...]


def suggest_survivor(customer_ids: Iterable[int]) -> Suggested:
    """The one with the most history; among equals who has a debtor, then who is registered best, then the oldest."""
    ids = sorted(set(customer_ids))
    people = list(db.session.scalars(select(Customer).where(Customer.id.in_(ids), Customer.deleted_at.is_(None))))
    if not people:
        raise NotFound
    counted = rows.counts(ids)
    paid_for = {link.customer_id for link in rows.open_links(ids)}
    history = {
        one.id: sum(count.get(one.id, 0) for key, count in counted.items() if key[0] in _HISTORY) for one in people
    }
    filled = {one.id: sum(not is_blank(name, getattr(one, name)) for name in _PARTICULARS) for one in people}
    best = max(people, key=lambda one: (history[one.id], one.id in paid_for, filled[one.id], -_age(one), -one.id))
    return Suggested(best.id, tuple(_reasons(best, people, history, paid_for, filled)))


def _age(one: Customer) -> float:
    return one.created_at.timestamp()


def _reasons(
    best: Customer, people: Sequence[Customer], history: dict[int, int], paid_for: set[int], filled: dict[int, int]
) -> Iterable[Any]:
    others = [one for one in people if one is not best]
    if history[best.id] > max((history[one.id] for one in others), default=0):
        yield _("has the most invoices and purchases (%(count)d)", count=history[best.id])
    if best.id in paid_for and not paid_for.intersection(one.id for one in others):
        yield _("is the only one with a debtor")
    if filled[best.id] > max((filled[one.id] for one in others), default=0):
        yield _("has the most fields filled in")
    if all((_age(best), best.id) < (_age(one), one.id) for one in others):
        yield _("was registered first")
