"""What is open at the end of any day, and how old it is: sums by the database, never from what is kept as open now.

What was settled of a posting as of a day is one sum of lines, because an undo is lines of its own. So what is open in a
bucket is what was posted there less what was settled of it, and money that nobody has placed yet stands beside the
buckets: they and the unallocated credits come to the debtor's balance, whatever the day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Subquery, and_, case, cast, func, select, union_all

from ..errors import Invalid
from ..language import _
from ..models.postings import DebtorPosting
from ..models.settlements import SettlementLine

BOUNDS = (30, 60, 90)
MOST_BOUNDS = 9
LARGEST_BOUND = 3_650


class Basis(StrEnum):
    """From which day the age of a posting is counted."""

    DUE = "due"
    POSTING = "posting"


BASES: dict[str, Any] = {str(Basis.DUE): _("Due date"), str(Basis.POSTING): _("Posting date")}


@dataclass(frozen=True, slots=True)
class Bucket:
    """One column of the list: postings of the days from `first` to `last`, both included; None is without end."""

    key: str
    label: Any
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Ageing:
    """As of which day, counted from which day, and where a bucket ends: whole days, each above the one before."""

    day: date
    basis: Basis = Basis.DUE
    bounds: tuple[int, ...] = BOUNDS

    def __post_init__(self) -> None:
        is_rising = all(before < after for before, after in zip((0, *self.bounds), self.bounds, strict=False))
        if not 0 < len(self.bounds) <= MOST_BOUNDS or not is_rising or self.bounds[-1] > LARGEST_BOUND:
            raise Invalid(
                _("Buckets are one to %(most)d rising numbers of days, as 30, 60, 90.", most=MOST_BOUNDS),
                field="buckets",
            )

    @property
    def buckets(self) -> tuple[Bucket, ...]:
        """The youngest first. By due date, what is due on the day itself is not yet overdue."""
        is_due = self.basis == Basis.DUE
        found = [Bucket("bucket_0", _("Not due"), self.day, None)] if is_due else []
        starts = (1 if is_due else 0, *(bound + 1 for bound in self.bounds))
        for youngest, following in pairwise(starts):
            found.append(self._between(len(found), youngest, following - 1))
        over = self.day - timedelta(days=starts[-1])
        last = Bucket(f"bucket_{len(found)}", _("Over %(days)d days", days=self.bounds[-1]), None, over)
        return (*found, last)

    def _between(self, number: int, youngest: int, oldest: int) -> Bucket:
        return Bucket(
            f"bucket_{number}",
            _("%(first)d–%(last)d days", first=youngest, last=oldest),
            self.day - timedelta(days=oldest),
            self.day - timedelta(days=youngest) if youngest else None,
        )

    @property
    def counted_from(self) -> ColumnElement[date]:
        """The day of a posting from which its age is counted; what has no due date is due when it is posted."""
        posted: ColumnElement[date] = DebtorPosting.posted_on.expression
        return func.coalesce(DebtorPosting.due_on, posted) if self.basis == Basis.DUE else posted

    def place(self) -> ColumnElement[int]:
        """The number of a posting's bucket."""
        buckets = self.buckets
        return case(
            *((self.counted_from >= bucket.first, number) for number, bucket in enumerate(buckets[:-1])),
            else_=len(buckets) - 1,
        )

    def within(self, bucket: Bucket) -> ColumnElement[bool]:
        """Whether a posting falls into the bucket."""
        conditions = [self.counted_from >= bucket.first] if bucket.first else []
        return and_(*conditions, *([self.counted_from <= bucket.last] if bucket.last else []))


def by_debtor(ageing: Ageing, debtors: Select[Any] | None = None) -> Subquery:
    """A row for each debtor (of `debtors`, ids, where given): øre by bucket, `credits` unallocated, and `total`."""
    parts = union_all(_posted(ageing, debtors), _settled(ageing, debtors)).subquery("parts")
    sums = [
        _whole(func.sum(case((parts.c.place == number, parts.c.debit), else_=0))).label(bucket.key)
        for number, bucket in enumerate(ageing.buckets)
    ]
    unplaced, debits = func.sum(parts.c.credit), func.sum(parts.c.debit)
    statement = select(
        parts.c.debtor_id, *sums, _whole(unplaced).label("credits"), _whole(debits + unplaced).label("total")
    )
    return statement.group_by(parts.c.debtor_id).subquery("aged")


def _posted(ageing: Ageing, debtors: Select[Any] | None) -> Any:
    amount = DebtorPosting.amount_ore
    statement = select(
        DebtorPosting.debtor_id,
        ageing.place().label("place"),
        func.sum(case((amount > 0, amount), else_=0)).label("debit"),
        func.sum(case((amount < 0, amount), else_=0)).label("credit"),
    ).where(DebtorPosting.posted_on <= ageing.day)
    return _of(statement, debtors).group_by(DebtorPosting.debtor_id, "place")


def _settled(ageing: Ageing, debtors: Select[Any] | None) -> Any:
    """What leaves the buckets of the debits, and the credits beside them, by settlements that count on the day."""
    settled = func.sum(SettlementLine.amount_ore)
    statement = (
        select(DebtorPosting.debtor_id, ageing.place().label("place"), -settled, settled)
        .join(DebtorPosting, DebtorPosting.id == SettlementLine.debit_posting_id)
        .where(SettlementLine.effective_on <= ageing.day)
    )
    return _of(statement, debtors).group_by(DebtorPosting.debtor_id, "place")


def _of(statement: Any, debtors: Select[Any] | None) -> Any:
    return statement if debtors is None else statement.where(DebtorPosting.debtor_id.in_(debtors))


def remaining(day: date) -> ColumnElement[int]:
    """What is open at the end of `day` of the DebtorPosting of the enclosing statement, øre with the posting's sign."""
    amount = DebtorPosting.amount_ore
    return case(
        (amount > 0, amount - _settled_of(SettlementLine.debit_posting_id, day)),
        else_=amount + _settled_of(SettlementLine.credit_posting_id, day),
    )


def _settled_of(side: Any, day: date) -> ColumnElement[int]:
    return (
        select(_whole(func.coalesce(func.sum(SettlementLine.amount_ore), 0)))
        .where(side == DebtorPosting.id, SettlementLine.effective_on <= day)
        .correlate(DebtorPosting)
        .scalar_subquery()
    )


def _whole(sums: ColumnElement[Any]) -> ColumnElement[int]:
    """Sums as whole numbers: PostgreSQL adds up in numerics."""
    return cast(sums, BigInteger)
