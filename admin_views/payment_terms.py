"""The grid of payment terms."""

from __future__ import annotations

from typing import Any

from gecko.language import _
from gecko.models.debtors import DayKind, PaymentTerm
from gecko.modules import Feature, Gate
from gecko.operations import payment_terms
from gecko.permissions import Permission

from .base import GridView

DAY_KINDS = ((DayKind.CALENDAR, _("Calendar days")), (DayKind.BANKING, _("Banking days")))


class PaymentTermsView(GridView):
    """How long debtors have to pay; exactly one term is the default."""

    model = PaymentTerm
    slug = "payment-terms"
    title = _("Payment terms")
    icon = "calendar"
    permission = Permission.DEBTOR_VIEW
    create_permission = edit_permission = delete_permission = Permission.DEBTOR_SETUP
    gate = Gate((Feature.INVOICES,))
    column_list = ("name", "days", "day_kind", "is_default", "is_active")
    column_labels = {
        "name": _("Name"),
        "days": _("Days"),
        "day_kind": _("Counted in"),
        "is_default": _("Default"),
        "is_active": _("Active"),
    }
    column_sortable_list = ("name",)
    column_default_sort = "name"
    column_choices = {"day_kind": DAY_KINDS}
    form_columns = ("name", "days", "day_kind", "is_default", "is_active")
    form_choices = {"day_kind": DAY_KINDS}

    def perform_create(self, values: dict[str, Any]) -> Any:
        """Add a term."""
        return payment_terms.create(values)

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """Change a term."""
        return payment_terms.update(row.id, values)

    def perform_delete(self, row: Any) -> None:
        """Remove an unused term."""
        payment_terms.delete(row.id)
