"""Slows guessing down: failed log-ins are counted per account and per address, and each makes the next wait longer.

Nobody is locked out for good: the longest wait is six minutes, and a wait that passed allows one more try. Those who
signed in from an address before are counted apart there, so that a stranger's guessing does not keep them out.
Counted before the password is looked at, so that parallel guesses count too. All in the database: no Redis needed.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ..clock import now
from ..db import db
from ..errors import GeckoError
from ..language import _
from ..models.people import StaffUser
from ..models.sessions import LoginThrottle, StaffSession

ACCOUNT_FREE, ADDRESS_FREE = 5, 30
LONGEST_WAIT = 360
FORGOTTEN_AFTER = timedelta(hours=12)
KNOWN_FOR = timedelta(days=60)


class TooManyTries(GeckoError):
    """Wait before the next try; the same for accounts that do not exist."""

    message = _("Too many attempts. Wait %(seconds)s seconds, then try again.")


def wait_after(failures: int, free: int) -> timedelta:
    """How long the next try must wait: nothing for the first `free`, then 15 seconds, doubling up to six minutes."""
    if failures < free:
        return timedelta(0)
    return timedelta(seconds=min(15 * 2 ** min(failures - free, 10), LONGEST_WAIT))


def _hashed(kind: str, *parts: str) -> str:
    return f"{kind}:{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()}"


def _is_known_here(username: str, ip: str) -> bool:
    statement = (
        select(StaffSession.id)
        .join(StaffUser, StaffUser.id == StaffSession.user_id)
        .where(StaffUser.username == username, StaffSession.ip == ip, StaffSession.created_at > now() - KNOWN_FOR)
        .limit(1)
    )
    return db.session.scalar(statement) is not None


def enter(username: str, ip: str) -> list[str]:
    """Count a try before its password is looked at; raises TooManyTries. Returns what to `forgive` on success."""
    if _is_known_here(username, ip):
        buckets = {_hashed("known", username, ip): ACCOUNT_FREE}
    else:
        buckets = {_hashed("account", username): ACCOUNT_FREE, _hashed("address", ip): ADDRESS_FREE}
    for key, free in buckets.items():
        _count(key, free)
    return list(buckets)


def _count(key: str, free: int) -> None:
    instant = now()
    failures = db.session.scalar(_upsert(key, instant))
    if failures is None:
        until = db.session.scalar(select(LoginThrottle.blocked_until).where(LoginThrottle.key == key))
        left = (until - instant).total_seconds() if until else 0
        raise TooManyTries(seconds=max(1, round(left)))
    wait = wait_after(failures, free)
    if wait:
        db.session.execute(update(LoginThrottle).where(LoginThrottle.key == key).values(blocked_until=instant + wait))


def _upsert(key: str, instant: datetime) -> Any:
    """One statement, so that two tries at the same moment cannot both be the first."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    stale = LoginThrottle.last_failure_at < instant - FORGOTTEN_AFTER
    free: ColumnElement[bool] = or_(LoginThrottle.blocked_until.is_(None), LoginThrottle.blocked_until <= instant)
    return (
        dialect.insert(LoginThrottle)
        .values(key=key, failures=1, last_failure_at=instant)
        .on_conflict_do_update(
            index_elements=[LoginThrottle.key],
            set_={
                "failures": case((stale, 1), else_=LoginThrottle.failures + 1),
                "last_failure_at": instant,
                "blocked_until": None,
            },
            where=free,
        )
        .returning(LoginThrottle.failures)
    )


def forgive(keys: list[str]) -> None:
    """A right password: the account starts afresh, the address only gets this try back."""
    for key in keys:
        if key.startswith("address:"):
            db.session.execute(
                update(LoginThrottle)
                .where(LoginThrottle.key == key, LoginThrottle.failures > 0)
                .values(failures=LoginThrottle.failures - 1, blocked_until=None)
            )
        else:
            db.session.execute(delete(LoginThrottle).where(LoginThrottle.key == key))


def sweep() -> int:
    """Forget what no longer counts; returns how many."""
    old = delete(LoginThrottle).where(LoginThrottle.last_failure_at < now() - FORGOTTEN_AFTER)
    return len(db.session.scalars(old.returning(LoginThrottle.key)).all())
