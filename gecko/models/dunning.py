"""Payment reminders ("rykkere") to debtors: their runs, the letters and their claims, rates of interest, disputes."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, Identified, Versioned

if TYPE_CHECKING:
    from .debtors import Debtor
    from .messages import Message
    from .postings import DebtorPosting

SERIES = "dunning"
"""The number series of payment reminders, gapless like that of invoices."""


class DunningState(StrEnum):
    """Where a payment reminder is. It is told by its row and its message (see operations.dunning.states)."""

    CREATED = "created"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ReferenceRate(Versioned, Base):
    """The lending rate of Danmarks Nationalbank on 1 January or 1 July, which holds for that half-year.

    rate_bp: in hundredths of a per cent, before the supplement of renteloven § 5.
    """

    __tablename__ = "reference_rate"
    __table_args__ = (CheckConstraint("rate_bp BETWEEN -800 AND 5000", name="rate"),)

    starts_on: Mapped[date] = mapped_column(unique=True)
    rate_bp: Mapped[int]

    @property
    def percent_milli(self) -> int:
        """Thousandths of a per cent, as a form for quantities has it."""
        return self.rate_bp * 10

    def __str__(self) -> str:
        return self.starts_on.strftime("%d-%m-%Y")


class ParkedClaim(Versioned, Created, Base):
    """An invoice that its debtor disputes: no reminders meanwhile. until_on: the last day; None: open."""

    __tablename__ = "parked_claim"
    __table_args__ = (CheckConstraint("until_on IS NULL OR until_on >= from_on", name="days"),)

    posting_id: Mapped[int] = mapped_column(ForeignKey("debtor_posting.id"), index=True)
    reason: Mapped[str]
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    posting: Mapped[DebtorPosting] = relationship()


class DunningRun(Identified, Created, Base):
    """What was asked for at once: a stage, a day, and the debtors that were chosen. Nothing of it changes."""

    __tablename__ = "dunning_run"
    __table_args__ = (CheckConstraint("stage > 0", name="stage"),)

    stage: Mapped[int]
    to_date: Mapped[date]
    criteria: Mapped[dict[str, Any]]
    debtor_ids: Mapped[list[Any]]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))


class Dunning(Identified, Created, Base):
    """One payment reminder, with everything its letter says. Only what became of it changes, and triggers hold that.

    Amounts in øre: claims are the reminded invoices, earlier what is open of former fees and interest, then what this
    reminder itself adds. buyer and seller are snapshots; wording is the letter's heading, text and payment lines.
    A run has one for each debtor at most, so that no claim is reminded twice in one run.
    """

    __tablename__ = "dunning"
    __table_args__ = (
        UniqueConstraint("run_id", "debtor_id"),
        CheckConstraint("total_ore = claims_ore + earlier_ore + fee_ore + interest_ore + compensation_ore", name="sum"),
        CheckConstraint("fee_ore BETWEEN 0 AND 25000", name="fee"),
        CheckConstraint("(cancelled_at IS NULL) = (cancel_reason IS NULL)", name="cancelled"),
        Index("ix_dunning_debtor", "debtor_id", "id"),
        Index("ix_dunning_created", "created_on", "id"),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("dunning_run.id"))
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"))
    number: Mapped[int] = mapped_column(unique=True)
    stage: Mapped[int]
    created_on: Mapped[date]
    due_on: Mapped[date]
    language: Mapped[str]
    buyer: Mapped[dict[str, Any]]
    seller: Mapped[dict[str, Any]]
    wording: Mapped[dict[str, Any]]
    claims_ore: Mapped[int]
    earlier_ore: Mapped[int]
    fee_ore: Mapped[int]
    interest_ore: Mapped[int]
    compensation_ore: Mapped[int]
    total_ore: Mapped[int]
    fee_posting_id: Mapped[int | None] = mapped_column(ForeignKey("debtor_posting.id"), unique=True)
    interest_posting_id: Mapped[int | None] = mapped_column(ForeignKey("debtor_posting.id"), unique=True)
    compensation_posting_id: Mapped[int | None] = mapped_column(ForeignKey("debtor_posting.id"), unique=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), index=True)
    printed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    cancel_reason: Mapped[str | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    run: Mapped[DunningRun] = relationship()
    debtor: Mapped[Debtor] = relationship()
    message: Mapped[Message | None] = relationship()
    lines: Mapped[list[DunningLine]] = relationship(back_populates="dunning", order_by="DunningLine.position")

    def __str__(self) -> str:
        return str(self.number)


class DunningLine(Identified, Base):
    """What was open of a posting when its debtor was reminded; never changed.

    is_claim: an invoice that is reminded, else a former fee or interest that is only listed. Interest on the claim ran
    from interest_from, that day included, to interest_until, that day not included.
    """

    __tablename__ = "dunning_line"
    __table_args__ = (
        UniqueConstraint("dunning_id", "posting_id"),
        CheckConstraint("remaining_ore > 0", name="remaining"),
        Index("ix_dunning_line_posting", "posting_id", "dunning_id"),
    )

    dunning_id: Mapped[int] = mapped_column(ForeignKey("dunning.id"))
    posting_id: Mapped[int] = mapped_column(ForeignKey("debtor_posting.id"))
    position: Mapped[int]
    is_claim: Mapped[bool]
    text: Mapped[str]
    posted_on: Mapped[date]
    due_on: Mapped[date]
    remaining_ore: Mapped[int]
    interest_ore: Mapped[int] = mapped_column(default=0, server_default="0")
    interest_from: Mapped[date | None]
    interest_until: Mapped[date | None]
    compensation_ore: Mapped[int] = mapped_column(default=0, server_default="0")

    dunning: Mapped[Dunning] = relationship(back_populates="lines")
    posting: Mapped[DebtorPosting] = relationship()


class DunningPaper(Base):
    """The PDF of a payment reminder as it was made, once, and is served ever after."""

    __tablename__ = "dunning_paper"

    dunning_id: Mapped[int] = mapped_column(ForeignKey("dunning.id"), primary_key=True, autoincrement=False)
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
