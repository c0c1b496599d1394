"""Markings: small coloured tags on customers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Identified, Versioned

if TYPE_CHECKING:
    from .customers import Customer


class Marking(Versioned, Base):
    """A marking that staff can put on customers."""

    __tablename__ = "marking"

    name: Mapped[str] = mapped_column(unique=True)
    icon: Mapped[str] = mapped_column(default="tag", server_default="tag")
    colour: Mapped[str] = mapped_column(default="blue", server_default="blue")
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))

    def __str__(self) -> str:
        return self.name


class CustomerMarking(Identified, Base):
    """A marking on a customer, with an optional value and who put it there."""

    __tablename__ = "customer_marking"
    __table_args__ = (UniqueConstraint("customer_id", "marking_id"),)

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    marking_id: Mapped[int] = mapped_column(ForeignKey("marking.id"), index=True)
    value: Mapped[str | None]
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    set_at: Mapped[datetime] = mapped_column(server_default=text("CURRENT_TIMESTAMP"))

    customer: Mapped[Customer] = relationship(back_populates="markings")
    marking: Mapped[Marking] = relationship()
