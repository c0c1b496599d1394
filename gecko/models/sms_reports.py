"""Status reports of the SMS gateway, as far as they are needed to know one that comes again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Identified
from ..gateways.sms.webhooks import Status


class SmsReport(Identified, Base):
    """One report. message_id: None where it is about no message of ours; provider_ref: what the gateway calls it."""

    __tablename__ = "sms_report"
    __table_args__ = (Index("ix_sms_report_text", "message_id", "provider_ref"),)

    event_id: Mapped[str] = mapped_column(unique=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    provider_ref: Mapped[str]
    status: Mapped[Status]
    received_at: Mapped[datetime] = mapped_column(index=True)
