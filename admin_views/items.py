"""The grids of items and item groups."""

from __future__ import annotations

from typing import Any

from gecko.language import _
from gecko.models.items import Item, ItemGroup, ItemKind
from gecko.modules import Gate, Module
from gecko.operations import items
from gecko.permissions import Permission

from .base import GridView
from .grid import filters

KINDS = ((ItemKind.PRODUCT, _("Product")), (ItemKind.SERVICE, _("Service")))


class ItemsView(GridView):
    """Everything sold, with its present price."""

    model = Item
    slug = "items"
    title = _("Items")
    icon = "package"
    permission = Permission.ITEM_VIEW
    create_permission = edit_permission = delete_permission = Permission.ITEM_EDIT
    export_permission = Permission.ITEM_VIEW
    gate = Gate((Module.CASH_REGISTER,))
    column_list = ("item_no", "name", "group", "kind", "price_ore", "is_vat_exempt", "barcode", "is_active")
    column_hidden = ("cost_ore", "created_at")
    column_labels = {
        "item_no": _("Item no."),
        "name": _("Name"),
        "group": _("Item group"),
        "group_id": _("Item group"),
        "kind": _("Kind"),
        "price_ore": _("Price with VAT"),
        "cost_ore": _("Purchase price"),
        "is_vat_exempt": _("Exempt from VAT"),
        "barcode": _("Barcode"),
        "is_active": _("Active"),
        "created_at": _("Created"),
    }
    column_sortable_list = ("item_no", ("name", "name_sort"))
    column_default_sort = "name"
    column_choices = {"kind": KINDS}
    column_filters = (
        filters.Relation("group_id", target=ItemGroup),
        filters.Choice("kind", choices=KINDS),
        filters.MoneyRange("price_ore"),
        filters.Boolean("is_vat_exempt"),
        filters.Boolean("is_active"),
    )
    inline_columns = ("price_ore", "barcode")
    bulk_edit_columns = ("group_id", "is_active")
    form_columns = (
        "item_no", "name", "kind", "group_id", "price_ore", "cost_ore", "is_vat_exempt", "barcode", "is_active",
    )  # fmt: skip
    form_choices = {"kind": KINDS}
    form_groups = (
        (_("Item"), ("item_no", "name", "kind", "group_id", "barcode", "is_active")),
        (_("Price"), ("price_ore", "cost_ore", "is_vat_exempt")),
    )

    def search_placeholder(self) -> str:
        """What can be searched for."""
        return str(_("Item no., name or barcode"))

    def perform_create(self, values: dict[str, Any]) -> Any:
        """Add an item."""
        return items.create(values)

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """Change an item."""
        return items.update(row.id, values)

    def perform_delete(self, row: Any) -> None:
        """Hide an item."""
        items.delete(row.id)

    def perform_restore(self, row: Any) -> None:
        """Bring an item back."""
        items.restore(row.id)


class ItemGroupsView(GridView):
    """Groups of items with their accounts."""

    model = ItemGroup
    slug = "item-groups"
    title = _("Item groups")
    icon = "tags"
    permission = Permission.ITEM_VIEW
    create_permission = edit_permission = delete_permission = Permission.ITEM_EDIT
    gate = Gate((Module.CASH_REGISTER,))
    column_list = ("name", "account_no")
    column_labels = {"name": _("Name"), "account_no": _("Account no.")}
    column_sortable_list = ("name",)
    column_default_sort = "name"
    form_columns = ("name", "account_no")

    def perform_create(self, values: dict[str, Any]) -> Any:
        """Add a group."""
        return items.create_group(values)

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """Change a group."""
        return items.update_group(row.id, values)

    def perform_delete(self, row: Any) -> None:
        """Remove an empty group."""
        items.delete_group(row.id)
