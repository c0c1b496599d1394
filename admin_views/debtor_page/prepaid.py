"""A debtor's prepayment: its entries newest first, each with what was left after it, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import aliased, joinedload

from gecko.db import db
from gecko.models.debtors import Debtor
from gecko.models.people import StaffUser
from gecko.models.postings import DebtorPosting
from gecko.models.prepayments import PrepaymentEntry, PrepaymentKind
from gecko.models.settlements import OpenPosting
from gecko.operations import prepayments, visibility

from ..grid.records import read_id
from ..login import principal

PAGE = 50
_SUM = func.sum(PrepaymentEntry.amount_ore)


@dataclass(frozen=True, slots=True)
class Row:
    """An entry, what was left after it, who made it, and whether it was taken back."""

    entry: PrepaymentEntry
    balance_ore: int
    by: str
    is_reversed: bool

    @property
    def can_be_reversed(self) -> bool:
        """What stands; a reversal stays."""
        return not self.is_reversed and self.entry.kind != PrepaymentKind.REVERSAL


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the entries. balance_ore: the whole prepayment now."""

    rows: list[Row]
    balance_ore: int
    after: str | None
    next_cursor: str | None


def page(debtor_id: int, after: str | None = None) -> Page:
    """The entries older than `after`."""
    row, taken_back = PrepaymentEntry, aliased(PrepaymentEntry)
    order, position = tuple_(row.posted_on, row.id), _parse(after)
    statement = (
        select(row, StaffUser.name, taken_back.id)
        .outerjoin(StaffUser, StaffUser.id == row.created_by_id)
        .outerjoin(taken_back, taken_back.reverses_id == row.id)
        .where(row.debtor_id == debtor_id)
        .options(joinedload(row.payment_type), joinedload(row.posting))
        .order_by(row.posted_on.desc(), row.id.desc())
        .limit(PAGE + 1)
    )
    if position is not None:
        statement = statement.where(order < tuple_(*position))
    found = list(db.session.execute(statement))
    whole = left = prepayments.balance(debtor_id)
    if position is not None:
        upto = select(func.sum(row.amount_ore)).where(row.debtor_id == debtor_id, order < tuple_(*position))
        left = int(db.session.scalar(upto) or 0)
    rows = []
    for entry, by, reversal_id in found[:PAGE]:
        rows.append(Row(entry, left, by or "", reversal_id is not None))
        left -= entry.amount_ore
    last = rows[-1].entry if len(found) > PAGE else None
    return Page(rows, whole, after if position else None, f"{last.posted_on}~{last.id}" if last else None)


@dataclass(frozen=True, slots=True)
class Offer:
    """What an open invoice can be paid with. tick: as the page takes it, see `open_items.Item.tick`."""

    prepayment_ore: int
    remaining_ore: int
    tick: str


def offer(document_id: int) -> Offer | None:
    """What is open of an issued document and what its debtor prepaid; None where there is not both."""
    left = select(_SUM).where(PrepaymentEntry.debtor_id == OpenPosting.debtor_id).scalar_subquery()
    statement = (
        select(OpenPosting.posting_id, OpenPosting.remaining_ore, left)
        .join(DebtorPosting, DebtorPosting.id == OpenPosting.posting_id)
        .join(Debtor, Debtor.id == OpenPosting.debtor_id)
        .where(DebtorPosting.document_id == document_id, Debtor.deleted_at.is_(None), OpenPosting.remaining_ore > 0)
    )
    found = db.session.execute(visibility.debtors(statement, principal())).one_or_none()
    if found is None or not found[2]:
        return None
    posting_id, remaining, prepaid = found
    return Offer(int(prepaid), remaining, f"{posting_id}:{remaining}")


def _parse(cursor: str | None) -> tuple[date, int] | None:
    """A cursor somebody tampered with starts over."""
    day, _mark, typed = (cursor or "").partition("~")
    try:
        posted_on = date.fromisoformat(day)
    except ValueError:
        return None
    entry_id = read_id(typed)
    return None if entry_id is None else (posted_on, entry_id)
