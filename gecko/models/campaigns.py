"""Campaigns: one mailing to many customers, and what it says by channel and language.

Whom it reached stands in `message`: a row for each customer and channel, also for those who must not get it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..channels import MessageChannel
from ..db import Base, Created, SoftDeleted, Versioned

if TYPE_CHECKING:
    from .jobs import JobRun
    from .people import StaffUser


class CampaignState(StrEnum):
    """Where a campaign is. Only one that is running lets its messages go."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"


_RUNNING = text("state = 'running'")


class Campaign(Versioned, SoftDeleted, Created, Base):
    """A mailing.

    is_marketing: goes to those alone who agreed to it; any other names its reason (service_reason). audience_query: the
    search and filters of the list of customers, as they stand in its address; audience_ids: customers who were picked
    instead. send_at: not before. is_written: everybody's messages are in the outbox. pause_note: why it pauses.
    job_run_id: the job that writes its messages, or takes them back.
    """

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("trim(name) <> ''", name="name"),
        CheckConstraint("is_marketing OR (service_reason IS NOT NULL AND trim(service_reason) <> '')", name="reason"),
        CheckConstraint("(audience_query IS NULL) <> (audience_ids IS NULL)", name="audience"),
        CheckConstraint("state = 'draft' OR started_at IS NOT NULL", name="started"),
        Index("ix_campaign_created", "created_at", "id"),
        Index("ix_campaign_running", "id", sqlite_where=_RUNNING, postgresql_where=_RUNNING),
    )

    name: Mapped[str]
    is_marketing: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    service_reason: Mapped[str | None]
    audience_query: Mapped[str | None]
    audience_ids: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    send_at: Mapped[datetime | None]
    state: Mapped[CampaignState] = mapped_column(default=CampaignState.DRAFT, server_default="draft")
    pause_note: Mapped[str | None]
    is_written: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    job_run_id: Mapped[int | None] = mapped_column(ForeignKey("job_run.id"))
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)

    approved_by: Mapped[StaffUser | None] = relationship(foreign_keys=[approved_by_id])
    created_by: Mapped[StaffUser | None] = relationship(foreign_keys=[created_by_id])
    job_run: Mapped[JobRun | None] = relationship()
    texts: Mapped[list[CampaignText]] = relationship(order_by="CampaignText.id")

    def __str__(self) -> str:
        return self.name


class CampaignText(Versioned, Base):
    """What a campaign says over one channel in one language. subject: of an e-mail."""

    __tablename__ = "campaign_text"
    __table_args__ = (
        UniqueConstraint("campaign_id", "channel", "language"),
        CheckConstraint("language IN ('da', 'en')", name="language"),
        CheckConstraint("(subject IS NOT NULL) = (channel = 'email')", name="subject"),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    channel: Mapped[MessageChannel]
    language: Mapped[str]
    subject: Mapped[str | None]
    body: Mapped[str]
