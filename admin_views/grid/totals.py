"""How many rows a list has, at a cost that does not grow with them."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from .source import CAP, Source
from .state import MOST_PAGES

KEPT_FOR = 60.0
MOST_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Total:
    """A number of rows: exact; "more than" where counting stopped; or "about" where it was known a moment ago."""

    number: int
    is_capped: bool = False
    is_estimate: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether this is the very number."""
        return not (self.is_capped or self.is_estimate)

    def pages(self, size: int) -> int:
        """How many pages of `size` rows these are."""
        return max(1, -(-self.number // size))

    def last_page(self, size: int) -> int:
        """The last page that can be jumped to; an estimate forbids none."""
        return MOST_PAGES if self.is_estimate else self.pages(size)


_kept: dict[tuple[str, str], tuple[float, int]] = {}
_many: dict[Any, float] = {}
_lock = threading.Lock()


def total(source: Source) -> Total:
    """Count to 5,001; beyond that a whole table is known from statistics, a part of it is "more than 5,000"."""
    if source.is_restricted:
        hits = source.count()
        if hits > CAP:
            _note_many(source)
        return Total(min(hits, CAP), is_capped=hits > CAP)
    known = _remembered(source)
    if known is not None and known > CAP:
        return Total(known, is_estimate=True)
    hits = source.count()
    if hits <= CAP:
        return Total(hits)
    return Total(_measure(source), is_estimate=True)


def recall(source: Source) -> None:
    """Spare a part of a table the counting where it was too large to count a moment ago, as when paging through it."""
    at = _many.get(_identity(source)) if source.is_restricted else None
    if at is not None and time.monotonic() - at < KEPT_FOR:
        source.hits = CAP + 1


def _note_many(source: Source) -> None:
    now, identity = time.monotonic(), _identity(source)
    if now - _many.get(identity, -KEPT_FOR) < KEPT_FOR:
        return  # recalled, not counted
    with _lock:
        if len(_many) >= MOST_KEPT:
            _many.clear()
        _many[identity] = now


def _identity(source: Source) -> Any:
    """The same for the same conditions with the same values, and for no others."""
    statement = source.base(source.id)._generate_cache_key()
    values = tuple(repr(parameter.effective_value) for parameter in statement.bindparams)
    return str(source.session.get_bind().url), statement.key, values


def _remembered(source: Source) -> int | None:
    with _lock:
        at, number = _kept.get(_name(source), (0.0, 0))
    return number if at and time.monotonic() - at < KEPT_FOR else None


def _measure(source: Source) -> int:
    """The planner's own statistics on PostgreSQL, an exact count elsewhere; kept for a minute."""
    number = _planner_rows(source.session, source) if source.session.get_bind().dialect.name != "sqlite" else None
    if number is None:
        number = source.exact_count()
    with _lock:
        _kept[_name(source)] = (time.monotonic(), number)
    return number


def _name(source: Source) -> tuple[str, str]:
    return str(source.session.get_bind().url), f"{source.target.name}:{len(source.live)}"


def _planner_rows(session: Session, source: Source) -> int | None:
    """Rows of the partial index that holds exactly the live rows, as the last ANALYZE or VACUUM counted them."""
    wanted = _live_index(source) if source.live else source.target.name
    if wanted is None:
        return None
    rows = session.scalar(
        text("SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(:name)"), {"name": wanted}
    )
    return rows if rows is not None and rows > CAP else None


def _live_index(source: Source) -> str | None:
    for index in source.target.indexes:
        if index.dialect_options["postgresql"].get("where") is not None and index.columns.keys() == [
            "id",
            "deleted_at",
        ]:
            return str(index.name)
    return None
