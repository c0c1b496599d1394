"""Signing in: server-side sessions, one-time links and the throttle."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Created, Identified


class StaffSession(Identified, Created, Base):
    """One browser that is signed in. The cookie holds a random token, the database only its hash."""

    __tablename__ = "staff_session"
    __table_args__ = (Index("ix_staff_session_user", "user_id", "ended_at"),)

    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id", ondelete="CASCADE"))
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ip: Mapped[str | None]
    user_agent: Mapped[str | None]


class LinkPurpose(StrEnum):
    """What a one-time link lets its bearer do."""

    FIRST_ADMINISTRATOR = "first_administrator"
    SET_PASSWORD = "set_password"  # noqa: S105


class OneTimeLink(Identified, Created, Base):
    """A link that works once and not for long; only the hash of its token is kept."""

    __tablename__ = "one_time_link"

    token_hash: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[LinkPurpose]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LoginThrottle(Base):
    """Failed log-ins per account and per address; `blocked_until` grows with each."""

    __tablename__ = "login_throttle"

    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_failure_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]
