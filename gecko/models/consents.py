"""Consent to marketing: what was said yes or no to, row by row, and the wordings that people agreed to.

The present answer stands on the customer (`accepts_marketing_email`, `accepts_marketing_sms`). Whoever changes it,
a trigger writes a row here in the same transaction (see consent_triggers); rows never change.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..channels import Channel
from ..db import Base, Created, Identified

if TYPE_CHECKING:
    from .people import StaffUser


class ConsentSource(StrEnum):
    """How an answer came."""

    REGISTERED = "registered"  # it stood on the customer before answers were kept
    STAFF = "staff"
    IMPORT = "import"
    LINK = "link"  # the customer, by the link in a message
    MERGE = "merge"
    UNDO = "undo"  # a merge was taken back
    ERASURE = "erasure"
    SYSTEM = "system"
    OUTSIDE = "outside"  # changed with other tools


class ConsentText(Identified, Created, Base):
    """A wording that people agree to; the newest of its channel and language is in force. Never changed."""

    __tablename__ = "consent_text"
    __table_args__ = (
        CheckConstraint("language IN ('da', 'en')", name="language"),
        Index("ix_consent_text_in_force", "channel", "language", "id"),
    )

    channel: Mapped[Channel]
    language: Mapped[str]
    text: Mapped[str]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    created_by: Mapped[StaffUser | None] = relationship()


class Consent(Identified, Base):
    """An answer of a customer. text_id: the wording that was agreed to, where the answer was given under one.

    user_id and name: who wrote it down. ip: from where the link was followed; blanked when the customer is erased.
    """

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint("is_given OR text_id IS NULL", name="wording"),
        Index("ix_consent_customer", "customer_id", "id"),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    channel: Mapped[Channel]
    is_given: Mapped[bool]
    source: Mapped[ConsentSource]
    text_id: Mapped[int | None] = mapped_column(ForeignKey("consent_text.id"))
    at: Mapped[datetime] = mapped_column(server_default=text("CURRENT_TIMESTAMP"))
    user_id: Mapped[int | None]
    name: Mapped[str | None]
    ip: Mapped[str | None]

    wording: Mapped[ConsentText | None] = relationship()
