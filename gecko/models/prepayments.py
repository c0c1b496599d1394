"""Prepayment: money a debtor paid beforehand. A ledger of its own, beside what the debtor owes, never mixed with it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, Identified

if TYPE_CHECKING:
    from .debtors import Debtor
    from .payment_types import PaymentType
    from .postings import DebtorPosting


class PrepaymentKind(StrEnum):
    """What an entry records."""

    PAID_IN = "paid_in"
    USED = "used"
    PAID_OUT = "paid_out"
    REVERSAL = "reversal"


class PrepaymentEntry(Identified, Created, Base):
    """One movement of a debtor's prepayment, øre: what came in above zero, what was used or paid out below.

    Triggers refuse update and delete, and an entry after which the prepayment would be below zero on any day.
    posting_id: the posting that the use of a prepayment became on the debtor's account, of the same amount and day; of
    a reversal of a use, the posting that took that one back. reverses_id: once only.
    """

    __tablename__ = "prepayment_entry"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'paid_in' AND amount_ore > 0) OR (kind IN ('used', 'paid_out') AND amount_ore < 0)"
            " OR (kind = 'reversal' AND amount_ore <> 0)",
            name="amount",
        ),
        CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reversal"),
        CheckConstraint("kind = 'reversal' OR (kind = 'used') = (posting_id IS NOT NULL)", name="posting"),
        Index("ix_prepayment_entry_debtor", "debtor_id", "posted_on", "id", "amount_ore"),
        Index("ix_prepayment_entry_posted", "posted_on", "id"),
    )

    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"))
    kind: Mapped[PrepaymentKind]
    amount_ore: Mapped[int]
    posted_on: Mapped[date]
    text: Mapped[str]
    payment_type_id: Mapped[int | None] = mapped_column(ForeignKey("payment_type.id"))
    posting_id: Mapped[int | None] = mapped_column(ForeignKey("debtor_posting.id"), unique=True)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("prepayment_entry.id"), unique=True)
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    debtor: Mapped[Debtor] = relationship()
    payment_type: Mapped[PaymentType | None] = relationship()
    posting: Mapped[DebtorPosting | None] = relationship()
