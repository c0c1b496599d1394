"""What came in at the bank: accounts, files read from it, their entries, and what was decided about each entry."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, Identified, Versioned

if TYPE_CHECKING:
    from .people import StaffUser
    from .postings import DebtorPosting


class BankAccount(Versioned, Base):
    """An account of ours. csv_mapping: which columns of the bank's csv files hold what, once somebody said so."""

    __tablename__ = "bank_account"
    __table_args__ = (UniqueConstraint("registration_no", "account_no"),)

    name: Mapped[str] = mapped_column(unique=True)
    registration_no: Mapped[str]
    account_no: Mapped[str]
    csv_mapping: Mapped[dict[str, Any] | None]

    def __str__(self) -> str:
        return self.name


class BankFileKind(StrEnum):
    """How a file was written."""

    CAMT = "camt"
    CSV = "csv"


class BankFile(Identified, Created, Base):
    """A file that was read, never changed: the same bytes come once (`sha256`).

    known: entries that an earlier file had brought; known_by: how many of them by which evidence, see
    operations.bank.overlapping (None: read by an older version).
    passed_over: money that went out, or is not booked yet.
    refused: a list of {"line", "reason", "params"} for the rows that could not be read.
    """

    __tablename__ = "bank_file"
    __table_args__ = (Index("ix_bank_file_account", "account_id", "first_on"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("bank_account.id"))
    name: Mapped[str]
    kind: Mapped[BankFileKind]
    sha256: Mapped[str] = mapped_column(unique=True)
    first_on: Mapped[date | None]
    last_on: Mapped[date | None]
    opening_ore: Mapped[int | None]
    closing_ore: Mapped[int | None]
    taken_in: Mapped[int]
    known: Mapped[int]
    known_by: Mapped[dict[str, Any] | None]
    passed_over: Mapped[int]
    refused: Mapped[list[Any]]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    account: Mapped[BankAccount] = relationship()
    created_by: Mapped[StaffUser | None] = relationship()

    def __str__(self) -> str:
        return self.name


class EntryState(StrEnum):
    """What became of an entry, as its last decision says."""

    OPEN = "open"
    ACCEPTED = "accepted"
    IGNORED = "ignored"


class BankEntry(Identified, Created, Base):
    """Money that came in, as the bank says. Triggers refuse every change but of `state`.

    identity: what tells it from every other entry of the account, so that files which overlap bring it once.
    line: its line or place in the file. reference: what the payer's form said, as FIK or otherwise structured.
    """

    __tablename__ = "bank_entry"
    __table_args__ = (
        UniqueConstraint("account_id", "identity"),
        CheckConstraint("amount_ore > 0", name="amount"),
        Index("ix_bank_entry_state", "state", "booked_on", "id"),
        Index("ix_bank_entry_booked", "booked_on", "id"),
        Index("ix_bank_entry_file", "file_id", "line"),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("bank_account.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("bank_file.id"))
    line: Mapped[int]
    booked_on: Mapped[date]
    amount_ore: Mapped[int]
    text: Mapped[str]
    reference: Mapped[str | None]
    counterparty: Mapped[str | None]
    end_to_end: Mapped[str | None]
    identity: Mapped[str]
    state: Mapped[EntryState] = mapped_column(default=EntryState.OPEN, server_default="open")

    account: Mapped[BankAccount] = relationship()
    file: Mapped[BankFile] = relationship()


class DecisionKind(StrEnum):
    """What was decided."""

    ACCEPT = "accept"
    IGNORE = "ignore"
    REOPEN = "reopen"


class BankDecision(Identified, Created, Base):
    """One decision about an entry, never changed; the last one counts. posting_id: the payment that an accept wrote."""

    __tablename__ = "bank_decision"
    __table_args__ = (
        CheckConstraint("(kind = 'accept') = (posting_id IS NOT NULL)", name="posting"),
        Index("ix_bank_decision_entry", "entry_id", "id"),
    )

    entry_id: Mapped[int] = mapped_column(ForeignKey("bank_entry.id"))
    kind: Mapped[DecisionKind]
    reason: Mapped[str] = mapped_column(default="", server_default="")
    posting_id: Mapped[int | None] = mapped_column(ForeignKey("debtor_posting.id"), unique=True)
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    entry: Mapped[BankEntry] = relationship()
    posting: Mapped[DebtorPosting | None] = relationship()
    created_by: Mapped[StaffUser | None] = relationship()
