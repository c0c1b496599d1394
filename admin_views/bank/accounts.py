"""The grid of bank accounts."""

from __future__ import annotations

from typing import Any

from gecko.language import _
from gecko.models.bank import BankAccount
from gecko.modules import Feature, Gate
from gecko.operations.bank import accounts
from gecko.permissions import Permission

from ..base import GridView


class BankAccountsView(GridView):
    """Accounts of ours that payments come to."""

    model = BankAccount
    slug = "bank-accounts"
    title = _("Bank accounts")
    icon = "building-bank"
    permission = Permission.DEBTOR_VIEW
    create_permission = edit_permission = delete_permission = Permission.DEBTOR_SETUP
    gate = Gate((Feature.INVOICES,))
    column_list = ("name", "registration_no", "account_no")
    column_labels = {
        "name": _("Name"),
        "registration_no": _("Registration no."),
        "account_no": _("Account no."),
    }
    column_sortable_list = ("name",)
    column_default_sort = "name"
    form_columns = ("name", "registration_no", "account_no")

    def perform_create(self, values: dict[str, Any]) -> Any:
        """Add an account."""
        return accounts.create(values)

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """Change an account."""
        return accounts.update(row.id, values)

    def perform_delete(self, row: Any) -> None:
        """Remove an account without files."""
        accounts.delete(row.id)
