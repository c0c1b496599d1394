"""Users: made, changed and taken out by those who may manage them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from .. import audit
from ..clock import now
from ..db import db
from ..errors import Conflict, Invalid, NotFound
from ..language import LANGUAGES, _
from ..models.customer_groups import CustomerGroup
from ..models.people import AccessTemplate, Role, StaffUser
from ..permissions import Principal
from . import granting, sessions, super_administrators

_USERNAME = re.compile(r"[^\s/@\x00-\x1f]{2,60}|[^\s/@\x00-\x1f]+@[^\s/@\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class UserValues:
    """What an administrator decides about a user."""

    username: str
    name: str
    email: str | None = None
    language: str = "da"
    is_active: bool = True
    is_limited: bool = False
    template_id: int | None = None
    role_ids: frozenset[int] = frozenset()
    group_ids: frozenset[int] = frozenset()


def normal_username(typed: str) -> str:
    """The spelling that is stored; raises Invalid."""
    username = typed.strip().lower()
    if not _USERNAME.fullmatch(username) or len(username) > 200:
        raise Invalid(_("A user name has 2 to 60 letters, digits or signs and no spaces."), field="username")
    return username


def create(values: UserValues, *, by: Principal) -> StaffUser:
    """Make a user, who logs in once a password has been set through a link."""
    user = StaffUser(username=normal_username(values.username), name=values.name)
    granting.check(by, _reach(values))
    _check_unique(user.username)
    db.session.add(user)
    _apply(user, values)
    db.session.flush()
    _log_roles(user, (), by)
    return user


def change(user_id: int, values: UserValues, *, row_version: int, by: Principal) -> StaffUser:
    """Change a user; what it takes away is gone from their next request on."""
    user = _get(user_id)
    if user.row_version != row_version:
        raise Conflict
    granting.check_user(by, user_id)
    granting.check(by, _reach(values))
    username = normal_username(values.username)
    if username != user.username:
        _check_unique(username)
    if not values.is_active and user_id == by.user_id:
        raise Invalid(_("You cannot deactivate or delete yourself."), field="is_active")
    before = _roles_of(user)
    with super_administrators.kept():
        user.username = username
        flag_modified(user, "name")  # a new version, although only its links may have changed
        _apply(user, values)
    _log_roles(user, before, by)
    if not user.is_active:
        sessions.end_all(user_id)
    return user


def delete(user_id: int, *, by: Principal) -> None:
    """Take a user out: hidden, signed out, and still named in the log."""
    user = _get(user_id)
    granting.check_user(by, user_id)
    if user_id == by.user_id:
        raise Invalid(_("You cannot deactivate or delete yourself."))
    with super_administrators.kept():
        user.deleted_at = now()
    sessions.end_all(user_id)


def restore(user_id: int, *, by: Principal) -> None:
    """Undo a deletion."""
    granting.check_user(by, user_id)
    _get(user_id, deleted=True).deleted_at = None


def _get(user_id: int, *, deleted: bool = False) -> StaffUser:
    user = db.session.get(StaffUser, user_id)
    if user is None or (user.deleted_at is not None) is not deleted:
        raise NotFound
    return user


def _reach(values: UserValues) -> granting.Reach:
    return granting.of_roles(
        values.role_ids,
        is_limited=values.is_limited,
        group_ids=values.group_ids,
        template_id=values.template_id,
    )


def _check_unique(username: str) -> None:
    if db.session.scalar(select(StaffUser.id).where(StaffUser.username == username)) is not None:
        raise Invalid(_("The user name is taken, maybe by a user who was deleted. Choose another."), field="username")


def _apply(user: StaffUser, values: UserValues) -> None:
    if not values.name.strip():
        raise Invalid(_("Fill in a name."), field="name")
    if values.language not in LANGUAGES:
        raise Invalid(_("Choose one of the values offered."), field="language")
    user.name, user.email, user.language = values.name.strip(), values.email or None, values.language
    user.is_active, user.is_limited = values.is_active, values.is_limited
    user.access_template = db.session.get(AccessTemplate, values.template_id) if values.template_id else None
    user.roles = list(db.session.scalars(select(Role).where(Role.id.in_(values.role_ids)).order_by(Role.id)))
    groups = select(CustomerGroup).where(CustomerGroup.id.in_(values.group_ids)).order_by(CustomerGroup.id)
    user.groups = list(db.session.scalars(groups))


def _roles_of(user: StaffUser) -> tuple[str, ...]:
    template = user.access_template
    names = [role.name for role in user.roles] + ([template.name] if template else [])
    return tuple(sorted(names))


def _log_roles(user: StaffUser, before: tuple[str, ...], by: Principal) -> None:
    after = _roles_of(user)
    if before != after:
        facts = {"before": list(before), "after": list(after), "by": by.username}
        audit.record("role.change", entity="staff_user", entity_id=user.id, facts=facts)
