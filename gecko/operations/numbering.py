"""Number series: gapless, because a number is drawn in the transaction of the document that bears it.

The series' row is locked until that transaction ends (SQLite holds its one write lock anyway): a failed
transaction gives its number back, and two at once can never draw the same.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func, select, true

from .. import audit
from ..db import db
from ..errors import Invalid, NotFound
from ..language import _
from ..models.audit import AuditEntry
from ..models.documents import NumberSeries, SaleDocument
from ..models.dunning import SERIES, Dunning

_MOVED = "number_series.moved"


def lock(code: str) -> NumberSeries:
    """The series with its row locked until the transaction ends; raises NotFound."""
    series = db.session.get(NumberSeries, str(code), with_for_update=True, populate_existing=True)
    if series is None:
        raise NotFound
    return series


def draw(code: str, count: int = 1) -> int:
    """Take the next `count` numbers; returns the first."""
    series = lock(code)
    first = series.next_no
    series.next_no = first + count
    db.session.flush()
    return first


def _used(code: str) -> tuple[Any, Any]:
    """Where the numbers of a gapless series stand: their column, and which rows are the series'."""
    if str(code) == SERIES:
        return Dunning.number, true()
    return SaleDocument.sequence_no, and_(SaleDocument.series == code, SaleDocument.sequence_no.is_not(None))


def highest_used(code: str) -> int:
    """The highest number a document of the series bears; 0 for none."""
    number, mine = _used(code)
    return db.session.scalar(select(func.max(number)).where(mine)) or 0


def upcoming() -> dict[str, int]:
    """The next number of each series."""
    return {series.code: series.next_no for series in db.session.scalars(select(NumberSeries))}


def move_forward(code: str, next_no: int) -> None:
    """Set the next number. It may only move forward; the step is logged, so that the gap it leaves is explained."""
    series = lock(code)
    if next_no < max(series.next_no, highest_used(code) + 1):
        raise Invalid(
            _("The next number must be at least %(least)d."),
            field="next_no",
            least=max(series.next_no, highest_used(code) + 1),
        )
    if next_no == series.next_no:
        return
    if highest_used(code) == 0:
        series.first_no = next_no
    else:
        audit.record(_MOVED, entity="number_series", entity_id=code, facts={"next_no": [series.next_no, next_no]})
    series.next_no = next_no
    db.session.flush()


def gaps(code: str) -> list[tuple[int, int]]:
    """Stretches (first, last) of numbers that no document bears and no logged step forward explains."""
    series = db.session.get(NumberSeries, str(code))
    if series is None:
        return []
    steps = db.session.scalars(
        select(AuditEntry.changes).where(AuditEntry.action == _MOVED, AuditEntry.entity_id == str(code))
    )
    explained = {(step["next_no"][0], step["next_no"][1]) for step in steps if step}
    number, mine = _used(code)
    following = func.lead(number, 1, series.next_no).over(order_by=number)
    pairs = select(number.label("no"), following.label("following")).where(mine).subquery()
    found = db.session.execute(select(pairs).where(pairs.c.following > pairs.c.no + 1).order_by(pairs.c.no)).all()
    lowest = db.session.scalar(select(func.min(number)).where(mine))
    missing = [(no + 1, following_no - 1) for no, following_no in found]
    if (lowest or series.next_no) > series.first_no:
        missing.insert(0, (series.first_no, (lowest or series.next_no) - 1))
    return [stretch for stretch in missing if not _is_explained(stretch, explained)]


def _is_explained(stretch: tuple[int, int], steps: set[tuple[int, int]]) -> bool:
    """Whether the stretch is what one or more steps forward skipped, end to end."""
    at, last = stretch
    onward = dict(steps)
    while at <= last and at in onward:
        at = onward[at]
    return at == last + 1
