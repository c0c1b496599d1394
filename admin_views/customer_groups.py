"""Customer groups: each a customer database of its own."""

from __future__ import annotations

from typing import Any

from flask import flash, get_template_attribute, redirect, url_for
from flask_admin import expose
from flask_babel import gettext, ngettext
from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.language import _
from gecko.models.customer_groups import CustomerGroup
from gecko.models.customers import Customer
from gecko.operations import customer_groups, visibility
from gecko.permissions import Permission

from .base import GridView, principal


def _primary(grid: Any, _context: Any, row: Any, _name: str) -> Any:
    """Whether the group is the primary one, or the button that makes it so."""
    if row.is_primary or not (row.is_active and grid.may_edit()):
        return gettext("Yes") if row.is_primary else gettext("No")
    post = get_template_attribute("gecko/ui.html", "post")
    return post(url_for("groups.primary_view"), gettext("Make primary"), values={"id": row.id})


class GroupsView(GridView):
    """All groups; the primary one stays active and is never deleted."""

    model = CustomerGroup
    slug = "groups"
    title = _("Customer groups")
    icon = "users-group"
    permission = Permission.CUSTOMER_VIEW
    create_permission = Permission.CUSTOMER_SETUP
    edit_permission = Permission.CUSTOMER_SETUP
    delete_permission = Permission.CUSTOMER_SETUP

    column_list = ("name", "members", "is_active", "is_primary", "default_clips", "description")
    column_labels = {
        "name": _("Name"), "members": _("Customers"), "is_active": _("Active"), "is_primary": _("Primary"),
        "default_clips": _("Clips of a new customer"), "description": _("Description"),
        "description_2": _("Description 2"), "description_3": _("Description 3"), "created_at": _("Created"),
    }  # fmt: skip
    column_hidden = ("description_2", "description_3", "created_at")
    column_sortable_list = ("name",)
    column_needs = {"is_primary": ("is_primary", "is_active")}
    column_formatters = {"is_primary": _primary}
    column_default_sort = "name"
    form_columns = ("name", "is_active", "default_clips", "description", "description_2", "description_3")

    def scope(self, statement: Any) -> Any:
        """Limited users see their own groups."""
        return visibility.customer_groups(statement, principal())

    def page_values(self, ids: list[int]) -> dict[str, dict[int, Any]]:
        """How many customers each group has."""
        counted = customer_groups.member_counts()
        return {"members": {group_id: self.number(counted.get(group_id, 0)) for group_id in ids}}

    def perform_create(self, values: dict[str, Any]) -> Any:
        """A name is enough."""
        return customer_groups.create(values)

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """The primary group stays active."""
        return customer_groups.change(row.id, values, row_version=row.row_version)

    def perform_delete(self, row: Any) -> None:
        """Only empty groups."""
        customer_groups.delete(row.id)

    def delete_effect(self, row: Any) -> list[str]:
        """How many customers stand in the way."""
        statement = select(func.count()).select_from(Customer).where(Customer.group_id == row.id)
        count = db.session.scalar(statement) or 0
        if not count:
            return [gettext("The group holds no customers.")]
        return [
            ngettext("The group holds %(num)d customer.", "The group holds %(num)d customers.", count),
            gettext("A group with customers cannot be deleted. Make it inactive instead."),
        ]

    def create_title(self) -> str:
        """Heading of the create page."""
        return gettext("Create customer group")

    @expose("/primary", methods=("POST",))
    def primary_view(self) -> Any:
        """Make another group the primary one."""
        self.demand(self.edit_permission)
        group_id = self.one_or_404().id
        with transaction():
            name = customer_groups.make_primary(group_id).name
        flash(gettext("%(name)s is the primary group now.", name=name), "success")
        return redirect(url_for("groups.index_view"), 303)
