"""Markings: the coloured tags that staff put on customers."""

from __future__ import annotations

from typing import Any

from flask import get_template_attribute
from flask_babel import gettext
from sqlalchemy import func, select

from gecko.db import db
from gecko.language import _
from gecko.models.markings import CustomerMarking, Marking
from gecko.operations import markings
from gecko.permissions import Permission

from .base import GridView


def _chip(_grid: Any, _context: Any, row: Any, _name: str) -> Any:
    return get_template_attribute("customer_profile/parts.html", "marking_chip")(row)


class MarkingsView(GridView):
    """All markings; one that is inactive stays on customers but is put on nobody new."""

    model = Marking
    slug = "markings"
    title = _("Markings")
    icon = "tags"
    permission = Permission.CUSTOMER_VIEW
    create_permission = Permission.CUSTOMER_SETUP
    edit_permission = Permission.CUSTOMER_SETUP
    delete_permission = Permission.CUSTOMER_SETUP

    list_template = "customers/list.html"

    column_list = ("name", "customers", "icon", "colour", "is_active")
    column_labels = {
        "name": _("Name"), "customers": _("Customers"), "icon": _("Icon"), "colour": _("Colour"),
        "is_active": _("Active"),
    }  # fmt: skip
    column_sortable_list = ("name",)
    column_default_sort = "name"
    column_needs = {"name": ("name", "icon", "colour"), "customers": ()}
    column_formatters = {"name": _chip}
    column_choices = {"icon": tuple(markings.ICONS.items()), "colour": tuple(markings.COLOURS.items())}
    form_columns = ("name", "icon", "colour", "is_active")
    form_choices = column_choices

    def page_values(self, ids: list[int]) -> dict[str, dict[int, Any]]:
        """How many customers carry each."""
        counted = db.session.execute(
            select(CustomerMarking.marking_id, func.count())
            .where(CustomerMarking.marking_id.in_(ids))
            .group_by(CustomerMarking.marking_id)
        ).all()
        found = dict.fromkeys(ids, 0) | dict(counted)
        return {"customers": {marking_id: self.number(count) for marking_id, count in found.items()}}

    def perform_create(self, values: dict[str, Any]) -> Any:
        """Add a marking."""
        return markings.create(values)

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """Change a marking."""
        return markings.change(row.id, values, row_version=row.row_version)

    def perform_delete(self, row: Any) -> None:
        """Only one that nobody carries."""
        markings.delete(row.id)

    def create_title(self) -> str:
        """Heading of the create page."""
        return gettext("Create marking")
