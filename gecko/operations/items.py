"""Items and item groups: created, changed, hidden. Issued documents keep what they were issued with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from ..clock import now
from ..db import db
from ..errors import Invalid, NotFound
from ..language import _
from ..models.items import Item, ItemGroup, ItemKind
from ..money import LARGEST_ORE
from .names import require_unused_name

FIELDS = (
    "item_no", "name", "kind", "price_ore", "cost_ore", "barcode", "is_vat_exempt", "is_active", "group_id",
)  # fmt: skip


def create(values: Mapping[str, Any]) -> Item:
    """Add an item."""
    item = Item(**{"kind": ItemKind.PRODUCT, **_checked(values, None)})
    db.session.add(item)
    db.session.flush()
    return item


def update(item_id: int, values: Mapping[str, Any]) -> Item:
    """Change an item, for what is sold from now on."""
    item = db.session.get(Item, item_id, with_for_update={"of": Item})
    if item is None or item.deleted_at is not None:
        raise NotFound
    merged = {name: getattr(item, name) for name in FIELDS} | dict(values)
    for name, value in _checked(merged, item_id).items():
        setattr(item, name, value)
    db.session.flush()
    return item


def delete(item_id: int) -> None:
    """Hide an item."""
    item = db.session.get(Item, item_id)
    if item is None:
        raise NotFound
    item.deleted_at = now()
    db.session.flush()


def restore(item_id: int) -> Item:
    """Bring a hidden item back."""
    item = db.session.get(Item, item_id)
    if item is None:
        raise NotFound
    item.deleted_at = None
    db.session.flush()
    return item


def create_group(values: Mapping[str, Any]) -> ItemGroup:
    """Add an item group."""
    group = ItemGroup(name=require_unused_name(ItemGroup, values.get("name")), account_no=values.get("account_no"))
    db.session.add(group)
    db.session.flush()
    return group


def update_group(group_id: int, values: Mapping[str, Any]) -> ItemGroup:
    """Change an item group."""
    group = db.session.get(ItemGroup, group_id)
    if group is None:
        raise NotFound
    if "name" in values:
        group.name = require_unused_name(ItemGroup, values["name"], but=group_id)
    if "account_no" in values:
        group.account_no = values["account_no"]
    db.session.flush()
    return group


def delete_group(group_id: int) -> None:
    """Remove an item group without items, hidden ones included."""
    group = db.session.get(ItemGroup, group_id, with_for_update=True)
    if group is None:
        raise NotFound
    if db.session.scalar(select(Item.id).where(Item.group_id == group_id).limit(1)) is not None:
        raise Invalid(_("The group has items; move them first."))
    db.session.delete(group)
    db.session.flush()


def _checked(values: Mapping[str, Any], item_id: int | None) -> dict[str, Any]:
    checked = {name: values[name] for name in FIELDS if name in values}
    for name in ("item_no", "name", "barcode"):
        if isinstance(checked.get(name), str):
            checked[name] = checked[name].strip() or None
    for name in ("item_no", "name"):
        if not checked.get(name):
            raise Invalid(_("This field is required."), field=name)
    price, cost = checked.get("price_ore"), checked.get("cost_ore")
    if price is None or not 0 <= price <= LARGEST_ORE:
        raise Invalid(_("The price must not be negative."), field="price_ore")
    if cost is not None and not 0 <= cost <= LARGEST_ORE:
        raise Invalid(_("The price must not be negative."), field="cost_ore")
    if checked.get("group_id") is not None and db.session.get(ItemGroup, checked["group_id"]) is None:
        raise Invalid(_("The choice no longer exists."), field="group_id")
    _require_free("item_no", checked["item_no"], item_id)
    if checked.get("barcode"):
        _require_free("barcode", checked["barcode"], item_id)
    return checked


def _require_free(name: str, value: str, item_id: int | None) -> None:
    taken = select(Item.id).where(getattr(Item, name) == value)
    if item_id is not None:
        taken = taken.where(Item.id != item_id)
    if db.session.scalar(taken.limit(1)) is not None:
        raise Invalid(_("“%(name)s” is already in use."), field=name, name=value)
