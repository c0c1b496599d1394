"""How a user likes a grid: saved views and chosen columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, Identified

if TYPE_CHECKING:
    from .people import StaffUser


class SavedView(Identified, Created, Base):
    """A grid's filters, sort and search under a name; shared ones are for everybody who sees the grid."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("user_id", "endpoint", "name"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id", ondelete="CASCADE"))
    endpoint: Mapped[str]
    name: Mapped[str]
    query: Mapped[str]
    is_shared: Mapped[bool] = mapped_column(default=False, server_default=text("false"))

    user: Mapped[StaffUser] = relationship()


class GridChoice(Base):
    """A user's columns and page size of one grid."""

    __tablename__ = "grid_choice"

    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id", ondelete="CASCADE"), primary_key=True)
    endpoint: Mapped[str] = mapped_column(primary_key=True)
    columns: Mapped[list[Any] | None]
    page_size: Mapped[int | None]
