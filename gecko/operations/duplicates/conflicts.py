"""Customers that hang together through others but cannot be one person themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from ...db import db
from ...models.customers import Customer
from ...models.duplicates import DuplicatePair, PairState
from . import clusters
from .clusters import Edge
from .many import among


def find(components: Iterable[Sequence[Edge]]) -> set[tuple[int, int]]:
    """The pairs (lower id first) within components of person pairs that speak against one person.

    They were decided to be different, or compared and found to be a family or namesakes, or were both born on days
    that no slip of the pen explains. Two that are joined by a pair of their own are no conflict: that pair was scored
    with everything that is known.
    """
    crossing = {pair for edges in components if len(edges) > 1 for pair in clusters.crossings(edges)}
    if not crossing:
        return set()
    ids = {customer for pair in crossing for customer in pair}
    born = dict(db.session.execute(select(Customer.id, Customer.birth_date).where(among(Customer.id, ids))).all())
    return _judged(ids) & crossing | {(a, b) for a, b in crossing if are_apart(born.get(a), born.get(b))}


def _judged(ids: set[int]) -> set[tuple[int, int]]:
    columns: Any = DuplicatePair
    statement = select(columns.a_id, columns.b_id).where(
        among(columns.a_id, ids),
        or_(columns.state == PairState.DIFFERENT, columns.lane.not_in(sorted(clusters.PERSON))),
    )
    return {(a, b) for a, b in db.session.execute(statement)}


def are_apart(one: date | None, other: date | None) -> bool:
    """Whether two dates of birth are different days: not one unknown, not swapped, not one part mistyped."""
    if one is None or other is None or one == other:
        return False
    if one.year == other.year and (one.month, one.day) == (other.day, other.month):
        return False
    return sum((one.year != other.year, one.month != other.month, one.day != other.day)) > 1
