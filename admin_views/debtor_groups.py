"""The grid of debtor groups."""

from __future__ import annotations

from typing import Any

from gecko.language import _
from gecko.models.debtors import DebtorGroup
from gecko.modules import Feature, Gate
from gecko.operations import debtor_groups
from gecko.permissions import Permission

from .base import GridView


class DebtorGroupsView(GridView):
    """Groups of debtors, with the payment term of members that have none of their own."""

    model = DebtorGroup
    slug = "debtor-groups"
    title = _("Debtor groups")
    icon = "stack-2"
    permission = Permission.DEBTOR_VIEW
    create_permission = edit_permission = delete_permission = Permission.DEBTOR_SETUP
    gate = Gate((Feature.INVOICES,))
    column_list = ("name", "default_term", "is_active")
    column_labels = {
        "name": _("Name"),
        "default_term": _("Payment term"),
        "default_term_id": _("Payment term"),
        "is_active": _("Active"),
    }
    column_sortable_list = ("name",)
    column_default_sort = "name"
    form_columns = ("name", "default_term_id", "is_active")

    def perform_create(self, values: dict[str, Any]) -> Any:
        """Add a group."""
        return debtor_groups.create(values)

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """Change a group."""
        return debtor_groups.update(row.id, values)

    def perform_delete(self, row: Any) -> None:
        """Remove an empty group."""
        debtor_groups.delete(row.id)
