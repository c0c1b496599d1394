"""The queue: which case comes next, which stand in it, and how many, for one user and their filters.

Best first; what was put off comes after everything else, the longest ago first. Every order is that of an index.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from ...db import db
from ...models.customers import Customer
from ...models.duplicates import DuplicateCase, DuplicateMember, Lane
from ...permissions import Principal
from . import speaking

_CASE = DuplicateCase
MOST = 10_000
"""Cases are counted this far; beyond it there are "more than"."""


NOBODY, SOMEONE = 0, -1
"""Instead of a user: cases that nobody, or that somebody is to decide."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reviewer narrows the queue to; nothing given is everything.

    group_id: all customers are in it; across: they are in several groups. minimum: the lowest probability. reason: a
    field that speaks for the case (see speaking.REASONS). assigned_to: a user, NOBODY or SOMEONE.
    """

    lane: Lane | None = None
    group_id: int | None = None
    across: bool = False
    minimum: float = 0.0
    reason: str | None = None
    assigned_to: int | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many cases; `is_more` where counting stopped at MOST."""

    number: int
    is_more: bool


def visible(principal: Principal) -> ColumnElement[bool]:
    """That every customer of a case lives, and that `principal` may see all of them."""
    hidden: ColumnElement[bool] = Customer.deleted_at.is_not(None)
    if principal.groups is not None:
        hidden = or_(hidden, Customer.group_id.not_in(sorted(principal.groups)))
    members = (
        select(DuplicateMember.case_id)
        .join(Customer, Customer.id == DuplicateMember.customer_id)
        .where(DuplicateMember.case_id == _CASE.id, hidden)
        .correlate(_CASE)
    )
    return ~exists(members)


def next(principal: Principal, filters: Filters, after: int | None = None) -> int | None:  # noqa: A001
    """The id of the first case, or of the one behind `after`; None where the queue has no more."""
    found = page(principal, filters, after=after, size=1)
    return found[0] if found else None


def page(principal: Principal, filters: Filters, *, after: int | None = None, size: int = 50) -> list[int]:
    """The ids of some cases in their order, from the one behind `after` on.

    Without a lane one comes behind the other, and what was put off in any of them comes last.
    """
    last = db.session.get(_CASE, after) if after is not None else None
    lanes = [filters.lane] if filters.lane else list(Lane)
    steps = [(lane, is_put_off) for is_put_off in (False, True) for lane in lanes]
    if last is not None and (place := (last.lane, last.later_at is not None)) in steps:
        steps = steps[steps.index(place) :]
    found: list[int] = []
    for at, (lane, is_put_off) in enumerate(steps):
        order = _put_off if is_put_off else _waiting
        statement = order(principal, replace(filters, lane=lane), last if at == 0 else None)
        found += db.session.scalars(statement.limit(size - len(found)))
        if len(found) >= size:
            break
    return found


def _waiting(principal: Principal, filters: Filters, last: DuplicateCase | None) -> Select[Any]:
    statement = narrowed(principal, filters).where(_CASE.later_at.is_(None))
    if last is not None:
        weaker = _CASE.probability < last.probability
        statement = statement.where(or_(weaker, and_(_CASE.probability == last.probability, _CASE.id < last.id)))
    return statement.order_by(_CASE.probability.desc(), _CASE.id.desc())


def _put_off(principal: Principal, filters: Filters, last: DuplicateCase | None) -> Select[Any]:
    statement = narrowed(principal, filters).where(_CASE.later_at.is_not(None))
    if last is not None:
        later = _CASE.later_at > last.later_at
        statement = statement.where(or_(later, and_(_CASE.later_at == last.later_at, _CASE.id > last.id)))
    return statement.order_by(_CASE.later_at, _CASE.id)


def narrowed(principal: Principal, filters: Filters) -> Select[Any]:
    """The ids of the open cases that the filters leave, in no order."""
    rules = [_CASE.closed_at.is_(None), visible(principal)]
    if filters.lane is not None:
        rules.append(_CASE.lane == filters.lane)
    if filters.group_id is not None:
        rules.append(_CASE.group_id == filters.group_id)
    elif filters.across:
        rules.append(_CASE.group_id.is_(None))
    if filters.minimum:
        rules.append(_CASE.probability >= filters.minimum)
    if filters.reason:
        rules.append(_CASE.fields.op("&")(speaking.bit(filters.reason)) != 0)
    return select(_CASE.id).where(*rules, *_whose(filters.assigned_to))


def _whose(assigned_to: int | None) -> list[ColumnElement[bool]]:
    if assigned_to is None:
        return []
    if assigned_to == SOMEONE:
        return [_CASE.assigned_to_id.is_not(None)]
    return [_CASE.assigned_to_id == assigned_to if assigned_to != NOBODY else _CASE.assigned_to_id.is_(None)]


def count(principal: Principal, filters: Filters) -> Count:
    """How many cases the filters leave."""
    inner = narrowed(principal, filters).limit(MOST + 1).subquery()
    number = db.session.scalar(select(func.count()).select_from(inner)) or 0
    return Count(min(number, MOST), number > MOST)


def counts(principal: Principal) -> dict[Lane, Count]:
    """How many open cases `principal` may see in each lane."""
    return {lane: count(principal, Filters(lane=lane)) for lane in Lane}


def owners() -> list[int]:
    """The users who have cases to decide."""
    mine = _CASE.assigned_to_id
    return list(db.session.scalars(select(mine).where(mine.is_not(None), _CASE.closed_at.is_(None)).distinct()))
