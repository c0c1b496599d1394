"""Signing in and out: what is written once the password has been looked at."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from .. import audit
from ..db import db
from ..errors import NotAllowed
from ..models.people import StaffUser
from . import sessions, throttle


@dataclass(frozen=True, slots=True)
class Candidate:
    """The account somebody tries to enter; user_id and password_hash are None where there is none."""

    username: str
    user_id: int | None
    password_hash: str | None
    buckets: tuple[str, ...]


def begin(username: str, ip: str) -> Candidate:
    """Count the try and read the account; raises TooManyTries."""
    username = username.strip().lower()[:200]
    buckets = throttle.enter(username, ip)
    row = db.session.execute(
        select(StaffUser.id, StaffUser.password_hash).where(
            StaffUser.username == username, StaffUser.is_active, StaffUser.deleted_at.is_(None)
        )
    ).one_or_none()
    return Candidate(username, row.id if row else None, row.password_hash if row else None, tuple(buckets))


def refuse(candidate: Candidate) -> None:
    """Log the failed try. What was typed is not kept: people type passwords into the wrong field."""
    facts = {"username": candidate.username} if candidate.user_id else {"known": False}
    audit.record("login.failed", entity="staff_user", entity_id=candidate.user_id or "-", facts=facts)


def admit(
    candidate: Candidate,
    *,
    rehashed: str | None = None,
    former: str | None = None,
    ip: str | None,
    user_agent: str | None,
) -> str:
    """Open a session for a candidate whose password was right; returns its token. `former` is ended."""
    user = db.session.get_one(StaffUser, candidate.user_id)
    if not user.is_active or user.deleted_at or user.password_hash != candidate.password_hash:
        raise NotAllowed  # changed while the password was looked at
    throttle.forgive(list(candidate.buckets))
    if rehashed:
        db.session.execute(update(StaffUser).where(StaffUser.id == user.id).values(password_hash=rehashed))
    if former:
        sessions.end_by_token(former)
    return sessions.start(user, ip=ip, user_agent=user_agent)
