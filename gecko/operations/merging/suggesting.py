"""Which of several customers should survive a merge, and why, in plain words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from ...db import db
from ...errors import NotFound
from ...language import _
from ...models.customers import Customer
from . import rows
from .rules import Key
from .settling import is_blank

_PARTICULARS = (
    "number", "address", "postal_code", "city", "telephone", "mobile", "email", "birth_date", "gender", "cpr_index",
    "password_hash",
)  # fmt: skip
_HISTORY = frozenset({("sale_document", "customer_id"), ("ad_hoc_purchase", "customer_id")})
REGISTERED = [getattr(Customer, name) for name in ("id", "created_at", *_PARTICULARS)]
"""The columns that tell customers apart whom nothing else does."""


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
    standing = Standing.read(rows.counts(ids), {link.customer_id for link in rows.open_links(ids)})
    best = max(people, key=standing.of_registered)
    return Suggested(best.id, tuple(_reasons(best, people, standing)))


@dataclass(frozen=True, slots=True)
class Standing:
    """What speaks for each of some customers: how many invoices and purchases, and whether a debtor pays."""

    history: Mapping[int, int]
    paid_for: Container[int]

    @classmethod
    def read(cls, counted: Mapping[Key, Mapping[int, int]], paid_for: Container[int]) -> Standing:
        """From rows by kind and customer, and those for whom a debtor pays."""
        history: Counter[int] = Counter()
        for key in counted.keys() & _HISTORY:
            history.update(counted[key])
        return cls(history, paid_for)

    def of(self, customer_id: int) -> tuple[int, bool]:
        """What tells before anything that is registered is looked at; more is better."""
        return self.history.get(customer_id, 0), customer_id in self.paid_for

    def of_registered(self, one: Any) -> tuple[Any, ...]:
        """What tells in the end, of a customer or a row of REGISTERED; no two are equal."""
        return *self.of(one.id), _filled(one), -_age(one), -one.id


def _filled(one: Any) -> int:
    return sum(not is_blank(name, getattr(one, name)) for name in _PARTICULARS)


def _age(one: Any) -> float:
    return float(one.created_at.timestamp())


def _reasons(best: Customer, people: Sequence[Customer], standing: Standing) -> Iterable[Any]:
    others = [one for one in people if one is not best]
    most, _is_paid_for = standing.of(best.id)
    if most > max((standing.of(one.id)[0] for one in others), default=0):
        yield _("has the most invoices and purchases (%(count)d)", count=most)
    if best.id in standing.paid_for and not any(one.id in standing.paid_for for one in others):
        yield _("is the only one with a debtor")
    if _filled(best) > max(map(_filled, others), default=0):
        yield _("has the most fields filled in")
    if all((_age(best), best.id) < (_age(one), one.id) for one in others):
        yield _("was registered first")
