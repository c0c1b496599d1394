"""Custom fields: which ones an installation has, for which groups and forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from ..clock import now
from ..db import db
from ..errors import Conflict, Invalid, NotFound
from ..language import _
from ..models.customer_fields import CustomerField, FieldType
from ..models.customer_groups import CustomerGroup
from . import customer_field_values, customer_values

TYPE_LABELS: dict[FieldType, Any] = {
    FieldType.LINE: _("Line of text"),
    FieldType.TEXT: _("Text of several lines"),
    FieldType.NUMBER: _("A number"),
    FieldType.DATE: _("Date"),
    FieldType.YES_NO: _("Yes or no"),
    FieldType.CHOICE: _("Choice from a list"),
}
_FLAGS = ("all_groups", "show_create", "show_profile", "is_required", "is_sensitive")


def create(values: Mapping[str, Any]) -> CustomerField:
    """Add a field; its type is settled for good."""
    try:
        kind = FieldType(values.get("type") or "")
    except ValueError:
        raise Invalid("Choose a type.", field="type") from None
    last = db.session.scalar(select(func.max(CustomerField.position))) or 0
    field = CustomerField(name="", type=kind, position=last + 10, **dict.fromkeys(("all_groups", "show_create"), True))
    field.show_profile, field.is_required = True, False
    _fill(field, {key: value for key, value in values.items() if key != "type"})
    db.session.add(field)
    db.session.flush()
    return field


def change(field_id: int, values: Mapping[str, Any], *, row_version: int | None = None) -> CustomerField:
    """Change everything about a field but its type."""
    field = get(field_id)
    if row_version is not None and field.row_version != row_version:
        raise Conflict
    if "type" in values and values["type"] != field.type:
        raise Invalid("The type of a field cannot be changed. Make a new field and delete this one.", field="type")
    _fill(field, {key: value for key, value in values.items() if key != "type"})
    db.session.flush()
    return field


def get(field_id: int) -> CustomerField:
    """One living field; raises NotFound."""
    field = db.session.get(CustomerField, field_id)
    if field is None or field.deleted_at is not None:
        raise NotFound
    return field


def _fill(field: CustomerField, values: Mapping[str, Any]) -> None:
    if "name" in values or not field.name:
        field.name = customer_values.clean_one("name", values.get("name"))
    for flag in _FLAGS:
        if flag in values:
            setattr(field, flag, bool(values[flag]))
    if "position" in values:
        field.position = int(values["position"] or 0)
    for column in ("alert_text", "choices"):
        if column in values:
            setattr(field, column, customer_values.text(values[column]))
    if field.type is FieldType.CHOICE and not customer_field_values.choices_of(field):
        raise Invalid("Write the choices, one on each line.", field="choices")
    if "group_ids" in values:
        _choose_groups(field, values["group_ids"] or [])
    if not field.all_groups and not field.groups:
        raise Invalid("Choose the groups that have this field.", field="group_ids")


def _choose_groups(field: CustomerField, group_ids: list[int]) -> None:
    wanted = set(map(int, group_ids))
    field.groups = list(db.session.scalars(select(CustomerGroup).where(CustomerGroup.id.in_(wanted))))


def delete(field_id: int) -> None:
    """Take a field out of all forms; what customers answered stays stored for a restore."""
    get(field_id).deleted_at = now()
    db.session.flush()


def restore(field_id: int) -> None:
    """Bring a deleted field back with its answers."""
    field = db.session.get(CustomerField, field_id)
    if field is None:
        raise NotFound
    field.deleted_at = None
    db.session.flush()


def active() -> list[CustomerField]:
    """All living fields in order."""
    return list(
        db.session.scalars(
            select(CustomerField)
            .where(CustomerField.deleted_at.is_(None))
            .order_by(CustomerField.position, CustomerField.id)
        )
    )
