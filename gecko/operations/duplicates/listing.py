"""Pairs as rows for a file or a terminal, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, tuple_

from ...db import db
from ...models.customers import Customer
from ...models.duplicates import DuplicateCase, DuplicatePair, Lane, PairState
from .. import matching
from .many import among

HEADER = ("customer number a", "customer number b", "probability", "lane", "reasons")
_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Described:
    """A found pair with its customers, and the reasons in words."""

    found: Any
    a: Customer
    b: Customer
    reasons: str


def described(found: Iterable[Any]) -> list[Described]:
    """Pairs (found or stored) with their customers and reasons; those of whom one is gone are left out."""
    listed = list(found)
    ids = {end for pair in listed for end in (pair.a_id, pair.b_id)}
    people = {one.id: one for one in db.session.scalars(select(Customer).where(among(Customer.id, ids)))}
    return [
        Described(pair, a, b, "; ".join(str(reason.text) for reason in reasons))
        for pair, reasons in zip(listed, matching.reasons(listed), strict=True)
        if (a := people.get(pair.a_id)) and (b := people.get(pair.b_id))
    ]


def named(customer: Customer) -> str:
    """A customer's number; the id, marked as such, where there is none."""
    return customer.number or f"id:{customer.id}"


def pairs(least: float) -> Iterator[tuple[str, str, str, str, str]]:
    """Every open pair with at least this probability, as a row under HEADER; a page at a time."""
    last = (0, 0)
    keys = tuple_(DuplicatePair.a_id, DuplicatePair.b_id)
    while True:
        statement = (
            select(DuplicatePair)
            .where(DuplicatePair.state == PairState.OPEN, DuplicatePair.probability >= least, keys > last)
            .order_by(DuplicatePair.a_id, DuplicatePair.b_id)
            .limit(_AT_ONCE)
        )
        rows = list(db.session.scalars(statement))
        for row in described(rows):
            found = row.found
            yield named(row.a), named(row.b), f"{found.probability:.6f}", found.lane.value, row.reasons
        if len(rows) < _AT_ONCE:
            return
        last = (rows[-1].a_id, rows[-1].b_id)
        db.session.rollback()  # hold neither a snapshot nor the rows
        db.session.expunge_all()


def open_pairs() -> dict[str, int]:
    """How many open pairs there are in each lane."""
    statement = (
        select(DuplicatePair.lane, func.count())
        .where(DuplicatePair.state == PairState.OPEN)
        .group_by(DuplicatePair.lane)
    )
    return _by_lane(statement)


def open_cases() -> dict[str, int]:
    """How many open cases there are in each lane."""
    statement = (
        select(DuplicateCase.lane, func.count()).where(DuplicateCase.closed_at.is_(None)).group_by(DuplicateCase.lane)
    )
    return _by_lane(statement)


def _by_lane(statement: Any) -> dict[str, int]:
    found = {row[0]: row[1] for row in db.session.execute(statement)}
    return {lane.value: found.get(lane, 0) for lane in Lane}
