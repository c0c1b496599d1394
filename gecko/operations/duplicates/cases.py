"""The cases: one as a reviewer sees it, those of a customer; their order is the queue's."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ...db import db
from ...errors import NotFound
from ...models.customers import Customer
from ...models.duplicates import DuplicateCase, DuplicateDecision, DuplicateMember, DuplicatePair, Lane, PairState
from ...permissions import Principal
from . import queue
from .many import among
from .queue import NOBODY, SOMEONE, Count, Filters, count, counts, owners, page
from .queue import next as next  # noqa: A004
from .speaking import REASONS

__all__ = [
    "NOBODY", "REASONS", "SOMEONE", "Count", "Filters", "Shown", "count", "counts", "get", "next", "of_customer",
    "owners", "page",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A case with its customers, its pairs (the strongest first), and earlier decisions about those pairs."""

    case: DuplicateCase
    customers: list[Customer]
    pairs: list[DuplicatePair]
    decisions: list[DuplicateDecision]

    @property
    def open_pairs(self) -> list[DuplicatePair]:
        """The pairs that still ask for a decision."""
        return [pair for pair in self.pairs if pair.state == PairState.OPEN]

    @property
    def is_open(self) -> bool:
        """Whether anything is left to decide."""
        return self.case.closed_at is None


def get(case_id: int, principal: Principal) -> Shown:
    """A case, open or closed; NotFound where `principal` may not see one of its customers."""
    case = db.session.scalar(
        select(DuplicateCase).where(DuplicateCase.id == case_id).options(joinedload(DuplicateCase.assigned_to))
    )
    if case is None:
        raise NotFound
    ids = list(db.session.scalars(select(DuplicateMember.customer_id).where(DuplicateMember.case_id == case_id)))
    statement = select(Customer).where(Customer.id.in_(ids)).options(joinedload(Customer.group)).order_by(Customer.id)
    customers = list(db.session.scalars(statement))
    if principal.groups is not None and any(customer.group_id not in principal.groups for customer in customers):
        raise NotFound
    pairs = _pairs(case_id)
    return Shown(case, customers, pairs, _decisions(pairs))


def _pairs(case_id: int) -> list[DuplicatePair]:
    order = (DuplicatePair.score.desc(), DuplicatePair.id)
    return list(db.session.scalars(select(DuplicatePair).where(DuplicatePair.case_id == case_id).order_by(*order)))


def _decisions(pairs: list[DuplicatePair]) -> list[DuplicateDecision]:
    keys = {(pair.a_id, pair.b_id) for pair in pairs}
    statement = (
        select(DuplicateDecision)
        .where(among(DuplicateDecision.a_id, {a for a, _b in keys}))
        .options(joinedload(DuplicateDecision.decided_by))
        .order_by(DuplicateDecision.id.desc())
    )
    return [one for one in db.session.scalars(statement) if (one.a_id, one.b_id) in keys]


def of_customer(customer_id: int, principal: Principal) -> list[int]:
    """The open cases that a customer is in, the strongest lane first."""
    statement = (
        select(DuplicateCase.id, DuplicateCase.lane)
        .join(DuplicateMember, DuplicateMember.case_id == DuplicateCase.id)
        .where(DuplicateMember.customer_id == customer_id, DuplicateCase.closed_at.is_(None), queue.visible(principal))
        .order_by(DuplicateCase.probability.desc(), DuplicateCase.id)
    )
    order = list(Lane)
    rows = sorted(db.session.execute(statement), key=lambda row: order.index(row.lane))
    return [row.id for row in rows]
