"""There must always be somebody who can do everything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, func, or_, select

from ..db import db
from ..errors import Invalid
from ..language import _
from ..models.people import Role, StaffUser, access_template_role, staff_user_role
from ..permissions import SUPER


def is_super() -> ColumnElement[bool]:
    """The condition on StaffUser: the super role is the user's own or lent by the access template."""
    super_role = select(Role.id).where(Role.key == SUPER).scalar_subquery()
    own = select(staff_user_role.c.user_id).where(staff_user_role.c.role_id == super_role)
    lent = select(access_template_role.c.template_id).where(access_template_role.c.role_id == super_role)
    return or_(StaffUser.id.in_(own), StaffUser.access_template_id.in_(lent))


def count() -> int:
    """How many super administrators can log in."""
    statement = select(func.count(StaffUser.id)).where(
        StaffUser.is_active, StaffUser.deleted_at.is_(None), StaffUser.password_hash.is_not(None), is_super()
    )
    return db.session.scalar(statement) or 0


def exist() -> bool:
    """Whether anybody can do everything."""
    return count() > 0


def lock() -> None:
    """Make changes of who is super administrator wait for each other (PostgreSQL; SQLite writes one by one anyway)."""
    db.session.execute(select(Role.id).where(Role.key == SUPER).with_for_update())


@contextmanager
def kept() -> Iterator[None]:
    """Refuse what is done inside where it would leave nobody; the caller's transaction then rolls back."""
    lock()
    before = exist()
    yield
    db.session.flush()
    if before and not exist():
        raise Invalid(
            _("This is the last super administrator who can log in. Give somebody else the role first."), field="roles"
        )
