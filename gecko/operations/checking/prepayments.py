"""Prepayments: never below zero on any day, each use beside a payment of the same amount, each reversal a mirror."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from ...db import db
from ...models.postings import DebtorPosting
from ...models.prepayments import PrepaymentEntry, PrepaymentKind
from .. import prepayments as ledger
from .found import Check, count, found, listed

_ROW = PrepaymentEntry


def prepayments() -> Check:
    """The entries of each debtor against what the pages show, day by day, and against the postings they became."""
    problems = listed(_below(), "the prepayment of debtor %s is %s øre at the end of %s")
    problems += list(_shown_otherwise())
    problems += listed(_apart(), "entry %s of a prepayment and its posting do not say the same")
    problems += listed(_crooked(), "entry %s of a prepayment does not mirror the one it reverses")
    problems += listed(_half_taken_back(), "posting %s used a prepayment and was reversed, the prepayment was not")
    total = db.session.scalar(select(func.coalesce(func.sum(_ROW.amount_ore), 0)))
    return found("prepayments", {"entries": count(_ROW), "total_ore": int(total or 0)}, problems)


def _below() -> Any:
    by_day = (
        select(_ROW.debtor_id, _ROW.posted_on, func.sum(_ROW.amount_ore).label("ore"))
        .group_by(_ROW.debtor_id, _ROW.posted_on)
        .subquery()
    )
    running = func.sum(by_day.c.ore).over(partition_by=by_day.c.debtor_id, order_by=by_day.c.posted_on).label("ore")
    days = select(by_day.c.debtor_id, running, by_day.c.posted_on).subquery()
    return select(days).where(days.c.ore < 0).order_by(days.c.debtor_id, days.c.posted_on)


def _shown_otherwise() -> Any:
    """What came in less what went out, by kind, against the balance that the pages show."""
    reversed_row = aliased(PrepaymentEntry)
    kind = func.coalesce(reversed_row.kind, _ROW.kind)
    came = func.sum(_ROW.amount_ore).filter(kind == PrepaymentKind.PAID_IN)
    went = func.sum(-_ROW.amount_ore).filter(kind.in_((PrepaymentKind.USED, PrepaymentKind.PAID_OUT)))
    statement = (
        select(_ROW.debtor_id, func.coalesce(came, 0) - func.coalesce(went, 0))
        .outerjoin(reversed_row, reversed_row.id == _ROW.reverses_id)
        .group_by(_ROW.debtor_id)
        .order_by(_ROW.debtor_id)
    )
    reckoned = {debtor_id: int(ore) for debtor_id, ore in db.session.execute(statement)}
    shown = {debtor_id: int(ore) for debtor_id, ore in db.session.execute(ledger.sums())}
    for debtor_id in reckoned:
        if reckoned[debtor_id] != shown[debtor_id]:
            yield (
                f"the prepayment of debtor {debtor_id} is {reckoned[debtor_id]} øre by what came in and went out,"
                f" {shown[debtor_id]} øre are shown"
            )


def _apart() -> Any:
    posting = aliased(DebtorPosting)
    differs = or_(
        posting.id.is_(None),
        posting.debtor_id != _ROW.debtor_id,
        posting.amount_ore != _ROW.amount_ore,
        posting.posted_on != _ROW.posted_on,
    )
    lone = and_(_ROW.kind == PrepaymentKind.USED, _ROW.posting_id.is_(None))
    return (
        select(_ROW.id)
        .outerjoin(posting, posting.id == _ROW.posting_id)
        .where(or_(lone, and_(_ROW.posting_id.is_not(None), differs)))
        .order_by(_ROW.id)
    )


def _crooked() -> Any:
    former, posting = aliased(PrepaymentEntry), aliased(DebtorPosting)
    return (
        select(_ROW.id)
        .outerjoin(former, former.id == _ROW.reverses_id)
        .outerjoin(posting, posting.id == _ROW.posting_id)
        .where(
            _ROW.kind == PrepaymentKind.REVERSAL,
            or_(
                former.id.is_(None),
                former.debtor_id != _ROW.debtor_id,
                former.amount_ore + _ROW.amount_ore != 0,
                former.kind == PrepaymentKind.REVERSAL,
                func.coalesce(former.posting_id, 0) != func.coalesce(posting.reverses_id, 0),
            ),
        )
        .order_by(_ROW.id)
    )


def _half_taken_back() -> Any:
    reversal, given_back = aliased(DebtorPosting), aliased(PrepaymentEntry)
    return (
        select(_ROW.posting_id)
        .join(reversal, reversal.reverses_id == _ROW.posting_id)
        .outerjoin(given_back, given_back.reverses_id == _ROW.id)
        .where(_ROW.kind == PrepaymentKind.USED, given_back.id.is_(None))
        .order_by(_ROW.posting_id)
    )
