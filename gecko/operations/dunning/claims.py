"""What is open of many debtors on a day, what was reminded of it before, and what is disputed: a fixed few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from ...clock import local
from ...db import db
from ...models.debtors import Debtor
from ...models.dunning import Dunning, DunningLine, ParkedClaim
from ...models.postings import DebtorPosting, PostingKind
from ...models.settlements import OpenPosting, SettlementLine

CHARGES = (PostingKind.REMINDER_FEE, PostingKind.INTEREST, PostingKind.COMPENSATION)
"""What reminders add to an account."""


@dataclass(frozen=True, slots=True)
class History:
    """How a claim was reminded so far, by reminders that stand. stage 0: never.

    reminded_on: the day that its last reminder bears; made_on: the day on which one was last made in truth.
    """

    stage: int = 0
    fees: int = 0
    reminded_on: date | None = None
    made_on: date | None = None
    compensation_ore: int = 0
    interest_until: date | None = None


@dataclass(frozen=True, slots=True)
class OpenDebit:
    """A posting that is owed. payments: what was paid of it, by day, øre above zero; parked: why it is disputed."""

    posting_id: int
    kind: PostingKind
    text: str
    amount_ore: int
    remaining_ore: int
    posted_on: date
    due_on: date
    history: History = History()
    payments: tuple[tuple[date, int], ...] = ()
    parked: str | None = None


@dataclass(slots=True)
class Account:
    """A debtor with everything that is owed as far as it was posted by the day, in the order it is due.

    outstanding_ore: what is owed in all; credit_ore: what was paid or credited and is placed against nothing, above
    zero.
    """

    debtor: Debtor
    outstanding_ore: int = 0
    credit_ore: int = 0
    debits: list[OpenDebit] = field(default_factory=list)


def of_debtors(debtor_ids: Sequence[int], day: date) -> dict[int, Account]:
    """The accounts of living debtors by id."""
    rows = db.session.scalars(select(Debtor).where(Debtor.id.in_(debtor_ids), Debtor.deleted_at.is_(None)))
    sums = _sums(debtor_ids)
    accounts = {row.id: Account(row, *sums.get(row.id, (0, 0))) for row in rows}
    ids = _owed(debtor_ids, day)  # told to the database as a question: there may be more than a statement takes values
    histories, paid, parked = _histories(ids), _credits(ids), _parked(ids, day)
    for row in _open(debtor_ids, day):
        if row.debtor_id in accounts:
            accounts[row.debtor_id].debits.append(
                OpenDebit(
                    posting_id=row.posting_id,
                    kind=row.kind,
                    text=row.text,
                    amount_ore=row.amount_ore,
                    remaining_ore=row.remaining_ore,
                    posted_on=row.posted_on,
                    due_on=row.falls_on,
                    history=histories.get(row.posting_id, History()),
                    payments=tuple(paid[row.posting_id]),
                    parked=parked.get(row.posting_id),
                )
            )
    return accounts


def _sums(debtor_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    ore = OpenPosting.remaining_ore
    credited = func.coalesce(func.sum(ore).filter(ore < 0), 0)
    rows = db.session.execute(
        select(OpenPosting.debtor_id, func.sum(ore), -credited)
        .where(OpenPosting.debtor_id.in_(debtor_ids))
        .group_by(OpenPosting.debtor_id)
    )
    return {debtor_id: (int(owed), int(credit)) for debtor_id, owed, credit in rows}


def _owed(debtor_ids: Sequence[int], day: date) -> Select[int]:
    """The ids of what is owed as far as it was posted by the day."""
    row = OpenPosting
    return select(row.posting_id).where(row.debtor_id.in_(debtor_ids), row.remaining_ore > 0, row.posted_on <= day)


def _open(debtor_ids: Sequence[int], day: date) -> Sequence[Any]:
    row = OpenPosting
    return db.session.execute(
        _owed(debtor_ids, day)
        .with_only_columns(
            row.posting_id, row.debtor_id, DebtorPosting.kind, DebtorPosting.text, row.amount_ore,
            row.remaining_ore, row.posted_on, row.falls_on,
        )
        .join(DebtorPosting, DebtorPosting.id == row.posting_id)
        .order_by(row.debtor_id, row.falls_on, row.posted_on, row.posting_id)
    ).all()  # fmt: skip


def _histories(posting_ids: Select[int]) -> dict[int, History]:
    line = DunningLine
    rows = db.session.execute(
        select(
            line.posting_id,
            func.max(Dunning.stage).label("stage"),
            func.count().filter(Dunning.fee_ore > 0).label("fees"),
            func.max(Dunning.created_on).label("created_on"),
            func.max(Dunning.created_at).label("created_at"),
            func.sum(line.compensation_ore).label("compensation_ore"),
            func.max(line.interest_until).label("interest_until"),
        )
        .join(Dunning, Dunning.id == line.dunning_id)
        .where(line.posting_id.in_(posting_ids), line.is_claim, Dunning.cancelled_at.is_(None))
        .group_by(line.posting_id)
    )
    return {
        row.posting_id: History(
            stage=row.stage,
            fees=row.fees,
            reminded_on=row.created_on,
            made_on=local(row.created_at).date(),
            compensation_ore=int(row.compensation_ore),
            interest_until=row.interest_until,
        )
        for row in rows
    }


def _credits(posting_ids: Select[int]) -> defaultdict[int, list[tuple[date, int]]]:
    """By the day the money came, not the day somebody settled it; what was undone again is nothing.

    What a credit note takes back was never owed: it counts from the first day there is.
    """
    line, credit = SettlementLine, DebtorPosting
    rows = db.session.execute(
        select(line.debit_posting_id, credit.posted_on, credit.kind, func.sum(line.amount_ore))
        .join(credit, credit.id == line.credit_posting_id)
        .where(line.debit_posting_id.in_(posting_ids))
        .group_by(line.debit_posting_id, credit.posted_on, credit.kind)
        .order_by(credit.posted_on)
    )
    found: defaultdict[int, list[tuple[date, int]]] = defaultdict(list)
    for posting_id, day, kind, ore in rows:
        if ore:
            found[posting_id].append((date.min if kind == PostingKind.CREDIT_NOTE else day, int(ore)))
    return found


def _parked(posting_ids: Select[int], day: date) -> dict[int, str]:
    row = ParkedClaim
    rows = db.session.execute(
        select(row.posting_id, row.reason)
        .where(
            row.posting_id.in_(posting_ids), row.from_on <= day, (row.until_on.is_(None)) | (row.until_on >= day)
        )
        .order_by(row.id)
    )  # fmt: skip
    return {row.posting_id: row.reason for row in rows}
