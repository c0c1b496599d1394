"""What a grid declares, and its check when the view is made: only indexed sorts, known columns, bound filters."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import inspect
from sqlalchemy.orm import RelationshipProperty

from gecko.db import SoftDeleted, db

from .columns import Column, kind_of, label_of
from .filters import Filter


class Declared:
    """The declarations of a GridView and what is derived from them."""

    model: Any
    column_list: Any = ()
    column_labels: Any = None
    column_sortable_list: Any = ()
    """Names, or (name, column) pairs; each must be led by an index."""
    column_default_sort: Any = None
    """A name, or (name, True) for descending."""
    column_filters: Any = ()
    column_formatters: ClassVar[Any] = {}
    column_choices: Any = None
    column_hidden: tuple[str, ...] = ()
    """Columns that the column chooser offers but that are not shown at first."""
    column_needs: ClassVar[dict[str, tuple[str, ...]]] = {}
    """For a column that is a property: the columns and relations it reads."""
    column_lookups: ClassVar[dict[Any, tuple[str, ...]]] = {}
    """What finds the values of columns that are no attributes, with those columns: asked where one of them is shown."""
    inline_columns: tuple[str, ...] = ()
    """Columns that may be edited in the list; each must stand in `form_columns`."""
    bulk_edit_columns: tuple[str, ...] = ()
    """Columns that may be set for many rows at once; each must stand in `form_columns`."""
    column_places: ClassVar[dict[str, Any]] = {}
    """For a sort whose rows are counted by their keys: what finds the n-th row (see `Source.place`)."""
    row_class: Any = None
    has_edit_link = True
    """Whether each row ends with a link to its edit page; not where the row's own link leads there."""

    def _derive(self) -> None:
        """Build columns, sorts and filters; raises where a declaration cannot hold."""
        labels = self.column_labels or {}
        self.has_soft_delete = issubclass(self.model, SoftDeleted)
        self.has_version = hasattr(self.model, "row_version")
        self.table = self.model.__table__
        sorts = dict(self._sort(entry) for entry in self.column_sortable_list or ())
        names = list(dict.fromkeys([*(self.column_list or ()), *self.column_hidden]))
        self.columns: dict[str, Column] = {
            name: Column(
                name,
                labels.get(name) or label_of(name),
                self._kind(name),
                sorts.get(name),
                name in self.inline_columns,
                self._relation(name),
            )
            for name in names
        }
        self.sorts = sorts
        self.loads: dict[tuple[str, ...], Any] = {}
        default = self.column_default_sort or "id"
        self.default_sort, self.default_descending = default if isinstance(default, tuple) else (default, False)
        if self.default_sort not in sorts and self.default_sort != "id":
            raise RuntimeError(f"{type(self).__name__}: the default sort {self.default_sort!r} is not sortable")
        self.filters: dict[str, Filter] = {}
        for one in self.column_filters or ():
            one.bind(self.model, labels.get(one.name) or label_of(one.name))
            self.filters[one.name] = one

    def _sort(self, entry: Any) -> tuple[str, Any]:
        name, target = entry if isinstance(entry, tuple) else (entry, entry)
        column = self.table.c[target] if isinstance(target, str) else target.property.columns[0]
        if not self._is_indexed(column):
            raise RuntimeError(f"{type(self).__name__}: no index leads with {column.name!r}; it cannot be sorted by")
        return name, column

    def _is_indexed(self, column: Any) -> bool:
        if column.primary_key or column.unique:
            return True
        return any(next(iter(index.columns), None) is column for index in self.table.indexes)

    def _relation(self, name: str) -> str | None:
        first = name.split(".")[0]
        attribute = inspect(self.model).attrs.get(first)
        return first if isinstance(attribute, RelationshipProperty) else None

    def _kind(self, name: str) -> str:
        if "." not in name:
            return "choice" if self.column_choices and name in self.column_choices else kind_of(self.model, name)
        attribute = inspect(self.model).attrs[name.split(".")[0]]
        return kind_of(attribute.mapper.class_, name.split(".", 1)[1])

    @property
    def dialect(self) -> str:
        """The database in use: sqlite or postgresql."""
        return db.engine.dialect.name
