"""From a list's state to the ids of one page, by a plan that stays fast however many rows match.

Ids are found by indexes alone, then the page's rows are read by key. With a restriction (search, filter, scope) the
number of hits, counted to 5,001 at most, decides: few hits are sorted in the statement that found and counted them,
many are met soon enough on a walk along the sort index.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, Table, and_, exists, func, literal, or_, select, true, tuple_
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from . import tokens
from .search import search_condition
from .state import GridState

CAP = 5_000
LONGEST_WALK = 10_000
WALKED_PAGES = 10
FAR = 5_000


@dataclass(slots=True)
class Found:
    """One page: ids in order, whether more follow before and after, and the tokens of both ends."""

    ids: list[int]
    has_previous: bool = False
    has_next: bool = False
    first: str = ""
    last: str = ""


@dataclass(slots=True)
class Source:
    """The rows that a state asks for, of one model.

    live: the condition the partial indexes are made for. conditions: (for an index, for a single row) pairs.
    equals: columns held to one value by a filter. place: for the unrestricted list, where its n-th row stands: from an
    offset and `descending` to a condition and how many of its rows come before (see `name_counts.place`).
    """

    session: Session
    target: Table
    key: ColumnElement[Any]
    descending: bool
    live: list[ColumnElement[bool]]
    conditions: list[tuple[ColumnElement[bool], ColumnElement[bool]]] = field(default_factory=list)
    equals: frozenset[str] = frozenset()
    place: Callable[..., tuple[ColumnElement[bool], Any]] | None = None
    hits: int | None = None

    @property
    def id(self) -> ColumnElement[Any]:
        """The primary key."""
        return self.target.c.id

    @property
    def is_restricted(self) -> bool:
        """Whether anything narrows the list beyond what its indexes are made for."""
        return bool(self.conditions)

    def base(self, *columns: Any) -> Select[Any]:
        """A statement over every row that matches."""
        return select(*columns).select_from(self.target).where(*self.live, *(index for index, _row in self.conditions))

    def count(self) -> int:
        """How many match, counted to CAP + 1 at most, and once: a page that was searched for is counted as it is."""
        if self.hits is None:
            capped = self.base(self.id.label("id")).limit(CAP + 1).subquery()
            self.hits = self.session.scalar(select(func.count()).select_from(capped)) or 0
        return self.hits

    @property
    def _is_sqlite(self) -> bool:
        return bool(self.session.get_bind().dialect.name == "sqlite")

    def exact_count(self) -> int:
        """How many match, however long it takes."""
        return self.session.scalar(self.base(func.count())) or 0

    def page(self, state: GridState) -> Found:
        """The page that `state` asks for."""
        backwards = state.step in ("previous", "last")
        place = tokens.read(state.token)
        if place is not None and not self._fits(place[0]):
            place = None
        offset = 0 if place or state.step == "last" else (state.page - 1) * state.size
        rows = self._rows(state.size + 1, offset, backwards=backwards, place=place)
        more = len(rows) > state.size
        rows = rows[: state.size]
        if backwards:
            rows.reverse()
        found = Found([row.id for row in rows])
        if rows:
            found.first, found.last = (tokens.write(row.key, row.id) for row in (rows[0], rows[-1]))
            started = state.page > 1 or (place is not None and not backwards)
            found.has_previous = more if backwards else started
            found.has_next = (place is not None) if backwards else more
        return found

    def _fits(self, key: Any) -> bool:
        try:
            return key is None or isinstance(key, self.key.type.python_type)
        except NotImplementedError:
            return False

    def _rows(self, limit: int, offset: int, *, backwards: bool, place: tuple[Any, Any] | None) -> list[Any]:
        if not self.is_restricted or self._has_own_index():
            return self._walk(self.base(self.id, self.key.label("key")), limit, offset, backwards, place)
        if self.hits is None or self.hits <= CAP:
            rows = self._few(limit, offset, backwards, place)
            if rows is not None:
                return rows
        walked = self._long_walk(limit, offset, backwards, place) if offset < WALKED_PAGES * limit else None
        return self._collect(limit, offset, backwards, place) if walked is None else walked

    def _has_own_index(self) -> bool:
        """Whether an index leads with the filtered columns and goes on with the sort key and id."""
        if len(self.equals) != 1 or len(self.conditions) != 1:
            return False
        wanted = [*self.equals, getattr(self.key, "key", ""), "id"]
        if wanted[1] == "id":
            wanted.pop()
        return any(
            [column.name for column in index.columns if column.name != "deleted_at"] == wanted
            for index in self.target.indexes
        )

    def _walk(
        self, statement: Select[Any], limit: int, offset: int, backwards: bool, place: tuple[Any, Any] | None
    ) -> list[Any]:
        down = self.descending != backwards
        if offset >= FAR and self.place is not None and not self.is_restricted:
            condition, offset = self.place(offset, descending=down)
            statement = statement.where(condition)
        if place is None:
            return list(self.session.execute(self._ordered(statement, down).limit(limit).offset(offset)))
        rows: list[Any] = []
        for condition in self._segments(place, down):
            rows += self.session.execute(self._ordered(statement.where(condition), down).limit(limit - len(rows)))
            if len(rows) >= limit:
                break
        return rows

    def _ordered(self, statement: Select[Any], down: bool, table: Any = None) -> Select[Any]:
        key, row_id = (self.key, self.id) if table is None else (table.c.key, table.c.id)
        if key is row_id:
            return statement.order_by(row_id.desc() if down else row_id)
        return statement.order_by(*((key.desc(), row_id.desc()) if down else (key, row_id)))

    def _segments(self, place: tuple[Any, Any], down: bool, table: Any = None) -> list[ColumnElement[bool]]:
        """Conditions that, one after the other, go on from a place; empty sort keys stand at one end."""
        key, row_id = (self.key, self.id) if table is None else (table.c.key, table.c.id)
        at, at_id = place
        if self.key is self.id:
            return [row_id < at_id if down else row_id > at_id]
        nullable = getattr(self.key, "nullable", True)
        nulls_first = self._is_sqlite != down
        if at is None:
            rest = [and_(key.is_(None), row_id < at_id if down else row_id > at_id)]
            return [*rest, key.is_not(None)] if nulls_first else rest
        here, mark = tuple_(key, row_id), tuple_(literal(at, self.key.type), literal(at_id, self.id.type))
        after = [here < mark if down else here > mark]
        return after if nulls_first or not nullable else [*after, key.is_(None)]

    def _few(self, limit: int, offset: int, backwards: bool, place: tuple[Any, Any] | None) -> list[Any] | None:
        """Find, count and sort at once; None where there are more than CAP, which is all that is known then."""
        hits = self._found(CAP + 1)
        number = select(func.count().label("number")).select_from(hits).cte("counted")
        page = self._sorted(hits, limit, offset, backwards, place)
        page = page.where(select(number.c.number).scalar_subquery() <= CAP).subquery("page")
        joined = number.outerjoin(page, true())
        statement = select(number.c.number, page.c.id, page.c.key).select_from(joined)
        rows = self.session.execute(self._ordered(statement, self.descending != backwards, page)).all()
        self.hits = rows[0].number
        return [row for row in rows if row.id is not None] if self.hits <= CAP else None

    def _collect(self, limit: int, offset: int, backwards: bool, place: tuple[Any, Any] | None) -> list[Any]:
        """Find all hits by the search or filter index, however many; then sort."""
        return list(self.session.execute(self._sorted(self._found(None), limit, offset, backwards, place)))

    def _found(self, limit: int | None) -> Any:
        return self.base(self.id, self.key.label("key")).limit(limit).cte("hits").prefix_with("MATERIALIZED")

    def _sorted(
        self, hits: Any, limit: int, offset: int, backwards: bool, place: tuple[Any, Any] | None
    ) -> Select[Any]:
        """One page of what was found."""
        down = self.descending != backwards
        statement = self._ordered(select(hits.c.id, hits.c.key), down, hits)
        if place is not None:
            statement = statement.where(or_(*self._segments(place, down, hits)))
        return statement.limit(limit).offset(offset)

    def _long_walk(self, limit: int, offset: int, backwards: bool, place: tuple[Any, Any] | None) -> list[Any] | None:
        """Walk the sort index and test each row; None where too few hits lie near."""
        down = self.descending != backwards
        row_condition = and_(*(row for _index, row in self.conditions))
        found: list[Any] = []
        for condition in self._segments(place, down) if place is not None else [None]:
            inner = select(self.id, self.key.label("key"), row_condition.label("hit")).where(*self.live)
            if condition is not None:
                inner = inner.where(condition)
            near = self._ordered(inner, down).limit(LONGEST_WALK).subquery("near")
            statement = select(near.c.id, near.c.key).where(near.c.hit).limit(limit - len(found)).offset(offset)
            if not self._is_sqlite:  # SQLite reads the inner rows in order as it is
                statement = self._ordered(statement, down, near)
            found += self.session.execute(statement)
            if len(found) >= limit:
                return found
        return None


def matches(source: Source, row_id: int) -> bool:
    """Whether one row is among those of the source."""
    return bool(source.session.scalar(select(exists(source.base(literal(1)).where(source.id == row_id)))))


def searched(target: Table, typed: str, dialect: str) -> list[tuple[ColumnElement[bool], ColumnElement[bool]]]:
    """The search as a list of conditions for a Source."""
    condition = search_condition(target, typed, dialect)
    return [] if condition is None else [condition]
