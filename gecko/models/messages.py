"""Messages: the outbox and the communication log in one. A row is written with what it speaks of, then sent."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..channels import MessageChannel as MessageChannel
from ..db import Base, Created, Identified

if TYPE_CHECKING:
    from .campaigns import Campaign
    from .customers import Customer
    from .people import StaffUser


class MessageKind(StrEnum):
    """What a message is for."""

    MANUAL = "manual"
    APPOINTMENT_CARD = "appointment_card"
    CONFIRMATION = "confirmation"
    REMINDER = "reminder"
    RECALL = "recall"
    CAMPAIGN = "campaign"
    DOCUMENT = "document"  # an invoice or a credit note
    DUNNING = "dunning"
    STATEMENT = "statement"


class MessageState(StrEnum):
    """Where a message is; `sending` has two phases."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"  # the other side took it over; a letter: it was made
    DELIVERED = "delivered"  # and says that it arrived
    FAILED = "failed"
    SUPPRESSED = "suppressed"  # not sent, because it must not be
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNKNOWN = "unknown"  # broken off after the point of no return: nobody can say, so somebody decides


class MessagePhase(StrEnum):
    """How far the one who sends has come; between `handed` and the answer lies the point of no return."""

    CLAIMED = "claimed"
    HANDED = "handed"


class MessageReason(StrEnum):
    """Why a message was not sent."""

    NO_ADDRESS = "no_address"
    ADDRESS_FAILED = "address_failed"
    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    CUSTOMER_GONE = "customer_gone"
    BOOKING_CHANGED = "booking_changed"
    GROUP_INACTIVE = "group_inactive"
    ADDRESS_SHARED = "address_shared"  # somebody else got the same campaign there
    TEXT_UNFIT = "text_unfit"  # with the codes filled in there is nothing to say, or nothing that may go by SMS
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    GAVE_UP = "gave_up"


def _only(state: MessageState, name: str, *columns: str) -> Index:
    """An index of the rows in one state."""
    where = text(f"state = '{state}'")
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


_HAS_REASON = text("reason IS NOT NULL")
_OF_CAMPAIGN = text("campaign_id IS NOT NULL")
_OF_TRIGGER = text("trigger_id IS NOT NULL")


class Message(Identified, Created, Base):
    """One message to one recipient over one channel, as it is or was sent.

    recipient: normalised (lower-case e-mail, E.164 number; a letter's postal address). dedupe_key: at most one message
    each, whoever asks again. not_before and expires_at: when it may go. reference: what the other side calls it (the
    left half of Message-ID, the reference of an SMS). campaign_id: it goes only while that campaign runs.
    trigger_id: the marketing trigger that wrote it.
    opened_at: when its picture was first fetched, where the customer allows being followed. segments and price_ore: of
    an SMS. lease_owner holds it until lease_until; it stays named after that, so that a late answer finds its row.
    """

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("language IN ('da', 'en')", name="language"),
        CheckConstraint("(phase IS NOT NULL) = (state = 'sending')", name="phase"),
        CheckConstraint("state <> 'sending' OR (lease_owner IS NOT NULL AND lease_until IS NOT NULL)", name="lease"),
        CheckConstraint("recipient IS NOT NULL OR state NOT IN ('queued', 'sending')", name="recipient"),
        _only(MessageState.QUEUED, "ix_message_due", "channel", "campaign_id", "not_before", "id"),
        _only(MessageState.SENDING, "ix_message_held", "id"),
        _only(MessageState.UNKNOWN, "ix_message_undecided", "id"),
        _only(MessageState.SUPPRESSED, "ix_message_suppressed", "expires_at"),
        _only(MessageState.QUEUED, "ix_message_late", "expires_at"),
        Index("ix_message_customer", "customer_id", "id"),
        Index("ix_message_recipient", "channel", "recipient", "id"),
        Index("ix_message_written", "created_at", "id"),
        Index(
            "ix_message_campaign",
            "campaign_id",
            "channel",
            "state",
            "id",
            sqlite_where=_OF_CAMPAIGN,
            postgresql_where=_OF_CAMPAIGN,
        ),
        Index(
            "ix_message_trigger",
            "trigger_id",
            "state",
            "id",
            sqlite_where=_OF_TRIGGER,
            postgresql_where=_OF_TRIGGER,
        ),
        Index("ix_message_not_sent", "reason", "state", "id", sqlite_where=_HAS_REASON, postgresql_where=_HAS_REASON),
    )

    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    channel: Mapped[MessageChannel]
    kind: Mapped[MessageKind]
    language: Mapped[str]
    recipient: Mapped[str | None]
    subject: Mapped[str | None]
    body: Mapped[str]
    html: Mapped[str | None]
    is_marketing: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    reference: Mapped[str] = mapped_column(unique=True)
    state: Mapped[MessageState] = mapped_column(default=MessageState.QUEUED, server_default="queued")
    phase: Mapped[MessagePhase | None]
    reason: Mapped[MessageReason | None]
    reply: Mapped[str | None]
    provider_ref: Mapped[str | None] = mapped_column(index=True)
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime]
    attempt: Mapped[int] = mapped_column(default=0, server_default="0")
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    segments: Mapped[int | None]
    price_ore: Mapped[int | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    opened_at: Mapped[datetime | None]
    trigger_id: Mapped[int | None] = mapped_column(ForeignKey("marketing_trigger.id"))

    customer: Mapped[Customer | None] = relationship()
    created_by: Mapped[StaffUser | None] = relationship()
    campaign: Mapped[Campaign | None] = relationship()
    events: Mapped[list[MessageEvent]] = relationship(back_populates="message", order_by="MessageEvent.id")
    attachments: Mapped[list[MessageAttachment]] = relationship(order_by="MessageAttachment.position")


class MessageEvent(Identified, Base):
    """A step of a message, kept for good: which state it came to, when, and what was said about it."""

    __tablename__ = "message_event"

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    at: Mapped[datetime]
    state: Mapped[MessageState]
    phase: Mapped[MessagePhase | None]
    reason: Mapped[MessageReason | None]
    detail: Mapped[str | None]
    owner: Mapped[str | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    message: Mapped[Message] = relationship(back_populates="events")


class MessageBooking(Base):
    """A booking that a message speaks of. starts_at: the start that the message tells."""

    __tablename__ = "message_booking"

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True, autoincrement=False)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True, autoincrement=False, index=True)
    starts_at: Mapped[datetime]


class MessageAttachment(Identified, Base):
    """A file that goes with an e-mail."""

    __tablename__ = "message_attachment"
    __table_args__ = (UniqueConstraint("message_id", "position"),)

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    position: Mapped[int]
    filename: Mapped[str]
    media_type: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class MessageLetter(Base):
    """The paper of a letter as it was made (see operations.letters.sheets), so that it can be made again as it was.

    batch: what it was made together with, such as the run of a mail merge.
    """

    __tablename__ = "message_letter"

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True, autoincrement=False)
    batch: Mapped[str | None] = mapped_column(index=True)
    sheet: Mapped[dict[str, Any]]


class ChannelState(Base):
    """How a channel fares: faults of our own system in a row, and until when it rests because of them.

    allowance: how many messages may go at once, as counted at allowance_at; it grows with time up to a minute's worth.
    """

    __tablename__ = "channel_state"

    channel: Mapped[MessageChannel] = mapped_column(primary_key=True)
    faults: Mapped[int] = mapped_column(default=0, server_default="0")
    rests_until: Mapped[datetime | None]
    fault: Mapped[str | None]
    allowance: Mapped[float] = mapped_column(default=0.0, server_default="0")
    allowance_at: Mapped[datetime | None]
