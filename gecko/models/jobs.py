"""Long work: the row is the truth, the queue only wakes a worker."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, Identified

if TYPE_CHECKING:
    from .people import StaffUser


class JobState(StrEnum):
    """Where a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobRun(Identified, Created, Base):
    """One piece of long work.

    key: at most one live run per (kind, key). done/total: progress in the job's own unit. checkpoint: where to go on
    after a crash. lease_until: until when the worker named by lease_owner holds it. result: small facts (counts,
    totals, the file's name in the instance's exports folder).
    """

    __tablename__ = "job_run"
    __table_args__ = (
        Index(
            "uq_job_run_live",
            "kind",
            "key",
            unique=True,
            sqlite_where=text("state IN ('queued', 'running')"),
            postgresql_where=text("state IN ('queued', 'running')"),
        ),
        Index("ix_job_run_state", "state", "lease_until"),
        Index("ix_job_run_owner", "created_by_id", "id"),
    )

    kind: Mapped[str]
    key: Mapped[str]
    parameters: Mapped[dict[str, Any]]
    state: Mapped[JobState] = mapped_column(default=JobState.QUEUED, server_default="queued")
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    total: Mapped[int | None]
    message: Mapped[str | None]
    checkpoint: Mapped[dict[str, Any] | None]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None]
    attempt: Mapped[int] = mapped_column(default=0, server_default="0")
    is_cancel_wanted: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    created_by: Mapped[StaffUser | None] = relationship()


class ScheduledSlot(Base):
    """The last time of day that each periodic job was started for; moved by compare-and-set, so no slot runs twice."""

    __tablename__ = "scheduled_slot"

    name: Mapped[str] = mapped_column(primary_key=True)
    last_slot_at: Mapped[datetime]
