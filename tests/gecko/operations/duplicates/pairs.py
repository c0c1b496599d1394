"""Scored pairs as the matcher would hand them over, and what the cases look like."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from gecko.db import db, transaction
from gecko.models.duplicates import DuplicateCase, DuplicateMember, DuplicatePair, Lane, PairState
from gecko.operations.duplicates import recording
from gecko.operations.matching import Found
from gecko.permissions import Permission, Principal
from tests import factories

SCORES = {
    Lane.SURE: (0.999, 10.0),
    Lane.PROBABLE: (0.8, 2.0),
    Lane.HOUSEHOLD: (0.05, -4.0),
    Lane.SAME_NAME: (0.1, -3.0),
}


def found(a: int, b: int, lane: Lane = Lane.SURE, **values: Any) -> Found:
    probability, score = SCORES[lane]
    wanted = {
        "probability": probability, "household": 0.9 if lane == Lane.HOUSEHOLD else 0.01, "score": score,
        "levels": "0000000", "evidence": f"{min(a, b)}-{max(a, b)}", "model": 1, **values,
    }  # fmt: skip
    return Found(a_id=min(a, b), b_id=max(a, b), lane=lane, **wanted)


def record(*pairs: Found, **values: Any) -> recording.Recorded:
    with transaction():
        return recording.record(pairs, **values)


def people(count: int, **values: Any) -> list[int]:
    return [factories.customer(**values).id for _n in range(count)]


def pair(a: int, b: int) -> DuplicatePair:
    db.session.rollback()
    wanted = select(DuplicatePair).where(DuplicatePair.a_id == min(a, b), DuplicatePair.b_id == max(a, b))
    return db.session.scalars(wanted).one()


def open_cases() -> dict[frozenset[int], Lane]:
    """Lane by members; a set of members stands once."""
    db.session.rollback()
    rows = db.session.execute(
        select(DuplicateCase.id, DuplicateCase.lane, DuplicateMember.customer_id)
        .join(DuplicateMember, DuplicateMember.case_id == DuplicateCase.id)
        .where(DuplicateCase.closed_at.is_(None))
    ).all()
    members: dict[int, set[int]] = {}
    for row in rows:
        members.setdefault(row.id, set()).add(row.customer_id)
    lanes = {row.id: row.lane for row in rows}
    kept = {frozenset(customers): lanes[case_id] for case_id, customers in members.items()}
    assert len(kept) == len(members), "no two cases of the same customers"
    return kept


def case_of(*customers: int) -> DuplicateCase:
    """The open case of exactly these customers."""
    db.session.rollback()
    for case in db.session.scalars(select(DuplicateCase).where(DuplicateCase.closed_at.is_(None))):
        if {member.customer_id for member in case.members} == set(customers):
            return case
    raise LookupError(customers)


def reviewer(*, groups: Iterable[int] | None = None, user_id: int | None = None, **values: Any) -> Principal:
    wanted = user_id if user_id is not None else factories.user("reviewer").id
    limits = None if groups is None else frozenset(groups)
    rights = frozenset(map(str, Permission))
    return Principal(wanted, None, "anna", "Anna", groups=limits, permissions=rights, **values)


def states() -> dict[tuple[int, int], PairState]:
    db.session.rollback()
    return {(row.a_id, row.b_id): row.state for row in db.session.scalars(select(DuplicatePair))}
