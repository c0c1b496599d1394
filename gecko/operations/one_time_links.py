"""Links that work once: the first administrator's, and the ones that let a user set a password.

The token stands in the address only here, and only its hash in the database.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, select, update

from .. import audit
from ..clock import now
from ..db import db
from ..errors import NotFound
from ..language import _
from ..models.people import Role, StaffUser
from ..models.sessions import LinkPurpose, OneTimeLink
from ..permissions import SUPER
from . import sessions, super_administrators

VALID_FOR = {LinkPurpose.FIRST_ADMINISTRATOR: timedelta(hours=24), LinkPurpose.SET_PASSWORD: timedelta(days=3)}


class LinkSpent(NotFound):
    """Used, too old, replaced by a newer one, or never made: the answer is the same."""

    message = _("The link no longer works. Ask for a new one.")


@dataclass(frozen=True, slots=True)
class Link:
    """A link that still works, and whom it is for."""

    purpose: LinkPurpose
    user_id: int | None
    username: str | None
    name: str | None
    email: str | None


def first_administrator_link() -> str | None:
    """The path of a fresh link that makes the first administrator; None where there is one who can log in."""
    if super_administrators.exist():
        return None
    return _make(LinkPurpose.FIRST_ADMINISTRATOR, None)


def password_link(user_id: int) -> str:
    """The path of a fresh link with which a user sets a password; earlier ones stop working."""
    audit.record("link.create", entity="staff_user", entity_id=user_id, facts={"purpose": "set_password"})
    return _make(LinkPurpose.SET_PASSWORD, user_id)


def _make(purpose: LinkPurpose, user_id: int | None) -> str:
    db.session.execute(delete(OneTimeLink).where(OneTimeLink.purpose == purpose, _for(user_id)))
    token = secrets.token_urlsafe(32)
    link = OneTimeLink(
        token_hash=sessions.token_hash(token), purpose=purpose, user_id=user_id, expires_at=now() + VALID_FOR[purpose]
    )
    db.session.add(link)
    return f"/link/{token}"


def _for(user_id: int | None) -> ColumnElement[bool]:
    return OneTimeLink.user_id.is_(None) if user_id is None else OneTimeLink.user_id == user_id


def _works(token: str) -> tuple[ColumnElement[bool], ...]:
    return (
        OneTimeLink.token_hash == sessions.token_hash(token),
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > now(),
    )


def look(token: str) -> Link:
    """What a link is for, without using it up; raises LinkSpent."""
    row = db.session.execute(
        select(OneTimeLink.purpose, StaffUser.id, StaffUser.username, StaffUser.name, StaffUser.email)
        .outerjoin(StaffUser, StaffUser.id == OneTimeLink.user_id)
        .where(*_works(token), OneTimeLink.user_id.is_(None) | (StaffUser.is_active & StaffUser.deleted_at.is_(None)))
    ).one_or_none()
    if row is None or (row.purpose is LinkPurpose.FIRST_ADMINISTRATOR and super_administrators.exist()):
        raise LinkSpent
    return Link(*row)


def _use(token: str) -> Link:
    link = look(token)
    used = db.session.scalar(update(OneTimeLink).where(*_works(token)).values(used_at=now()).returning(OneTimeLink.id))
    if used is None:
        raise LinkSpent
    return link


def set_password(token: str, password_hash: str) -> StaffUser:
    """Use a link up to set its user's password; every session of that user ends."""
    link = _use(token)
    if link.purpose is not LinkPurpose.SET_PASSWORD or link.user_id is None:
        raise LinkSpent
    user = db.session.get_one(StaffUser, link.user_id)
    user.password_hash = password_hash
    sessions.end_all(user.id)
    audit.record("password.change", entity="staff_user", entity_id=user.id, facts={"by": "link"})
    return user


def create_first_administrator(token: str, *, username: str, name: str, password_hash: str) -> StaffUser:
    """Use the first link up to make a super administrator."""
    super_administrators.lock()
    if _use(token).purpose is not LinkPurpose.FIRST_ADMINISTRATOR:
        raise LinkSpent
    user = StaffUser(username=username, name=name, password_hash=password_hash)
    user.roles = list(db.session.scalars(select(Role).where(Role.key == SUPER)))
    db.session.add(user)
    db.session.flush()
    audit.record("user.first_administrator", entity="staff_user", entity_id=user.id)
    return user


def sweep() -> int:
    """Remove links that can no longer be used; returns how many."""
    gone = delete(OneTimeLink).where(OneTimeLink.expires_at < now()).returning(OneTimeLink.id)
    return len(db.session.scalars(gone).all())
