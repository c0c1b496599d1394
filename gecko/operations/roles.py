"""Roles and what each allows; a change reaches everybody who has the role, at their next request."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm.attributes import flag_modified

from .. import audit
from ..db import db
from ..errors import Conflict, Invalid, NotAllowed, NotFound
from ..language import _
from ..models.people import (
    AccessTemplate,
    Role,
    RolePermission,
    StaffUser,
    access_template_role,
    staff_user_role,
)
from ..permissions import SUPER, Permission, Principal


@dataclass(frozen=True, slots=True)
class Change:
    """What saving the matrix would do to one role."""

    role_id: int
    name: str
    granted: tuple[Permission, ...]
    withdrawn: tuple[Permission, ...]
    users: int


def listed() -> list[Role]:
    """Every role, the super administrator first."""
    return list(db.session.scalars(select(Role).order_by(Role.key != SUPER, Role.id)))


def reached() -> dict[int, int]:
    """How many active users have each role, by themselves or through an access template."""
    own = select(staff_user_role.c.role_id, staff_user_role.c.user_id)
    lent = select(access_template_role.c.role_id, StaffUser.id).join(
        StaffUser, StaffUser.access_template_id == access_template_role.c.template_id
    )
    pairs = own.union(lent).subquery()
    statement = (
        select(pairs.c.role_id, func.count())
        .join(StaffUser, StaffUser.id == pairs.c.user_id)
        .where(StaffUser.is_active, StaffUser.deleted_at.is_(None))
        .group_by(pairs.c.role_id)
    )
    return {int(role_id): int(number) for role_id, number in db.session.execute(statement)}


def plan(wanted: dict[int, frozenset[str]]) -> list[Change]:
    """What setting the rights of each role in `wanted` would change; the super administrator never changes."""
    users, changes = reached(), []
    for role in listed():
        if role.key == SUPER or role.id not in wanted:
            continue
        before = _rights(role)
        after = {Permission(name) for name in wanted[role.id]}
        granted = tuple(right for right in Permission if right in after - before)
        withdrawn = tuple(right for right in Permission if right in before - after)
        if granted or withdrawn:
            changes.append(Change(role.id, role.name, granted, withdrawn, users.get(role.id, 0)))
    return changes


def _rights(role: Role) -> set[Permission]:
    known = set(Permission)
    return {Permission(right.permission) for right in role.permissions if right.permission in known}


def apply(wanted: dict[int, frozenset[str]], *, versions: dict[int, int], by: Principal) -> list[Change]:
    """Set the rights of roles; raises Conflict where somebody changed a role since `versions` were read."""
    changes = plan(wanted)
    for change in changes:
        role = db.session.get_one(Role, change.role_id, with_for_update=True)
        if role.row_version != versions.get(role.id):
            raise Conflict
        if not by.is_super and not {*change.granted, *change.withdrawn} <= by.permissions:
            raise NotAllowed(_("You cannot give or take rights that you do not have yourself."))
        after = (_rights(role) | set(change.granted)) - set(change.withdrawn)
        kept = [right for right in role.permissions if right.permission in after]
        role.permissions = kept + [RolePermission(permission=str(right)) for right in change.granted]
        flag_modified(role, "name")  # a new version, although only its links changed
        facts = {
            "role": role.name,
            "granted": [*change.granted],
            "withdrawn": [*change.withdrawn],
            "users": change.users,
        }
        audit.record("role.change", entity="role", entity_id=role.id, facts=facts)
    return changes


def create(name: str, *, like: int | None, by: Principal) -> Role:
    """Make a role with no rights, or with those of the role `like`."""
    model = db.session.get(Role, like) if like else None
    rights = _rights(model) if model else set()
    if model is not None and not by.is_super and (model.key == SUPER or not rights <= by.permissions):
        raise NotAllowed(_("You cannot give others rights that you do not have yourself."))
    role = Role(name=_free_name(name))
    role.permissions = [RolePermission(permission=str(right)) for right in sorted(rights)]
    db.session.add(role)
    db.session.flush()
    return role


def rename(role_id: int, name: str, *, row_version: int) -> None:
    """Call a role something else; raises Conflict."""
    role = get(role_id)
    if role.row_version != row_version:
        raise Conflict
    if name.strip() != role.name:
        role.name = _free_name(name)


def delete(role_id: int, *, by: Principal) -> None:
    """Remove a role that nobody has; the ones an installation starts with stay."""
    role = get(role_id)
    if role.key:
        raise Invalid(_("Roles that come with the system cannot be deleted."))
    if not by.is_super and not _rights(role) <= by.permissions:
        raise NotAllowed(_("You cannot give or take rights that you do not have yourself."))
    held = select(staff_user_role.c.user_id).where(staff_user_role.c.role_id == role_id).limit(1)
    lent = select(AccessTemplate.id).join(AccessTemplate.roles).where(Role.id == role_id).limit(1)
    if db.session.scalar(held) is not None or db.session.scalar(lent) is not None:
        raise Invalid(_("The role is in use. Take it from users and access templates first."))
    db.session.delete(role)


def get(role_id: int) -> Role:
    """One role; raises NotFound."""
    role = db.session.get(Role, role_id)
    if role is None:
        raise NotFound
    return role


def _free_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 80:
        raise Invalid(_("Fill in a name of at most 80 characters."), field="name")
    if db.session.scalar(select(Role.id).where(Role.name == name)) is not None:
        raise Invalid(_("There is already one with that name."), field="name")
    return name


def chosen(role_ids: Collection[int]) -> list[Role]:
    """The roles of the ids given."""
    return list(db.session.scalars(select(Role).where(Role.id.in_(role_ids)).order_by(Role.id)))
