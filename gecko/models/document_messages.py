"""Which messages carried which document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base

if TYPE_CHECKING:
    from .messages import Message


class DocumentMessage(Base):
    """One message with a document attached; the message itself says when, to whom and how it fared."""

    __tablename__ = "document_message"

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True, autoincrement=False)
    document_id: Mapped[int] = mapped_column(ForeignKey("sale_document.id"), index=True)

    message: Mapped[Message] = relationship()
