"""Server-side sessions: opened at log-in, checked on every request, ended by people or by time."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload, selectinload

from ..clock import now
from ..db import db
from ..models.people import AccessTemplate, Role, StaffUser
from ..models.sessions import StaffSession
from ..permissions import SUPER, Permission, Principal

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=1)


def token_hash(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def start(user: StaffUser, *, ip: str | None, user_agent: str | None) -> str:
    """Open a session for `user`; returns the token for the cookie."""
    token = secrets.token_urlsafe(32)
    instant = now()
    user.last_login_at = instant
    db.session.add(
        StaffSession(
            token_hash=token_hash(token),
            user_id=user.id,
            last_seen_at=instant,
            expires_at=instant + ABSOLUTE,
            ip=ip,
            user_agent=(user_agent or "")[:400],
        )
    )
    return token


def find(token: str) -> tuple[StaffSession, Principal] | None:
    """The live session of a token and who it is, or None where it ended, expired, or the user may no longer enter."""
    session = db.session.scalar(
        select(StaffSession).where(StaffSession.token_hash == token_hash(token), StaffSession.ended_at.is_(None))
    )
    instant = now()
    if session is None or instant >= session.expires_at or instant >= session.last_seen_at + IDLE:
        return None
    who = principal(session.user_id, session_id=session.id)
    return None if who is None else (session, who)


def needs_touch(session: StaffSession) -> bool:
    """Whether the session's last-seen time is old enough to be written anew."""
    return now() >= session.last_seen_at + TOUCH_EVERY


def touch(session_id: int) -> None:
    """Note that the session is in use."""
    db.session.execute(update(StaffSession).where(StaffSession.id == session_id).values(last_seen_at=now()))


def end(session_id: int) -> None:
    """End one session; its cookie is dead from the next request."""
    db.session.execute(
        update(StaffSession)
        .where(StaffSession.id == session_id, StaffSession.ended_at.is_(None))
        .values(ended_at=now())
    )


def end_all(user_id: int, *, but: int | None = None) -> int:
    """End every session of a user but the one given; returns how many."""
    statement = update(StaffSession).where(StaffSession.user_id == user_id, StaffSession.ended_at.is_(None))
    if but is not None:
        statement = statement.where(StaffSession.id != but)
    ended = statement.values(ended_at=now()).returning(StaffSession.id)
    return len(db.session.scalars(ended).all())


def principal(user_id: int, *, session_id: int | None = None) -> Principal | None:
    """The rights and scope of a user, from the access template and own roles; None where inactive."""
    user = db.session.scalar(
        select(StaffUser)
        .where(StaffUser.id == user_id, StaffUser.is_active, StaffUser.deleted_at.is_(None))
        .options(
            selectinload(StaffUser.roles).selectinload(Role.permissions),
            selectinload(StaffUser.groups),
            joinedload(StaffUser.access_template).selectinload(AccessTemplate.roles).selectinload(Role.permissions),
            joinedload(StaffUser.access_template).selectinload(AccessTemplate.groups),
        )
    )
    if user is None:
        return None
    template = user.access_template
    roles = {*user.roles, *(template.roles if template else ())}
    rights = {right.permission for role in roles for right in role.permissions}
    if any(role.key == SUPER for role in roles):
        rights = {str(right) for right in Permission}
    limited = user.is_limited or (template is not None and template.is_limited)
    groups = {group.id for group in (*user.groups, *(template.groups if template else ()))}
    return Principal(
        user_id=user.id,
        session_id=session_id,
        username=user.username,
        name=user.name,
        language=user.language,
        theme=user.theme,
        permissions=frozenset(rights),
        groups=frozenset(groups) if limited else None,
    )
