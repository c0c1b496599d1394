"""What is open on a debtor's account: what is owed on one side, what pays on the other, each a page at a time.

Both in the order in which they are settled, so that a far page costs no more than the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import joinedload

from gecko.db import db
from gecko.models.postings import DebtorPosting
from gecko.models.settlements import OpenPosting

from ..grid.records import read_id
from . import counterparts
from .counterparts import Settled

PAGE = 50
OWED, PAID = "owed", "paid"


@dataclass(frozen=True, slots=True)
class Item:
    """An open posting; remaining_ore has its sign. settled: what stands settled of it, where it is settled in part."""

    posting: DebtorPosting
    remaining_ore: int
    falls_on: date
    settled: Settled | None

    @property
    def tick(self) -> str:
        """What the tick sends: the posting, and what was open of it when it was ticked."""
        return f"{self.posting.id}:{self.remaining_ore}"


@dataclass(frozen=True, slots=True)
class Side:
    """One page of one side. count and sum_ore are of everything that is open there, not of this page."""

    name: str
    items: list[Item]
    count: int
    sum_ore: int
    after: str | None
    next_cursor: str | None


def sides(debtor_id: int, after: dict[str, str | None]) -> list[Side]:
    """What is owed and what pays, each from its own place on; `after` holds the cursors by name."""
    return [side(debtor_id, name, after.get(name)) for name in (OWED, PAID)]


def side(debtor_id: int, name: str, after: str | None) -> Side:
    """One of the two, from its place on."""
    row = OpenPosting
    place = (row.falls_on, row.posted_on, row.posting_id)
    mine, is_here = row.debtor_id == debtor_id, row.remaining_ore > 0 if name == OWED else row.remaining_ore < 0
    count, total = db.session.execute(select(func.count(), func.sum(row.remaining_ore)).where(mine, is_here)).one()
    # Added up, so that no database takes the index of one side, which is made for sums, and sorts all of it.
    kept = row.remaining_ore + 0
    statement = select(row).where(mine, kept > 0 if name == OWED else kept < 0).order_by(*place).limit(PAGE + 1)
    position = _parse(after)
    if position is not None:
        statement = statement.where(tuple_(*place) > tuple_(*position))
    found = list(db.session.scalars(statement.options(*_LOADED)))
    items = _items(found[:PAGE])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Side(
        name=name,
        items=items,
        count=int(count),
        sum_ore=int(total or 0),
        after=after if position else None,
        next_cursor=f"{last.falls_on}~{last.posted_on}~{last.posting_id}" if last else None,
    )


_LOADED = (
    joinedload(OpenPosting.posting).joinedload(DebtorPosting.payment_type),
    joinedload(OpenPosting.posting).joinedload(DebtorPosting.document),
)


def _items(rows: list[OpenPosting]) -> list[Item]:
    settled = counterparts.of(row.posting_id for row in rows if row.remaining_ore != row.amount_ore)
    return [Item(row.posting, row.remaining_ore, row.falls_on, settled.get(row.posting_id)) for row in rows]


def _parse(cursor: str | None) -> tuple[date, date, int] | None:
    """A cursor somebody tampered with starts over."""
    try:
        falls_on, posted_on, typed = (cursor or "").split("~")
        days: tuple[Any, Any] = (date.fromisoformat(falls_on), date.fromisoformat(posted_on))
    except ValueError:
        return None
    posting_id = read_id(typed)
    return None if posting_id is None else (*days, posting_id)
