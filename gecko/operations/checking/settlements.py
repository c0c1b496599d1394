"""Settlements: what is open is what the postings and their settlements add up to, and no more was settled than is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from ...models.postings import DebtorPosting, PostingKind
from ...models.settlements import OpenPosting, Settlement, SettlementLine
from .found import Check, count, found, listed


def _settled(column: Any, name: str) -> Any:
    """What was settled of each posting on one side."""
    return select(column.label("id"), func.sum(SettlementLine.amount_ore).label("ore")).group_by(column).subquery(name)


def _remaining(debit: Any, credit: Any) -> ColumnElement[int]:
    return DebtorPosting.amount_ore - func.coalesce(debit.c.ore, 0) + func.coalesce(credit.c.ore, 0)


def remaining() -> Check:
    """Of every posting, what is kept as open equals its amount less what was settled, between nothing and all of it."""
    debit = _settled(SettlementLine.debit_posting_id, "debit")
    credit = _settled(SettlementLine.credit_posting_id, "credit")
    left = _remaining(debit, credit)
    of_each = (
        select(DebtorPosting.id, left.label("summed"), func.coalesce(OpenPosting.remaining_ore, 0).label("kept"))
        .outerjoin(debit, debit.c.id == DebtorPosting.id)
        .outerjoin(credit, credit.c.id == DebtorPosting.id)
        .outerjoin(OpenPosting, OpenPosting.posting_id == DebtorPosting.id)
        .order_by(DebtorPosting.id)
    )
    other = or_(
        left != func.coalesce(OpenPosting.remaining_ore, 0),
        and_(
            OpenPosting.posting_id.is_not(None),
            or_(
                OpenPosting.debtor_id != DebtorPosting.debtor_id,
                OpenPosting.amount_ore != DebtorPosting.amount_ore,
                OpenPosting.posted_on != DebtorPosting.posted_on,
                OpenPosting.falls_on != func.coalesce(DebtorPosting.due_on, DebtorPosting.posted_on),
            ),
        ),
    )
    beyond = or_(left * DebtorPosting.amount_ore < 0, func.abs(left) > func.abs(DebtorPosting.amount_ore))
    problems = listed(of_each.where(other), "posting %s: %s øre are open by its settlements, %s are kept as open")
    problems += listed(
        of_each.with_only_columns(DebtorPosting.id).where(beyond), "posting %s is settled beyond its amount"
    )
    loose = select(OpenPosting.posting_id).where(OpenPosting.posting_id.not_in(select(DebtorPosting.id)))
    problems += listed(loose, "posting %s is kept as open and does not exist")
    for side in (SettlementLine.debit_posting_id, SettlementLine.credit_posting_id):
        problems += listed(_beyond_once(side), "posting %s was settled beyond its amount on %s")
    return found("remaining", {"open": count(OpenPosting), "lines": count(SettlementLine)}, problems)


def _beyond_once(side: Any) -> Any:
    """Postings with undos, and the first day on which what stood settled of them by then was too much or below nothing.

    Without an undo, sums only grow: what fits today has always fitted.
    """
    undone = select(side).where(SettlementLine.amount_ore < 0)
    days = (
        select(
            side.label("id"), SettlementLine.effective_on.label("day"), func.sum(SettlementLine.amount_ore).label("ore")
        )
        .where(side.in_(undone))
        .group_by(side, SettlementLine.effective_on)
        .subquery()
    )
    settled = func.sum(days.c.ore).over(partition_by=days.c.id, order_by=days.c.day).label("settled")
    running = select(days.c.id, days.c.day, settled).subquery()
    return (
        select(running.c.id, func.min(running.c.day))
        .join(DebtorPosting, DebtorPosting.id == running.c.id)
        .where(or_(running.c.settled < 0, running.c.settled > func.abs(DebtorPosting.amount_ore)))
        .group_by(running.c.id)
        .order_by(running.c.id)
    )


def settlements() -> Check:
    """A settlement joins debits and credits of its debtor, no younger than itself; an undo mirrors what it undoes."""
    debit, credit = (DebtorPosting.__table__.alias(name) for name in ("debit", "credit"))
    unfit = (
        select(SettlementLine.id)
        .join(Settlement, Settlement.id == SettlementLine.settlement_id)
        .join(debit, debit.c.id == SettlementLine.debit_posting_id)
        .join(credit, credit.c.id == SettlementLine.credit_posting_id)
        .where(
            or_(
                debit.c.debtor_id != Settlement.debtor_id,
                credit.c.debtor_id != Settlement.debtor_id,
                debit.c.amount_ore <= 0,
                credit.c.amount_ore >= 0,
                SettlementLine.effective_on != Settlement.effective_on,
                debit.c.posted_on > Settlement.effective_on,
                credit.c.posted_on > Settlement.effective_on,
                (SettlementLine.amount_ore < 0) != Settlement.undoes_id.is_not(None),
            )
        )
    )
    empty = select(Settlement.id).where(Settlement.id.not_in(select(SettlementLine.settlement_id)))
    problems = listed(unfit, "line %s of a settlement does not join a debit and a credit of its debtor")
    problems += listed(empty, "settlement %s has no lines")
    problems += listed(_crooked(), "settlement %s does not undo what it says it undoes")
    problems += listed(_apart(), "posting %s and its reversal are not settled with each other")
    return found("settlements", {"settlements": count(Settlement)}, problems)


def _crooked() -> Any:
    """Undos whose lines, together with those they undo, do not come to nothing."""
    of = func.coalesce(Settlement.undoes_id, Settlement.id)
    sums = (
        select(of.label("id"), func.sum(SettlementLine.amount_ore).label("ore"))
        .join(SettlementLine, SettlementLine.settlement_id == Settlement.id)
        .group_by(of, SettlementLine.debit_posting_id, SettlementLine.credit_posting_id)
        .subquery()
    )
    undone = select(Settlement.undoes_id).where(Settlement.undoes_id.is_not(None))
    return select(sums.c.id).where(sums.c.id.in_(undone), sums.c.ore != 0).distinct()


def _apart() -> Any:
    """Postings that were taken back and still count as owed or paid."""
    own, taken_back = DebtorPosting.__table__, DebtorPosting.__table__.alias("taken_back")
    standing = select(OpenPosting.posting_id)
    return (
        select(taken_back.c.id)
        .join(own, own.c.reverses_id == taken_back.c.id)
        .where(own.c.kind == PostingKind.REVERSAL, or_(taken_back.c.id.in_(standing), own.c.id.in_(standing)))
    )
