"""Debtor postings: the append-only ledger. What a debtor owes is the sum of them, never a stored number."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, Identified

if TYPE_CHECKING:
    from .debtors import Debtor
    from .documents import SaleDocument
    from .payment_types import PaymentType


class PostingKind(StrEnum):
    """What a posting records."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"
    PAYOUT = "payout"
    WRITE_OFF = "write_off"
    REMINDER_FEE = "reminder_fee"
    INTEREST = "interest"
    COMPENSATION = "compensation"
    REVERSAL = "reversal"


class DebtorPosting(Identified, Created, Base):
    """One movement on a debtor's account: debit positive, credit negative, øre.

    Triggers refuse update and delete; a mistake is corrected by one reversal (`reverses_id` is unique). Accounts,
    balances and ages are read from the index `ix_debtor_posting_account` alone.
    """

    __tablename__ = "debtor_posting"
    __table_args__ = (
        Index("ix_debtor_posting_account", "debtor_id", "posted_on", "id", "due_on", "amount_ore"),
        Index("ix_debtor_posting_posted", "posted_on", "id"),
        Index("ix_debtor_posting_due", "due_on", "id"),
    )

    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"))
    kind: Mapped[PostingKind]
    amount_ore: Mapped[int]
    posted_on: Mapped[date]
    due_on: Mapped[date | None]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("sale_document.id"), unique=True)
    payment_type_id: Mapped[int | None] = mapped_column(ForeignKey("payment_type.id"))
    text: Mapped[str]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("debtor_posting.id"), unique=True)
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    debtor: Mapped[Debtor] = relationship()
    document: Mapped[SaleDocument | None] = relationship()
    payment_type: Mapped[PaymentType | None] = relationship()
