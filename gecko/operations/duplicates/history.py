"""Every decision, newest first, as far as one may see both customers."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import aliased, joinedload

from ...db import db
from ...models.customers import Customer
from ...models.duplicates import DuplicateDecision, Verdict
from ...permissions import Principal
from . import standing


@dataclass(frozen=True, slots=True)
class Line:
    """A decision with the names of its customers. holds: nobody took it back or decided anew."""

    decision: DuplicateDecision
    a: str
    b: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Some decisions; `older` is where the next page starts, None at the end."""

    lines: list[Line]
    older: int | None


def page(principal: Principal, *, mine: bool = False, before: int | None = None, size: int = 50) -> Page:
    """One page of decisions."""
    a, b = aliased(Customer), aliased(Customer)
    statement = (
        select(DuplicateDecision, a.name, b.name)
        .join(a, a.id == DuplicateDecision.a_id)
        .join(b, b.id == DuplicateDecision.b_id)
        .options(joinedload(DuplicateDecision.decided_by))
        .order_by(DuplicateDecision.id.desc())
        .limit(size + 1)
    )
    if principal.groups is not None:
        groups = sorted(principal.groups)
        statement = statement.where(a.group_id.in_(groups), b.group_id.in_(groups))
    if mine:
        statement = statement.where(DuplicateDecision.decided_by_id == principal.user_id)
    if before is not None:
        statement = statement.where(DuplicateDecision.id < before)
    rows = db.session.execute(statement).all()
    older = rows[size - 1][0].id if len(rows) > size else None
    holding = standing.in_force((row[0].a_id, row[0].b_id) for row in rows[:size])
    ids = {one.id for one in holding.values()}
    lines = [
        Line(decision, a_name, b_name, decision.verdict != Verdict.UNDONE and decision.id in ids)
        for decision, a_name, b_name in rows[:size]
    ]
    return Page(lines, older)
