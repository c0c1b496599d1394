"""The list page: state in, one page of rows out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request
from flask_admin import expose
from flask_babel import ngettext
from sqlalchemy import select

from gecko.db import db
from gecko.folding import sort_key

from ..guard import holds
from . import state as states
from .columns import Column
from .filters import Applied
from .records import Records
from .rights import Rights
from .rows import Rows
from .source import Found, Source, searched
from .state import GridState
from .totals import Total, recall, total


@dataclass(slots=True)
class GridPage:
    """Everything that a list's template needs."""

    state: GridState
    shown: list[Column]
    rows: list[Any]
    values: dict[str, dict[int, Any]]
    found: Found
    total: Total
    applied: list[Applied]
    sort: str
    is_descending: bool

    @property
    def last_page(self) -> int:
        """The number of the last page, as far as is known."""
        return self.total.pages(self.state.size)


class Listing(Rights, Rows, Records):
    """The list, its rows alone (for htmx), and the exact count."""

    def source(self, state: GridState) -> tuple[Source, list[Applied]]:
        """The rows that a state asks for, within what the user may see."""
        applied = [one for one in (item.apply(state.filters) for item in self.filters.values()) if one]
        sort, descending = self.order(state)
        column = self.sorts.get(sort, self.table.c.id)
        live, conditions = self._visible(is_deleted=state.is_deleted)
        good = [one for one in applied if one.error is None]
        conditions += [(one.condition, one.condition) for one in good]
        conditions += searched(self.table, state.search, self.dialect)
        if state.letter:
            start = self.letter_condition(column, state.letter, descending)
            conditions += [] if start is None else [(start, start)]
        equals = frozenset(one.equals for one in good if one.equals)
        place = None if state.is_deleted else self.column_places.get(sort)
        return Source(db.session(), self.table, column, descending, live, conditions, equals, place), applied

    def order(self, state: GridState) -> tuple[str, bool]:
        """The sort in force: the address's where it is one of ours."""
        if state.sort in self.sorts:
            return str(state.sort), state.descending
        return self.default_sort, self.default_descending

    def letter_condition(self, column: Any, letter: str, descending: bool) -> Any:
        """From this letter on (or back, where the sort descends); only where the sort key is text."""
        if column.key != "name_sort":
            return None
        key = sort_key(letter if self.dialect == "sqlite" else letter.lower())
        return column < key + "\U0010ffff" if descending else column >= key

    def _visible(self, *, is_deleted: bool = False) -> tuple[list[Any], list[Any]]:
        live: list[Any] = []
        conditions: list[Any] = []
        if self.has_soft_delete:
            if is_deleted and holds(self.delete_permission):
                gone = self.table.c.deleted_at.is_not(None)
                conditions.append((gone, gone))
            else:
                live.append(self.table.c.deleted_at.is_(None))
        scoped = self.scope(select(self.model.id))
        if scoped.whereclause is not None:
            rule = scoped.whereclause
            if list(scoped.get_final_froms()) != [self.table]:
                rule = self.table.c.id.in_(scoped)
            conditions.append((rule, rule))
        return live, conditions

    def build(self, state: GridState, shown: list[Column]) -> GridPage:
        """Find, count and load one page."""
        source, applied = self.source(state)
        recall(source)
        found = source.page(state)
        counted = Total(source.exact_count()) if state.is_exact else total(source)
        if state.token is None and state.step == "first" and state.page > (last := counted.last_page(state.size)):
            state = states.at_page(state, last)
            found = source.page(state)
        sort, descending = self.order(state)
        rows = self.load_rows(found.ids, shown)
        values = self.shown_values(rows, shown)
        return GridPage(state, shown, rows, values, found, counted, applied, sort, descending)

    @expose("/")
    def index_view(self) -> Any:
        """The list; only its table where htmx asks."""
        choice = self.choice()
        state = states.read(request.args, size=choice.size)
        page = self.build(state, self.shown_columns(choice.columns))
        partial = bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")
        template = "admin/model/table.html" if partial else self.list_template
        return self.render(template, page=page, grid=self, choice=choice, **self.list_context(page))

    def list_context(self, page: GridPage) -> dict[str, Any]:
        """Override: more values for the list's template."""
        return {}

    @expose("/count")
    def count_view(self) -> Any:
        """The exact number of rows that match, however long it takes."""
        state = states.read(request.args)
        source, _applied = self.source(state)
        count = source.exact_count()
        return ngettext("%(count)s record", "%(count)s records", count, count=self.number(count))

    def shown_columns(self, chosen: list[str] | None) -> list[Column]:
        """The chosen columns in the chosen order, or the default ones."""
        known = [self.columns[name] for name in chosen or () if name in self.columns]
        return known or [column for name, column in self.columns.items() if name not in self.column_hidden]
