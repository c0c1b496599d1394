"""The rows of one page: read by key with exactly the columns and relations that are shown."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from sqlalchemy import bindparam, inspect, select
from sqlalchemy.orm import RelationshipProperty, joinedload, load_only, raiseload, selectinload

from gecko.db import db

from .columns import Column, written
from .config import Declared


class Rows(Declared):
    """Loading and writing out rows."""

    def page_values(self, ids: list[int]) -> dict[str, dict[int, Any]]:
        """Override: values that are no attribute of the row, as {column: {id: value}}, by one query each."""
        return {}

    def row_values(self, rows: list[Any]) -> dict[str, dict[int, Any]]:
        """Override instead of `page_values` where the loaded rows say what to look for."""
        return self.page_values([row.id for row in rows])

    def shown_values(self, rows: list[Any], shown: list[Column]) -> dict[str, dict[int, Any]]:
        """What `row_values` gives, and what `column_lookups` find for the columns that are shown."""
        found = self.row_values(rows)
        names = {column.name for column in shown}
        for look_up, columns in self.column_lookups.items():
            if names.intersection(columns):
                found |= look_up([row.id for row in rows])
        return found

    def load_rows(self, ids: list[int], shown: list[Column]) -> list[Any]:
        """The rows of `ids` in that order; whatever a column did not declare raises instead of querying."""
        if not ids:
            return []
        names = tuple(column.name for column in shown)
        if names not in self.loads:  # built once for each choice of columns
            wanted = self.model.id.in_(bindparam("ids", expanding=True))
            self.loads[names] = select(self.model).where(wanted).options(*self._options(shown))
        rows = {row.id: row for row in db.session.scalars(self.loads[names], {"ids": ids})}
        return [rows[row_id] for row_id in ids if row_id in rows]

    def _options(self, shown: list[Column]) -> list[Any]:
        attributes = inspect(self.model).attrs
        wanted = {
            "id",
            *(("row_version",) if self.has_version else ()),
            *(("deleted_at",) if self.has_soft_delete else ()),
        }
        relations: dict[str, set[str]] = {}
        needed = [need for column in shown for need in self.column_needs.get(column.name, (column.name,))]
        for name in [*needed, *self.column_needs.get("", ())]:
            first, _dot, rest = name.partition(".")
            attribute = attributes.get(first)
            if isinstance(attribute, RelationshipProperty):
                relations.setdefault(first, set()).update({rest} if rest else ())
                wanted |= {column.key for column in attribute.local_columns}
            elif attribute is not None:
                wanted.add(first)
        options: list[Any] = [load_only(*(getattr(self.model, name) for name in sorted(wanted)))]
        options += [self._relation_option(name, rest) for name, rest in sorted(relations.items())]
        return [*options, raiseload("*")]

    def _relation_option(self, name: str, nested: set[str]) -> Any:
        relation = inspect(self.model).attrs[name]
        load = selectinload if relation.uselist else joinedload
        option = load(getattr(self.model, name))
        target = relation.mapper.class_
        deeper = [
            selectinload(getattr(target, part.split(".")[0]))
            for part in sorted(nested)
            if isinstance(inspect(target).attrs.get(part.split(".")[0]), RelationshipProperty)
        ]
        return option.options(*deeper, raiseload("*"))

    def value(self, row: Any, column: Column, extra: dict[str, dict[int, Any]] | None = None) -> Any:
        """The plain value of one cell."""
        if extra and column.name in extra:
            return extra[column.name].get(row.id)
        found = row
        for part in column.name.split("."):
            found = getattr(found, part, None)
        return found

    def cell(self, row: Any, column: Column, extra: dict[str, dict[int, Any]] | None = None) -> Any:
        """One cell as the page shows it."""
        formatter = self.column_formatters.get(column.name)
        if formatter is not None:
            shown = formatter(self, None, row, column.name)
            return "" if shown is None else shown
        return written(column.kind, self.value(row, column, extra), self.words(column.name))

    def words(self, name: str) -> dict[str, Any] | None:
        """How the values of a choice are called."""
        choices = (self.column_choices or {}).get(name)
        if not choices:
            return None
        return {str(getattr(value, "value", value)): label for value, label in choices}

    def title_of(self, row: Any) -> str:
        """What a record is called in headings and messages."""
        return str(row) if type(row).__str__ is not object.__str__ else gettext("No. %(id)s", id=row.id)
