"""The files of issued documents: made once from the snapshot, and the same bytes ever after."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, Identified

if TYPE_CHECKING:
    from .documents import SaleDocument


class FileKind(StrEnum):
    """What a file is."""

    PDF = "pdf"
    UBL = "ubl"  # the e-invoice


class DocumentFile(Identified, Created, Base):
    """One file of a document. Triggers refuse update and delete; sha256: of the content, in hexadecimal digits."""

    __tablename__ = "document_file"
    __table_args__ = (UniqueConstraint("document_id", "kind"),)

    document_id: Mapped[int] = mapped_column(ForeignKey("sale_document.id"))
    kind: Mapped[FileKind]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)

    document: Mapped[SaleDocument] = relationship()
