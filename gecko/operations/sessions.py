"""Server-side sessions: opened at log-in, checked on every request, ended by people or by time."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, bindparam, cast, delete, func, literal_column, select, update

from .. import audit
from ..clock import now
from ..db import db
from ..models.people import (
    AccessTemplate,
    Role,
    RolePermission,
    StaffUser,
    access_template_group,
    access_template_role,
    staff_user_group,
    staff_user_role,
)
from ..models.sessions import StaffSession
from ..permissions import SUPER, Permission, Principal
from . import settings

TOUCH_EVERY = timedelta(minutes=1)
KEPT_FOR = timedelta(days=90)
_ENTITLED = (StaffUser.is_active, StaffUser.deleted_at.is_(None))


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a session lives unused, and at all."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, slots=True)
class Found:
    """A live session, and who it is."""

    session_id: int
    last_seen_at: datetime
    principal: Principal


def timeouts() -> Timeouts:
    """What the installation has chosen: 30 minutes idle and 12 hours in all unless changed."""
    return _timeouts(settings.stored())


def _timeouts(stored: Mapping[str, Any]) -> Timeouts:
    chosen = {**settings.DEFAULTS, **stored}
    return Timeouts(
        idle=timedelta(minutes=int(chosen["session.idle_minutes"])),
        absolute=timedelta(hours=int(chosen["session.absolute_hours"])),
    )


def token_hash(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def start(user: StaffUser, *, ip: str | None, user_agent: str | None) -> str:
    """Open a session for `user`; returns the token for the cookie."""
    token = secrets.token_urlsafe(32)
    instant = now()
    session = StaffSession(
        token_hash=token_hash(token),
        user_id=user.id,
        last_seen_at=instant,
        expires_at=instant + timeouts().absolute,
        ip=ip,
        user_agent=(user_agent or "")[:400],
    )
    db.session.add(session)
    db.session.execute(update(StaffUser).where(StaffUser.id == user.id).values(last_login_at=instant))
    db.session.flush()
    audit.record("session.start", entity="staff_user", entity_id=user.id, facts={"session": session.id})
    return token


def find(token: str) -> Found | None:
    """The live session of a token and who it is, or None where it ended, expired, or the user may no longer enter.

    Every request asks this: the settings, which every page needs, come with it.
    """
    connection = db.session.connection()
    row = connection.execute(_of_token(connection.dialect.name), {"token_hash": token_hash(token)}).one_or_none()
    if row is None:
        return None
    settings.remember(row.settings)
    instant, limits = now(), _timeouts(row.settings)
    if instant >= min(row.expires_at, row.created_at + limits.absolute) or instant >= row.last_seen_at + limits.idle:
        return None
    return Found(row.session_id, row.last_seen_at, _principal_of(row, row.session_id))


def principal(user_id: int, *, session_id: int | None = None) -> Principal | None:
    """The rights and scope of a user, from the access template and own roles; None where inactive."""
    row = db.session.execute(_principals().where(StaffUser.id == user_id, *_ENTITLED)).one_or_none()
    return None if row is None else _principal_of(row, session_id)


def entitled() -> list[Principal]:
    """Everybody who may enter, with rights and scope, by name."""
    return [
        _principal_of(row, None) for row in db.session.execute(_principals().where(*_ENTITLED).order_by(StaffUser.name))
    ]


def rights_of(user_id: int) -> Principal | None:
    """The rights and scope of a user, active or not; None where there is no such user."""
    row = db.session.execute(_principals().where(StaffUser.id == user_id)).one_or_none()
    return None if row is None else _principal_of(row, None)


@cache
def _of_token(dialect: str) -> Select[Any]:
    """Built once for a kind of database."""
    statement = _principals().add_columns(
        StaffSession.id.label("session_id"), StaffSession.last_seen_at, StaffSession.expires_at,
        StaffSession.created_at, settings.gathered(dialect).label("settings"),
    )  # fmt: skip
    return statement.join(StaffSession, StaffSession.user_id == StaffUser.id).where(
        StaffSession.token_hash == bindparam("token_hash"), StaffSession.ended_at.is_(None), *_ENTITLED
    )


def _principals() -> Select[Any]:
    """Users with roles, rights and groups gathered in the same statement."""
    own_roles = select(staff_user_role.c.role_id).where(staff_user_role.c.user_id == StaffUser.id)
    lent_roles = select(access_template_role.c.role_id).where(
        access_template_role.c.template_id == StaffUser.access_template_id
    )
    roles = own_roles.correlate(StaffUser).union_all(lent_roles.correlate(StaffUser))
    rights = select(_strung(RolePermission.permission)).where(RolePermission.role_id.in_(roles))
    is_super = select(func.count(Role.id)).where(Role.key == SUPER, Role.id.in_(roles))
    own, lent = staff_user_group.c, access_template_group.c
    columns: list[Any] = [
        StaffUser.id, StaffUser.username, StaffUser.name, StaffUser.language, StaffUser.theme,
        (StaffUser.is_limited | func.coalesce(AccessTemplate.is_limited, False)).label("is_limited"),
        rights.correlate(StaffUser).scalar_subquery().label("rights"),
        is_super.correlate(StaffUser).scalar_subquery().label("super_roles"),
        _joined(own.group_id, own.user_id == StaffUser.id).label("own_groups"),
        _joined(lent.group_id, lent.template_id == StaffUser.access_template_id).label("lent_groups"),
    ]  # fmt: skip
    return select(*columns).join(AccessTemplate, AccessTemplate.id == StaffUser.access_template_id, isouter=True)


def _joined(column: ColumnElement[int], condition: ColumnElement[bool]) -> ColumnElement[str]:
    return select(_strung(cast(column, String))).where(condition).correlate(StaffUser).scalar_subquery()


def _strung(column: Any) -> ColumnElement[str]:
    """The comma stands in the statement: as a value it would be written into its text anew for every request."""
    return func.aggregate_strings(column, literal_column("','"))  # type: ignore[arg-type]


def _principal_of(row: Row[Any], session_id: int | None) -> Principal:
    rights = set((row.rights or "").split(",")) - {""}
    if row.super_roles:
        rights = {str(right) for right in Permission}
    groups = {int(number) for text in (row.own_groups, row.lent_groups) if text for number in text.split(",")}
    return Principal(
        user_id=row.id,
        session_id=session_id,
        username=row.username,
        name=row.name,
        language=row.language,
        theme=row.theme,
        permissions=frozenset(rights),
        is_super=bool(row.super_roles),
        groups=frozenset(groups) if row.is_limited else None,
    )


def needs_touch(found: Found) -> bool:
    """Whether the session's last-seen time is old enough to be written anew."""
    return now() >= found.last_seen_at + TOUCH_EVERY


def touch(session_id: int) -> None:
    """Note that the session is in use."""
    db.session.execute(update(StaffSession).where(StaffSession.id == session_id).values(last_seen_at=now()))


def live(user_id: int) -> list[StaffSession]:
    """A user's sessions that still let somebody in, the last used first."""
    limits, instant = timeouts(), now()
    statement = (
        select(StaffSession)
        .where(
            StaffSession.user_id == user_id,
            StaffSession.ended_at.is_(None),
            StaffSession.expires_at > instant,
            StaffSession.created_at > instant - limits.absolute,
            StaffSession.last_seen_at > instant - limits.idle,
        )
        .order_by(StaffSession.last_seen_at.desc(), StaffSession.id.desc())
    )
    return list(db.session.scalars(statement))


def end(session_id: int, *, user_id: int) -> int:
    """End one session of a user; its cookie is dead from the next request. Returns how many ended."""
    return _end(user_id, StaffSession.id == session_id)


def end_all(user_id: int, *, but: int | None = None) -> int:
    """End every session of a user but the one given; returns how many."""
    return _end(user_id, StaffSession.id != but) if but is not None else _end(user_id)


def end_by_token(token: str) -> int:
    """End the session of a cookie, whoever it belongs to."""
    found = db.session.execute(
        select(StaffSession.id, StaffSession.user_id).where(StaffSession.token_hash == token_hash(token))
    ).one_or_none()
    return end(found.id, user_id=found.user_id) if found else 0


def _end(user_id: int, *conditions: ColumnElement[bool]) -> int:
    ended = db.session.scalars(
        update(StaffSession)
        .where(StaffSession.user_id == user_id, StaffSession.ended_at.is_(None), *conditions)
        .values(ended_at=now())
        .returning(StaffSession.id)
    ).all()
    if ended:
        audit.record("session.end", entity="staff_user", entity_id=user_id, facts={"sessions": sorted(ended)})
    return len(ended)


def sweep() -> int:
    """Remove sessions that ended long ago; the log keeps that they were."""
    old = delete(StaffSession).where(StaffSession.last_seen_at < now() - KEPT_FOR).returning(StaffSession.id)
    return len(db.session.scalars(old).all())
