"""The settlements of a debtor, newest first, each with its lines and whether it was undone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import aliased, joinedload

from gecko.db import db
from gecko.models.people import StaffUser
from gecko.models.postings import DebtorPosting
from gecko.models.settlements import Settlement, SettlementLine, SettlementMethod

from ..grid.records import read_id

PAGE = 25
LINES = 12
"""So many lines are told of each settlement."""


@dataclass(slots=True)
class Shown:
    """A settlement, who made it, what undid it and who did, its first lines, and the sum of all of them."""

    row: Settlement
    by: str
    undo: Settlement | None
    undone_by: str
    count: int = 0
    sum_ore: int = 0
    lines: list[SettlementLine] = field(default_factory=list)

    @property
    def can_be_undone(self) -> bool:
        """Whether it stands and may be taken back; a reversal stays settled with what it reversed."""
        return self.undo is None and self.row.method != SettlementMethod.REVERSAL

    @property
    def more(self) -> int:
        """How many lines are not told."""
        return self.count - len(self.lines)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a debtor's settlements."""

    rows: list[Shown]
    after: str | None
    next_cursor: str | None


def page(debtor_id: int, after: str | None = None) -> Page:
    """The settlements older than `after`; an undo is told with what it undid, not by itself."""
    row, undo = Settlement, aliased(Settlement)
    maker, undoer = aliased(StaffUser), aliased(StaffUser)
    statement = (
        select(row, undo, maker.name, undoer.name)
        .outerjoin(undo, undo.undoes_id == row.id)
        .outerjoin(maker, maker.id == row.created_by_id)
        .outerjoin(undoer, undoer.id == undo.created_by_id)
        .where(row.debtor_id == debtor_id, row.method != SettlementMethod.UNDO)
        .order_by(row.effective_on.desc(), row.id.desc())
        .limit(PAGE + 1)
    )
    position = _parse(after)
    if position is not None:
        statement = statement.where(tuple_(row.effective_on, row.id) < tuple_(*position))
    found = [Shown(one, by or "", taken_back, undone_by or "")
             for one, taken_back, by, undone_by in db.session.execute(statement)]  # fmt: skip
    shown, last = found[:PAGE], found[PAGE - 1].row if len(found) > PAGE else None
    _fill({one.row.id: one for one in shown})
    return Page(shown, after if position else None, f"{last.effective_on}~{last.id}" if last else None)


def _fill(shown: dict[int, Shown]) -> None:
    """The lines of the page's settlements, in two queries."""
    if not shown:
        return
    line = SettlementLine
    sums = (
        select(line.settlement_id, func.count(), func.sum(line.amount_ore))
        .where(line.settlement_id.in_(shown))
        .group_by(line.settlement_id)
    )
    for settlement_id, count, ore in db.session.execute(sums):
        shown[settlement_id].count, shown[settlement_id].sum_ore = count, int(ore)
    place = func.row_number().over(partition_by=line.settlement_id, order_by=line.id).label("place")
    ranked = select(line.id, place).where(line.settlement_id.in_(shown)).subquery()
    statement = (
        select(line)
        .where(line.id.in_(select(ranked.c.id).where(ranked.c.place <= LINES)))
        .options(*(joinedload(side).joinedload(DebtorPosting.payment_type) for side in (line.debit, line.credit)))
        .order_by(line.id)
    )
    for one in db.session.scalars(statement):
        shown[one.settlement_id].lines.append(one)


def _parse(cursor: str | None) -> tuple[date, int] | None:
    """A cursor somebody tampered with starts over."""
    day, _mark, typed = (cursor or "").partition("~")
    try:
        place = date.fromisoformat(day)
    except ValueError:
        return None
    settlement_id = read_id(typed)
    return None if settlement_id is None else (place, settlement_id)
