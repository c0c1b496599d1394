"""GridView: Flask-Admin's model view with every page of a list and its records replaced by ours."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_admin.contrib.sqla import ModelView
from flask_admin.form import BaseForm

from gecko.db import db

from ..converter import GeckoModelConverter
from ..guard import Guard, Needed
from . import bulk_job  # noqa: F401 (registers its job)
from .bulk import Bulk
from .exporting import Exporting
from .lookup import Lookup


class GridView(Guard, Bulk, Exporting, Lookup, ModelView):
    """A list with its records.

    Subclasses state `model`, `slug` (endpoint and URL), `title`, `permission`, then `column_list` and what else
    `config.Declared` names, `form_columns`, and the rights of the actions that exist: an action without a right
    does not exist. `scope` is the row-level policy of every page, look-up and export.
    """

    permission: Needed
    create_permission: Needed | None = None
    edit_permission: Needed | None = None
    delete_permission: Needed | None = None
    export_permission: Needed | None = None
    form_base_class = BaseForm
    model_form_converter = GeckoModelConverter
    form_lookups: ClassVar[dict[str, str]] = {}
    """Foreign keys in the form that are searched: {column: endpoint of the grid to search}."""
    list_template = "admin/model/list.html"
    row_template: str | None = None
    """A template for each row, where a grid needs more than `column_formatters` give."""
    column_display_actions = False
    can_export = False

    # Stock pages that have no address here: they write, list or export past our rules.
    ajax_update = None
    ajax_lookup = None
    export = None
    action_view = None

    def __init__(self, model: type[Any] | None = None, **kw: Any) -> None:
        self.model = model or type(self).model
        self._derive()
        kw.setdefault("endpoint", self.slug or self.model.__tablename__)
        kw.setdefault("name", self.title)
        kw.setdefault("menu_icon_value", self.icon)
        super().__init__(self.model, db, **kw)

    # What the stock class would derive from declarations that we read ourselves.
    def get_list_columns(self) -> list[tuple[str, Any]]:
        """Name and label of every column."""
        return [(column.name, column.label) for column in self.columns.values()]

    def get_details_columns(self) -> list[tuple[str, Any]]:
        """The same columns."""
        return self.get_list_columns()

    def get_export_columns(self) -> list[tuple[str, Any]]:
        """The same columns."""
        return self.get_list_columns()

    def get_sortable_columns(self) -> dict[Any, Any]:
        """None by the stock rules; see `column_sortable_list`."""
        return {}

    def get_filters(self) -> None:
        """None by the stock rules; see `column_filters`."""

    def init_search(self) -> bool:
        """The stock search is off; ours needs no declaration but the table's search text."""
        return False

    def scaffold_auto_joins(self) -> list[Any]:
        """No guessed joins."""
        return []

    def scaffold_form(self) -> type[Any]:
        """No form where nothing can be written."""
        if self.create_permission is None and self.edit_permission is None and not self.form_columns:
            return self.form_base_class  # type: ignore[no-any-return]
        return super().scaffold_form()
