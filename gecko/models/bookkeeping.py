"""Batches of postings that were handed over to the bookkeeping: numbered, with the file as it was made."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Created, Identified

ONCE = text("NOT is_repeat")
"""The items that are no repeats, in the words of their index, without which a database does not use it."""


class BatchFormat(StrEnum):
    """What a file looks like."""

    ECONOMIC = "economic"
    PLAIN = "plain"


class LedgerBatch(Identified, Created, Base):
    """A batch. Triggers refuse update and delete.

    number: without gaps over all formats. is_repeat: it holds postings that an earlier batch of its format may hold,
    too, because somebody asked for that. postings, lines: how many. debit_ore: the sum of the lines above zero, which
    those below zero come to, too. owed_ore: the sum of the postings. sha256: of the file, hex.
    """

    __tablename__ = "ledger_batch"

    number: Mapped[int] = mapped_column(unique=True)
    format: Mapped[BatchFormat]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date]
    is_repeat: Mapped[bool]
    postings: Mapped[int]
    lines: Mapped[int]
    debit_ore: Mapped[int]
    owed_ore: Mapped[int]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))


class LedgerBatchItem(Base):
    """A posting in a batch. The index lets none into two batches of a format, but for repeats."""

    __tablename__ = "ledger_batch_item"
    __table_args__ = (
        Index(
            "ix_ledger_batch_item_once", "posting_id", "format",
            unique=True, sqlite_where=ONCE, postgresql_where=ONCE,
        ),
    )  # fmt: skip

    batch_id: Mapped[int] = mapped_column(ForeignKey("ledger_batch.id"), primary_key=True)
    posting_id: Mapped[int] = mapped_column(ForeignKey("debtor_posting.id"), primary_key=True)
    format: Mapped[BatchFormat]
    is_repeat: Mapped[bool]
