"""Merges: who was absorbed by whom, and a journal of every row that was touched, so that any merge can be undone."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, Identified

if TYPE_CHECKING:
    from .customers import Customer

_IN_FORCE = text("undone_at IS NULL")
_RUNNING = text("is_running")
_UNFINISHED = text("finished_at IS NULL")


class StepAction(StrEnum):
    """What a merge did."""

    MOVED = "moved"  # rows now belong to the survivor
    CHANGED = "changed"  # values of one row became others
    ARCHIVED = "archived"  # a row clashed with one of the survivor's: kept here, gone from its table
    ABSORBED = "absorbed"  # the customer that is no more


class Merge(Identified, Created, Base):
    """One merge of one or more customers into `survivor_id`.

    counts: how many rows moved, by table. marks: the highest id of each table as it was, so that what came after can be
    told. is_running: true only inside the transaction that moves rows; the log leaves these moves to the journal.
    erased_at: since when the journal holds nothing more to restore, because a customer of the merge was erased.
    """

    __tablename__ = "merge"
    __table_args__ = (
        Index("ix_merge_survivor", "survivor_id", "id"),
        Index("ix_merge_created", "created_at", "id"),
        Index("ix_merge_running", "is_running", sqlite_where=_RUNNING, postgresql_where=_RUNNING),
    )

    survivor_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    counts: Mapped[dict[str, Any]]
    marks: Mapped[dict[str, Any]]
    is_running: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    erased_at: Mapped[datetime | None]

    survivor: Mapped[Customer] = relationship()
    absorbed: Mapped[list[MergedCustomer]] = relationship(back_populates="merge", order_by="MergedCustomer.id")


class MergedCustomer(Identified, Base):
    """A customer absorbed by a merge; its row stays as a tombstone that leads to `survivor_id` while in force."""

    __tablename__ = "merged_customer"
    __table_args__ = (
        UniqueConstraint("merge_id", "customer_id"),
        Index("uq_merged_customer_in_force", "customer_id", unique=True,
              sqlite_where=_IN_FORCE, postgresql_where=_IN_FORCE),
        Index("ix_merged_customer_survivor", "survivor_id", sqlite_where=_IN_FORCE, postgresql_where=_IN_FORCE),
    )  # fmt: skip

    merge_id: Mapped[int] = mapped_column(ForeignKey("merge.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    survivor_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    undone_at: Mapped[datetime | None]

    merge: Mapped[Merge] = relationship(back_populates="absorbed")
    customer: Mapped[Customer] = relationship(foreign_keys=customer_id)


class MergeAlias(Identified, Base):
    """A number or an address that led to a customer before a merge and still does."""

    __tablename__ = "merge_alias"
    __table_args__ = (Index("ix_merge_alias_value", "value"), Index("ix_merge_alias_merge", "merge_id"))

    merge_id: Mapped[int] = mapped_column(ForeignKey("merge.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    field: Mapped[str]
    value: Mapped[str]


class MergeStep(Identified, Base):
    """What a merge did to rows of one table; undo goes through them backwards.

    customer_id: whose rows they were. keys: which rows. before, after: the values that changed; an archived row is
    kept whole in `before`.
    """

    __tablename__ = "merge_step"
    __table_args__ = (Index("ix_merge_step_merge", "merge_id", "id"),)

    merge_id: Mapped[int] = mapped_column(ForeignKey("merge.id"))
    action: Mapped[StepAction]
    table_name: Mapped[str]
    column_name: Mapped[str | None]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    keys: Mapped[list[Any]]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]


class CustomerErasure(Identified, Base):
    """Proof that a customer's particulars were erased, without any of them.

    finished_at is empty only inside the transaction that erases: the log may be blanked then, and at no other time.
    """

    __tablename__ = "customer_erasure"
    __table_args__ = (
        Index("ix_customer_erasure_unfinished", "id", sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), unique=True)
    erased_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    finished_at: Mapped[datetime | None]
