"""A debtor's account: postings newest first with the running sum, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import joinedload

from gecko.db import db
from gecko.models.documents import SaleLine
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.operations import settling

from ..grid.records import read_id
from ..postings import lines_of
from . import counterparts
from .counterparts import Settled

PAGE = 50
BY_HAND = (PostingKind.PAYMENT, PostingKind.PAYOUT, PostingKind.WRITE_OFF)
OF_REMINDERS = (PostingKind.REMINDER_FEE, PostingKind.INTEREST, PostingKind.COMPENSATION)


@dataclass(frozen=True, slots=True)
class Row:
    """A posting, what the debtor owed after it, its document's lines, and whether it was reversed.

    remaining_ore: what is open of it, with its sign. settled: what it stands settled with.
    """

    posting: DebtorPosting
    balance_ore: int
    lines: list[SaleLine]
    is_reversed: bool
    remaining_ore: int
    settled: Settled | None

    @property
    def can_be_reversed(self) -> bool:
        """What was posted by hand and stands; documents are corrected by credit notes."""
        return self.posting.kind in BY_HAND and not self.is_reversed


@dataclass(frozen=True, slots=True)
class Account:
    """One page of an account. debit and credit are the sums of all postings, not only of this page."""

    rows: list[Row]
    count: int
    debit_ore: int
    credit_ore: int
    next_cursor: str | None


def page(debtor_id: int, *, after: str | None = None) -> Account:
    """The postings older than `after`, with the sum of everything up to each."""
    mine = DebtorPosting.debtor_id == debtor_id
    order = tuple_(DebtorPosting.posted_on, DebtorPosting.id)
    statement = select(DebtorPosting).where(mine).options(*_LOADED)
    position = _parse(after)
    if position is not None:
        statement = statement.where(order < tuple_(*position))
    newest_first = statement.order_by(DebtorPosting.posted_on.desc(), DebtorPosting.id.desc())
    found = list(db.session.scalars(newest_first.limit(PAGE + 1)))
    rows, sums = found[:PAGE], _sums(mine)
    balance = sums["debit_ore"] + sums["credit_ore"]
    if position is not None and rows:
        upto = select(func.sum(DebtorPosting.amount_ore)).where(mine, order <= tuple_(rows[0].posted_on, rows[0].id))
        balance = int(db.session.scalar(upto) or 0)
    return Account(
        rows=_rows(rows, balance),
        next_cursor=f"{rows[-1].posted_on.isoformat()}~{rows[-1].id}" if len(found) > PAGE else None,
        **sums,
    )


_LOADED = (joinedload(DebtorPosting.document), joinedload(DebtorPosting.payment_type))


def _sums(mine: object) -> dict[str, int]:
    amount = DebtorPosting.amount_ore
    count, debit, credit = db.session.execute(
        select(
            func.count(),
            func.sum(amount).filter(amount > 0),
            func.sum(amount).filter(amount < 0),
        ).where(mine)  # type: ignore[arg-type]
    ).one()
    return {"count": count, "debit_ore": int(debit or 0), "credit_ore": int(credit or 0)}


def _rows(postings: list[DebtorPosting], balance: int) -> list[Row]:
    """The rows; balance is what was owed after the first of them."""
    lines = lines_of([posting.document_id for posting in postings if posting.document_id])
    ids = [posting.id for posting in postings]
    reversed_ids = set(db.session.scalars(select(DebtorPosting.reverses_id).where(DebtorPosting.reverses_id.in_(ids))))
    left, settled = settling.remaining(ids), counterparts.of(ids)
    rows = []
    for posting in postings:
        of_document = lines.get(posting.document_id, []) if posting.document_id else []
        rows.append(
            Row(posting, balance, of_document, posting.id in reversed_ids, left[posting.id], settled.get(posting.id))
        )
        balance -= posting.amount_ore
    return rows


def _parse(cursor: str | None) -> tuple[date, int] | None:
    """A cursor somebody tampered with starts over."""
    try:
        day, row_id = (cursor or "").split("~")
        place = date.fromisoformat(day), read_id(row_id)
    except ValueError:
        return None
    return None if place[1] is None else (place[0], place[1])
