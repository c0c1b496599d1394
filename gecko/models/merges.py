"""Merges: who was absorbed by whom, and a journal of every row that was touched, so that any merge can be undone."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, Identified

if TYPE_CHECKING:
    from .customers import Customer


class StepAction(StrEnum):
    """What a merge did to one row."""

    MOVED = "moved"  # now belongs to the survivor
    CHANGED = "changed"  # a value of the survivor (or of a row of its own) became another
    ARCHIVED = "archived"  # clashed with a row of the survivor: kept here, gone from its table
    ABSORBED = "absorbed"  # the customer that is no more


class Merge(Identified, Created, Base):
    """One merge of one or more customers into `survivor_id`."""

    __tablename__ = "merge"
    __table_args__ = (Index("ix_merge_survivor", "survivor_id", "id"), Index("ix_merge_created", "created_at", "id"))

    survivor_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    counts: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    survivor: Mapped[Customer] = relationship()
    absorbed: Mapped[list[MergedCustomer]] = relationship(back_populates="merge")


class MergedCustomer(Identified, Base):
    """A customer absorbed by a merge; its row stays as a tombstone, and its number and addresses keep resolving."""

    __tablename__ = "merged_customer"
    __table_args__ = (UniqueConstraint("merge_id", "customer_id"),)

    merge_id: Mapped[int] = mapped_column(ForeignKey("merge.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)

    merge: Mapped[Merge] = relationship(back_populates="absorbed")
    customer: Mapped[Customer] = relationship()


class MergeStep(Identified, Base):
    """One row that a merge touched: its key, and what it held before and after."""

    __tablename__ = "merge_step"
    __table_args__ = (Index("ix_merge_step_merge", "merge_id", "id"),)

    merge_id: Mapped[int] = mapped_column(ForeignKey("merge.id"))
    table_name: Mapped[str]
    row_key: Mapped[dict[str, Any]]
    action: Mapped[StepAction]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
