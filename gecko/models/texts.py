"""What an installation writes to customers: texts changed from what the product ships, and templates of its own."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Computed, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..channels import MessageChannel
from ..db import Base, Created, SoftDeleted, Versioned
from ..folding import sort_sql

_LIVING = text("deleted_at IS NULL")


class TextOverride(Versioned, Base):
    """A shipped text as somebody changed it; without a row the shipped one holds. key: see operations.texts.shipping.

    subject: of an e-mail; other channels have none.
    """

    __tablename__ = "text_override"
    __table_args__ = (
        UniqueConstraint("key", "channel", "language"),
        CheckConstraint("language IN ('da', 'en')", name="language"),
        CheckConstraint("(subject IS NOT NULL) = (channel = 'email')", name="subject"),
    )

    key: Mapped[str]
    channel: Mapped[MessageChannel]
    language: Mapped[str]
    subject: Mapped[str | None]
    body: Mapped[str]


class MessageTemplate(Versioned, SoftDeleted, Created, Base):
    """A text of the company's own: for single messages, letters and campaigns. subject: of an e-mail.

    is_window_right, margin_mm, font_points, is_dated: how a letter is laid out (see operations.letters.sheets.Page).
    """

    __tablename__ = "message_template"
    __table_args__ = (
        CheckConstraint("language IN ('da', 'en')", name="language"),
        CheckConstraint("trim(name) <> ''", name="name"),
        CheckConstraint("(subject IS NOT NULL) = (channel = 'email')", name="subject"),
        Index("ix_message_template_name", "name_sort", "id"),
        Index(
            "uq_message_template_name",
            "name",
            "channel",
            "language",
            unique=True,
            sqlite_where=_LIVING,
            postgresql_where=_LIVING,
        ),
    )

    name: Mapped[str]
    channel: Mapped[MessageChannel]
    language: Mapped[str] = mapped_column(default="da", server_default="da")
    subject: Mapped[str | None]
    body: Mapped[str]
    is_window_right: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    margin_mm: Mapped[int] = mapped_column(default=25, server_default="25")
    font_points: Mapped[int] = mapped_column(default=10, server_default="10")
    is_dated: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    name_sort: Mapped[str] = mapped_column(
        String().with_variant(String(collation="C"), "postgresql"),
        Computed(sort_sql("name"), persisted=True),
        deferred=True,
    )

    def __str__(self) -> str:
        return self.name
