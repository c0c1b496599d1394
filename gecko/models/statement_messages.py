"""Which messages carried whose statement of account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base

if TYPE_CHECKING:
    from .messages import Message


class StatementMessage(Base):
    """One message with a debtor's statement. batch: what it was sent with, the number of a job or of a form."""

    __tablename__ = "statement_message"
    __table_args__ = (Index("ix_statement_message_batch", "batch", "debtor_id"),)

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True, autoincrement=False)
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"), index=True)
    batch: Mapped[str]

    message: Mapped[Message] = relationship()
