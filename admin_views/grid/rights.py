"""What the signed-in user may do on a grid, as its templates ask it, and the addresses they link to."""

from __future__ import annotations

import secrets
from typing import Any

from flask import request
from flask_babel import gettext as _

from gecko.permissions import Permission

from ..guard import holds
from ..login import principal
from .columns import written
from .config import Declared
from .filters import Applied
from .state import SIZES, GridState


class Rights(Declared):
    """Questions of the templates."""

    def may_create(self) -> bool:
        """Whether a new record can be made here."""
        return holds(self.create_permission)

    def may_edit(self) -> bool:
        """Whether records can be changed here."""
        return holds(self.edit_permission)

    def may_delete(self) -> bool:
        """Whether records can be deleted here."""
        return holds(self.delete_permission)

    def may_export(self) -> bool:
        """Whether the list can be exported."""
        return holds(self.export_permission)

    def may_see_deleted(self) -> bool:
        """Whether the deleted ones can be listed."""
        return self.has_soft_delete and self.may_delete()

    def may_share(self) -> bool:
        """Whether saved views can be shared."""
        return holds(Permission.VIEW_SHARE)

    def may_delete_view(self, view: Any) -> bool:
        """One's own views, and shared ones for those who may share."""
        return view.user_id == principal().user_id or (view.is_shared and self.may_share())

    def is_searchable(self) -> bool:
        """Whether the table has a search index."""
        return "search_text" in self.table.c

    def search_placeholder(self) -> str:
        """Override: what can be searched for."""
        return _("Search")

    def create_title(self) -> str:
        """Override: heading of the create page."""
        return _("New: %(list)s", list=self.name)

    def empty_text(self) -> tuple[str, ...]:
        """Override: title, text and optionally address and label of the next step, for a list without any row."""
        if self.may_create():
            return _("Nothing here yet"), _("Make the first one."), self.get_url(".create_view"), _("New")
        return _("Nothing here yet"), _("Records appear here as soon as there are any.")

    def row_url(self, row: Any) -> str | None:
        """Override: where a row leads; None where it has no page."""
        return f"{self.get_url('.index_view')}details/?id={row.id}"

    def search_url(self, typed: str) -> str:
        """Override: the list with everything that matches what was typed."""
        return str(self.get_url(".index_view", q=typed))

    def edit_url(self, row: Any) -> str:
        """Where a row is edited; back to this list afterwards."""
        return self.get_url(".edit_view", id=row.id, url=request.full_path.rstrip("?"))

    def letters(self, sort: str) -> bool:
        """Whether the list can be gone through by letter."""
        return getattr(self.sorts.get(sort), "key", "") == "name_sort"

    def without(self, state: GridState, one: Applied) -> str:
        """The address's query without one filter."""
        return state.query_string(**{f"f_{name}": None for name in one.parameters})

    def number(self, value: int) -> str:
        """A whole number in the reader's language."""
        return str(written("number", value))

    def page_sizes(self) -> tuple[int, ...]:
        """The sizes that the chooser offers."""
        return SIZES

    def switches(self, state: GridState) -> list[tuple[str, bool, str]]:
        """Override: switches beside the filters, as label, whether it is on, and the query that turns it."""
        return []

    def summary(self, page: Any) -> list[tuple[str, str, str | None]]:
        """Override: sums over the whole list, as label, value and, where it is reckoned on demand, its address."""
        return []

    def once(self) -> str:
        """A key that makes a form's second submit recognisable."""
        return secrets.token_urlsafe(12)
