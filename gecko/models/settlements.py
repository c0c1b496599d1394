"""Which credits paid which debits, append-only; and what is still open of each posting, which follows from it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, Identified

if TYPE_CHECKING:
    from .debtors import Debtor
    from .postings import DebtorPosting

_DEBIT, _CREDIT = text("remaining_ore > 0"), text("remaining_ore < 0")


class SettlementMethod(StrEnum):
    """How a settlement came about."""

    MANUAL = "manual"
    AUTOMATIC = "automatic"
    REVERSAL = "reversal"  # a posting and the one that takes it back
    UNDO = "undo"


class Settlement(Identified, Created, Base):
    """Debits and credits of one debtor placed against each other. Triggers refuse update and delete.

    An undo is a settlement of its own (`undoes_id`, unique) with the same lines turned round. effective_on: the day
    from which it counts when the ledger is looked at as of a day; no earlier than any of its postings. reason: why it
    was undone, where somebody said so.
    """

    __tablename__ = "settlement"
    __table_args__ = (
        CheckConstraint("(method = 'undo') = (undoes_id IS NOT NULL)", name="undo"),
        Index("ix_settlement_debtor", "debtor_id", "effective_on", "id"),
        Index("ix_settlement_effective", "effective_on", "id"),
    )

    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"))
    effective_on: Mapped[date]
    method: Mapped[SettlementMethod]
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("settlement.id"), unique=True)
    reason: Mapped[str | None]
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    debtor: Mapped[Debtor] = relationship()
    lines: Mapped[list[SettlementLine]] = relationship(back_populates="settlement", order_by="SettlementLine.id")
    undoes: Mapped[Settlement | None] = relationship(remote_side="Settlement.id")


class SettlementLine(Identified, Base):
    """So much of a debit by so much of a credit, øre; below zero in an undo. effective_on: as of its settlement."""

    __tablename__ = "settlement_line"
    __table_args__ = (
        CheckConstraint("amount_ore <> 0", name="amount"),
        Index("ix_settlement_line_debit", "debit_posting_id", "effective_on", "amount_ore"),
        Index("ix_settlement_line_credit", "credit_posting_id", "effective_on", "amount_ore"),
    )

    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlement.id"), index=True)
    debit_posting_id: Mapped[int] = mapped_column(ForeignKey("debtor_posting.id"))
    credit_posting_id: Mapped[int] = mapped_column(ForeignKey("debtor_posting.id"))
    amount_ore: Mapped[int]
    effective_on: Mapped[date]

    settlement: Mapped[Settlement] = relationship(back_populates="lines")
    debit: Mapped[DebtorPosting] = relationship(foreign_keys=[debit_posting_id])
    credit: Mapped[DebtorPosting] = relationship(foreign_keys=[credit_posting_id])


class OpenPosting(Base):
    """A posting that is not wholly settled, kept by triggers; `gecko check` compares it with the sums it stands for.

    amount_ore and remaining_ore have the posting's sign: debits above zero, credits below. falls_on: when it is due,
    or else its posting date: the first key of the order in which postings are settled.
    """

    __tablename__ = "open_posting"
    __table_args__ = (
        CheckConstraint(
            "(amount_ore > 0 AND remaining_ore BETWEEN 0 AND amount_ore)"
            " OR (amount_ore < 0 AND remaining_ore BETWEEN amount_ore AND 0)",
            name="remaining",
        ),
        Index("ix_open_posting_debtor", "debtor_id", "falls_on", "posted_on", "posting_id", "remaining_ore"),
        Index("ix_open_posting_debit", "debtor_id", "remaining_ore", sqlite_where=_DEBIT, postgresql_where=_DEBIT),
        Index("ix_open_posting_amount", "remaining_ore", sqlite_where=_DEBIT, postgresql_where=_DEBIT),
        Index("ix_open_posting_credit", "debtor_id", "remaining_ore", sqlite_where=_CREDIT, postgresql_where=_CREDIT),
    )

    posting_id: Mapped[int] = mapped_column(ForeignKey("debtor_posting.id"), primary_key=True, autoincrement=False)
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"))
    amount_ore: Mapped[int]
    remaining_ore: Mapped[int]
    posted_on: Mapped[date]
    falls_on: Mapped[date]

    posting: Mapped[DebtorPosting] = relationship()
