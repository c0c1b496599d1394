"""Debtor groups: created, changed, and deleted only when nobody belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from ..db import db
from ..errors import Invalid, NotFound
from ..language import _
from ..models.debtors import Debtor, DebtorGroup
from .names import require_unused_name

_FIELDS = ("name", "is_active", "default_term_id")


def create(values: Mapping[str, Any]) -> DebtorGroup:
    """Add a group."""
    checked = {name: values[name] for name in _FIELDS if name in values}
    group = DebtorGroup(**{**checked, "name": require_unused_name(DebtorGroup, values.get("name"))})
    db.session.add(group)
    db.session.flush()
    return group


def update(group_id: int, values: Mapping[str, Any]) -> DebtorGroup:
    """Change a group."""
    group = db.session.get(DebtorGroup, group_id)
    if group is None:
        raise NotFound
    for name in _FIELDS:
        if name == "name" and name in values:
            group.name = require_unused_name(DebtorGroup, values["name"], but=group_id)
        elif name in values:
            setattr(group, name, values[name])
    db.session.flush()
    return group


def delete(group_id: int) -> None:
    """Remove a group without members, deleted debtors included: they may be restored."""
    group = db.session.get(DebtorGroup, group_id, with_for_update=True)
    if group is None:
        raise NotFound
    if db.session.scalar(select(Debtor.id).where(Debtor.group_id == group_id).limit(1)) is not None:
        raise Invalid(_("The group has debtors; move them first or make the group inactive."))
    db.session.delete(group)
    db.session.flush()
