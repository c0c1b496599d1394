"""Customer groups: exactly one is primary, and a group with customers is never deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, func, select

from ..db import db
from ..errors import Conflict, Invalid, NotFound
from ..language import _
from ..models.bookings import Calendar, Service
from ..models.customer_groups import CustomerGroup
from ..models.customers import Customer
from . import customer_values

_TEXTS = ("description", "description_2", "description_3")


def create(values: Mapping[str, Any]) -> CustomerGroup:
    """Add a group; a name is enough."""
    group = CustomerGroup(name="", is_primary=False)
    _fill(group, {"is_active": True, **values})
    db.session.add(group)
    db.session.flush()
    return group


def change(group_id: int, values: Mapping[str, Any], *, row_version: int | None = None) -> CustomerGroup:
    """Change a group; raises Invalid where the primary one would become inactive."""
    group = get(group_id)
    if row_version is not None and group.row_version != row_version:
        raise Conflict
    _fill(group, values)
    db.session.flush()
    return group


def _fill(group: CustomerGroup, values: Mapping[str, Any]) -> None:
    if "name" in values or not group.name:
        group.name = _free_name(values.get("name"), group.id)
    for column in _TEXTS:
        if column in values:
            setattr(group, column, customer_values.text(values[column]))
    if "default_clips" in values:
        group.default_clips = customer_values.clips(values["default_clips"])
    if "is_active" in values:
        if group.is_primary and not values["is_active"]:
            raise Invalid("The primary group cannot be made inactive.", field="is_active")
        group.is_active = bool(values["is_active"])


def _free_name(value: Any, group_id: int | None) -> str:
    name = customer_values.clean_one("name", value)
    taken = select(CustomerGroup.id).where(func.lower(CustomerGroup.name) == name.lower())
    if group_id is not None:
        taken = taken.where(CustomerGroup.id != group_id)
    if db.session.scalar(taken) is not None:
        raise Invalid("There is already one with this name.", field="name")
    return str(name)


def get(group_id: int) -> CustomerGroup:
    """One group; raises NotFound."""
    group = db.session.get(CustomerGroup, group_id)
    if group is None:
        raise NotFound
    return group


def require_or_none(group_id: int | None) -> int | None:
    """The id of a group that is there, or None for every group; raises Invalid."""
    if group_id is not None and db.session.get(CustomerGroup, group_id) is None:
        raise Invalid("The choice no longer exists.", field="group_id")
    return group_id


def make_primary(group_id: int) -> CustomerGroup:
    """Make another, active group the primary one."""
    group = get(group_id)
    if not group.is_active:
        raise Invalid("An inactive group cannot be the primary one.")
    if not group.is_primary:
        former = db.session.scalars(select(CustomerGroup).where(CustomerGroup.is_primary)).all()
        for other in former:
            other.is_primary = False
        db.session.flush()
        group.is_primary = True
        db.session.flush()
    return group


def delete(group_id: int) -> None:
    """Delete an empty group; one with customers (deleted ones too) is to be made inactive instead."""
    group = get(group_id)
    if group.is_primary:
        raise Invalid("The primary group cannot be deleted.")
    count = db.session.scalar(select(func.count()).select_from(Customer).where(Customer.group_id == group_id)) or 0
    if count:
        raise Invalid(
            "The group %(name)s holds %(count)s customers and cannot be deleted. Make it inactive instead.",
            name=group.name,
            count=count,
        )
    for model in (Calendar, Service):
        if db.session.scalar(select(exists().where(model.group_id == group_id))):
            raise Invalid(
                _("Calendars or services are for the group %(name)s only; give them to another one first."),
                name=group.name,
            )
    db.session.delete(group)
    db.session.flush()


def member_counts() -> dict[int, int]:
    """How many living customers each group has."""
    rows = db.session.execute(
        select(Customer.group_id, func.count()).where(Customer.deleted_at.is_(None)).group_by(Customer.group_id)
    )
    return dict(rows.all())
