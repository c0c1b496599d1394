"""The start page's numbers, as seen by one user. Each is one statement on an index."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, exists, func, literal, select, true, union_all

from ..clock import midnight, today
from ..db import db
from ..models.bookings import Booking
from ..models.customer_groups import CustomerGroup
from ..models.customers import Customer
from ..models.debtors import Debtor
from ..models.jobs import JobRun, JobState
from ..models.postings import DebtorPosting, PostingKind
from ..permissions import Permission, Principal
from . import visibility

MONTHS = 12
INVOICED = (PostingKind.INVOICE, PostingKind.CREDIT_NOTE)


@dataclass(frozen=True, slots=True)
class Debts:
    """How many debtors owe something, and what all owe together (what is due to debtors subtracted)."""

    debtors: int
    outstanding_ore: int


@dataclass(frozen=True, slots=True)
class Month:
    """What was invoiced in one month, credit notes subtracted."""

    first: date
    last: date
    invoiced_ore: int


@dataclass(frozen=True, slots=True)
class Jobs:
    """Jobs under way, and jobs that failed."""

    active: int
    failed: int


def month_start() -> date:
    """The first of this month in Denmark."""
    return today().replace(day=1)


def customers(principal: Principal) -> int:
    """How many customers in active groups the user may see, as the customer list shows them at first."""
    return db.session.scalar(_customers(principal)) or 0


def new_customers(principal: Principal) -> int:
    """How many of them were created this month."""
    return db.session.scalar(_customers(principal).where(Customer.created_at >= midnight(month_start()))) or 0


def _customers(principal: Principal) -> Select[tuple[int]]:
    active = select(CustomerGroup.id).where(CustomerGroup.is_active)
    statement = select(func.count(Customer.id)).where(Customer.deleted_at.is_(None), Customer.group_id.in_(active))
    return visibility.customers(statement, principal)


def bookings_today(principal: Principal) -> int:
    """How many bookings that are not deleted begin today."""
    day = today()
    statement = select(func.count(Booking.id)).where(
        Booking.deleted_at.is_(None),
        Booking.start_at >= midnight(day),
        Booking.start_at < midnight(day + timedelta(days=1)),
    )
    return db.session.scalar(visibility.bookings(statement, principal)) or 0


def debts(principal: Principal) -> Debts:
    """What the debtors that the user may see owe."""
    balances = (
        select(func.sum(DebtorPosting.amount_ore).label("ore"))
        .where(_visible_postings(principal))
        .group_by(DebtorPosting.debtor_id)
        .subquery()
    )
    count, total = db.session.execute(
        select(func.count().filter(balances.c.ore > 0), func.coalesce(func.sum(balances.c.ore), 0))
    ).one()
    return Debts(int(count), int(total))


def invoiced_by_month(principal: Principal) -> list[Month]:
    """Twelve months up to this one; or up to the last with an invoice, where that is longer ago. Empty without any."""
    latest = db.session.scalar(select(func.max(DebtorPosting.posted_on)).where(_visible_postings(principal)))
    if latest is None:
        return []
    this = month_start()
    end = this if latest >= _back(this, MONTHS - 1) else latest.replace(day=1)
    spans = [_span(_back(end, MONTHS - 1 - n)) for n in range(MONTHS)]
    sums = union_all(
        *(
            select(literal(n).label("n"), func.coalesce(func.sum(DebtorPosting.amount_ore), 0).label("ore")).where(
                DebtorPosting.posted_on.between(*span),
                DebtorPosting.kind.in_(INVOICED),
                _visible_postings(principal),
            )
            for n, span in enumerate(spans)
        )
    ).subquery()
    found = {int(n): int(ore) for n, ore in db.session.execute(select(sums.c.n, sums.c.ore))}
    return [Month(*span, found[n]) for n, span in enumerate(spans)]


def jobs(principal: Principal) -> Jobs:
    """Everybody's for those who may see them, otherwise the user's own."""
    mine = true() if principal.has(Permission.JOB_VIEW) else JobRun.created_by_id == principal.user_id
    rows = db.session.execute(select(JobRun.state, func.count()).where(mine).group_by(JobRun.state))
    counts = {state: int(count) for state, count in rows}
    return Jobs(counts.get(JobState.QUEUED, 0) + counts.get(JobState.RUNNING, 0), counts.get(JobState.FAILED, 0))


def is_fresh() -> bool:
    """Whether there is no customer and no debtor yet."""
    return not db.session.scalar(select(exists().where(Customer.id > 0) | exists().where(Debtor.id > 0)))


def _visible_postings(principal: Principal) -> ColumnElement[bool]:
    rule = visibility.debtor_rule(principal)
    return true() if rule is None else DebtorPosting.debtor_id.in_(select(Debtor.id).where(rule))


def _span(first: date) -> tuple[date, date]:
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])


def _back(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 - months, 12)
    return date(year, month + 1, 1)
