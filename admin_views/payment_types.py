"""The grid of payment types."""

from __future__ import annotations

from typing import Any

from gecko.language import _
from gecko.models.payment_types import PaymentMeans, PaymentType
from gecko.modules import Feature, Gate
from gecko.operations import payment_types
from gecko.permissions import Permission

from .base import GridView

MEANS = (
    (PaymentMeans.BANK, _("Bank")),
    (PaymentMeans.CASH, _("Cash")),
    (PaymentMeans.CARD, _("Payment card")),
    (PaymentMeans.MOBILE, _("Mobile payment")),
    (PaymentMeans.PREPAYMENT, _("Prepayment")),
    (PaymentMeans.OTHER, _("Other")),
)


class PaymentTypesView(GridView):
    """How debtors pay, with the account of each in the bookkeeping."""

    model = PaymentType
    slug = "payment-types"
    title = _("Payment types")
    icon = "credit-card"
    permission = Permission.DEBTOR_VIEW
    create_permission = edit_permission = delete_permission = Permission.DEBTOR_SETUP
    gate = Gate((Feature.INVOICES,))
    column_list = ("name", "means", "account_no", "is_active")
    column_labels = {
        "name": _("Name"),
        "means": _("Paid by"),
        "account_no": _("Account no."),
        "is_active": _("Active"),
    }
    column_sortable_list = ("name",)
    column_default_sort = "name"
    column_choices = {"means": MEANS}
    form_columns = ("name", "means", "account_no", "is_active")
    form_choices = {"means": MEANS}
    form_args = {"account_no": {"description": _("The account of the bookkeeping that payments are posted to")}}

    def perform_create(self, values: dict[str, Any]) -> Any:
        """Add a payment type."""
        return payment_types.create(values)

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """Change a payment type."""
        return payment_types.update(row.id, values)

    def perform_delete(self, row: Any) -> None:
        """Remove an unused payment type."""
        payment_types.delete(row.id)
