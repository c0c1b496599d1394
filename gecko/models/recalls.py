"""Recall: what customers are signed up for, when their next date is, and what became of each time.

A sign-up counts its dates from `first_on`, so that the 31st of a month comes back after a shorter one.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Computed, Enum, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..channels import MessageChannel
from ..db import Base, Created, SoftDeleted, Versioned
from ..folding import sort_sql

if TYPE_CHECKING:
    from .bookings import Booking, Service
    from .customers import Customer
    from .messages import Message
    from .people import StaffUser

_LIVING = text("deleted_at IS NULL")


class RecallUnit(StrEnum):
    """What an interval is counted in."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class RecallState(StrEnum):
    """Where a sign-up is. Ended: it ran out, or staff ended it; cancelled: a mistake, or the customer regrets it."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"
    CANCELLED = "cancelled"


class TurnState(StrEnum):
    """What became of one time; the first three are open, and a sign-up has one of them at most."""

    DUE = "due"  # somebody has to look at it: a letter to print, or a reason why nothing was sent
    WRITTEN = "written"  # a message stands in the outbox
    POSTPONED = "postponed"
    SENT = "sent"
    FULFILLED = "fulfilled"  # the customer has a booking
    SKIPPED = "skipped"


class TurnReason(StrEnum):
    """Why a time that is due was not sent by itself."""

    LETTER = "letter"  # to be printed
    NO_ADDRESS = "no_address"
    ADDRESS_FAILED = "address_failed"
    NO_CONSENT = "no_consent"
    GROUP_INACTIVE = "group_inactive"
    CHANNEL_CLOSED = "channel_closed"
    NO_TEXT = "no_text"  # nothing to say, or what must not go by SMS
    NOT_SENT = "not_sent"  # refused, or broken off for good
    WITHDRAWN = "withdrawn"
    TOO_LATE = "too_late"


OPEN = (TurnState.DUE, TurnState.WRITTEN, TurnState.POSTPONED)
_IS_OPEN = text("state IN ('due', 'written', 'postponed')")


def _channel(name: str) -> Enum:
    """A channel in a table that has several: each constraint needs a name of its own."""
    return Enum(
        MessageChannel,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


class RecallTemplate(Versioned, SoftDeleted, Created, Base):
    """A kind of recall.

    tolerance_days: a visit so many days before the date counts as the one that is asked for. is_win_back: it was not
    agreed with the customer, so it is marketing and needs consent. first_channel, second_channel, third_channel: the
    first over which the customer can be reached is used.
    """

    __tablename__ = "recall_template"
    __table_args__ = (
        CheckConstraint("trim(name) <> ''", name="name"),
        CheckConstraint("tolerance_days >= 0", name="tolerance"),
        CheckConstraint("third_channel IS NULL OR second_channel IS NOT NULL", name="channels"),
        Index("ix_recall_template_name", "name_sort", "id"),
        Index("uq_recall_template_name", "name", unique=True, sqlite_where=_LIVING, postgresql_where=_LIVING),
    )

    name: Mapped[str]
    tolerance_days: Mapped[int] = mapped_column(default=90, server_default="90")
    is_win_back: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    first_channel: Mapped[MessageChannel] = mapped_column(_channel("first_channel"))
    second_channel: Mapped[MessageChannel | None] = mapped_column(_channel("second_channel"))
    third_channel: Mapped[MessageChannel | None] = mapped_column(_channel("third_channel"))
    name_sort: Mapped[str] = mapped_column(
        String().with_variant(String(collation="C"), "postgresql"),
        Computed(sort_sql("name"), persisted=True),
        deferred=True,
    )

    services: Mapped[list[Service]] = relationship(secondary="recall_template_service")
    texts: Mapped[list[RecallTemplateText]] = relationship(cascade="all, delete-orphan")

    def __str__(self) -> str:
        return self.name

    @property
    def channels(self) -> tuple[MessageChannel, ...]:
        """In the order in which they are tried."""
        return tuple(one for one in (self.first_channel, self.second_channel, self.third_channel) if one is not None)


class RecallTemplateService(Base):
    """A service that a template is for; a template without any is for all."""

    __tablename__ = "recall_template_service"

    template_id: Mapped[int] = mapped_column(ForeignKey("recall_template.id"), primary_key=True, autoincrement=False)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True, autoincrement=False, index=True)


class RecallTemplateText(Base):
    """The company's own text for a template over one channel in one language; without a row the product's holds."""

    __tablename__ = "recall_template_text"
    __table_args__ = (CheckConstraint("language IN ('da', 'en')", name="language"),)

    template_id: Mapped[int] = mapped_column(ForeignKey("recall_template.id"), primary_key=True, autoincrement=False)
    channel: Mapped[MessageChannel] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    message_template_id: Mapped[int] = mapped_column(ForeignKey("message_template.id"), index=True)


class Recall(Versioned, Created, Base):
    """A customer's sign-up for one service.

    first_on, every and unit: the dates, of which `next_on` is the one that comes (number `step`, unless it was
    postponed). until_on: no date after it; times: so many in all, of which `done` are settled. state_by_id: who paused,
    ended or cancelled it, nobody where it ran out. idempotency_key: of the form that made it.
    """

    __tablename__ = "recall"
    __table_args__ = (
        CheckConstraint("every > 0", name="every"),
        CheckConstraint("times IS NULL OR times > 0", name="times"),
        CheckConstraint("step >= 0 AND done >= 0", name="counted"),
        CheckConstraint("state <> 'active' OR state_by_id IS NULL", name="state_by"),
        Index("ix_recall_customer", "customer_id", "state"),
        Index("ix_recall_next", "state", "next_on", "id"),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    template_id: Mapped[int] = mapped_column(ForeignKey("recall_template.id"), index=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), index=True)
    first_on: Mapped[date]
    every: Mapped[int]
    unit: Mapped[RecallUnit]
    step: Mapped[int] = mapped_column(default=0, server_default="0")
    next_on: Mapped[date]
    until_on: Mapped[date | None]
    times: Mapped[int | None]
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[RecallState] = mapped_column(default=RecallState.ACTIVE, server_default="active")
    state_at: Mapped[datetime | None]
    state_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    note: Mapped[str | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)

    customer: Mapped[Customer] = relationship()
    template: Mapped[RecallTemplate] = relationship()
    service: Mapped[Service] = relationship()
    state_by: Mapped[StaffUser | None] = relationship(foreign_keys=[state_by_id])
    created_by: Mapped[StaffUser | None] = relationship(foreign_keys=[created_by_id])


class RecallTurn(Versioned, Created, Base):
    """One time of a sign-up: made by the run that found its date near, and kept.

    turn_on: the date, also after it was postponed; step: which of the sign-up's dates it is. channel: over which it
    goes, went, or was tried last. by_id: who decided, nobody where the run did. changed_at: when it came to its state.
    """

    __tablename__ = "recall_turn"
    __table_args__ = (
        CheckConstraint("(booking_id IS NOT NULL) = (state = 'fulfilled')", name="booking"),
        CheckConstraint("state <> 'written' OR message_id IS NOT NULL", name="message"),
        CheckConstraint("reason IS NULL OR state = 'due'", name="reason"),
        Index("uq_recall_turn_open", "recall_id", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        Index("ix_recall_turn_recall", "recall_id", "id"),
        Index("ix_recall_turn_state", "state", "turn_on", "id"),
        Index("ix_recall_turn_on", "turn_on", "id"),
    )

    recall_id: Mapped[int] = mapped_column(ForeignKey("recall.id"))
    turn_on: Mapped[date]
    step: Mapped[int]
    state: Mapped[TurnState]
    reason: Mapped[TurnReason | None]
    channel: Mapped[MessageChannel | None]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    changed_at: Mapped[datetime]

    recall: Mapped[Recall] = relationship()
    message: Mapped[Message | None] = relationship()
    booking: Mapped[Booking | None] = relationship()
    by: Mapped[StaffUser | None] = relationship()
