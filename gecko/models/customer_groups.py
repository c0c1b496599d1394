"""Customer groups: each is a customer database of its own; exactly one is primary."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Created, Versioned


class CustomerGroup(Versioned, Created, Base):
    """A group. An inactive one is not found by search; the primary one cannot be inactive."""

    __tablename__ = "customer_group"
    __table_args__ = (
        CheckConstraint("is_active OR NOT is_primary", name="primary_is_active"),
        Index(
            "uq_customer_group_primary",
            "is_primary",
            unique=True,
            sqlite_where=text("is_primary"),
            postgresql_where=text("is_primary"),
        ),
    )

    name: Mapped[str] = mapped_column(unique=True)
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    is_primary: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    description: Mapped[str | None]
    description_2: Mapped[str | None]
    description_3: Mapped[str | None]
    default_clips: Mapped[int] = mapped_column(default=0, server_default="0")

    def __str__(self) -> str:
        return self.name
