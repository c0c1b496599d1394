"""Duplicates: pairs of customers that may be one person, the cases that reviewers decide, and what they decided."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, Identified

if TYPE_CHECKING:
    from .customers import Customer
    from .people import StaffUser

_OPEN = text("closed_at IS NULL")


class Lane(StrEnum):
    """How a pair is to be looked at: certain, likely, a family at one address, or a name that many bear."""

    SURE = "sure"
    PROBABLE = "probable"
    HOUSEHOLD = "household"
    SAME_NAME = "same_name"


class PairState(StrEnum):
    """What became of a pair."""

    OPEN = "open"
    DIFFERENT = "different"
    MERGED = "merged"


class Verdict(StrEnum):
    """What a person decided about a pair; UNDONE takes an earlier decision back."""

    SAME = "same"
    DIFFERENT = "different"
    UNDONE = "undone"


class DuplicateCase(Identified, Created, Base):
    """Customers that hang together by open pairs, decided at one sitting.

    probability: the highest among its pairs. size: how many customers. later_at: when somebody put it off (it goes to
    the end of the queue, nothing else). closed_at: when no open pair was left.
    """

    __tablename__ = "duplicate_case"
    __table_args__ = (
        Index("ix_duplicate_case_queue", "lane", "later_at", "probability", "id",
              sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_duplicate_case_assigned", "assigned_to_id", "id"),
    )  # fmt: skip

    lane: Mapped[Lane]
    probability: Mapped[float]
    size: Mapped[int]
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    later_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    assigned_to: Mapped[StaffUser | None] = relationship()
    members: Mapped[list[DuplicateMember]] = relationship(back_populates="case", cascade="all, delete-orphan")


class DuplicateMember(Base):
    """A customer of a case."""

    __tablename__ = "duplicate_member"

    case_id: Mapped[int] = mapped_column(ForeignKey("duplicate_case.id", ondelete="CASCADE"), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True, index=True)

    case: Mapped[DuplicateCase] = relationship(back_populates="members")
    customer: Mapped[Customer] = relationship()


class DuplicatePair(Identified, Base):
    """Two customers, `a_id` the lower, as the matcher last scored them.

    probability: that they are one person. household: that they are two of one household. score: log2 odds of one person
    against everything else. levels: one character per comparator. evidence: digest of everything that was compared;
    a decision "different" holds until it changes. model: the version of the weights.
    """

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        UniqueConstraint("a_id", "b_id"),
        CheckConstraint("a_id < b_id", name="ordered"),
        CheckConstraint("probability BETWEEN 0 AND 1", name="probability"),
        Index("ix_duplicate_pair_b", "b_id"),
        Index("ix_duplicate_pair_case", "case_id"),
        Index("ix_duplicate_pair_state", "state", "lane", "probability"),
    )

    a_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    b_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    probability: Mapped[float]
    household: Mapped[float]
    score: Mapped[float]
    lane: Mapped[Lane]
    levels: Mapped[str]
    evidence: Mapped[str]
    model: Mapped[int]
    state: Mapped[PairState] = mapped_column(default=PairState.OPEN, server_default="open")
    case_id: Mapped[int | None] = mapped_column(ForeignKey("duplicate_case.id", ondelete="SET NULL"))
    found_at: Mapped[datetime] = mapped_column(server_default=text("CURRENT_TIMESTAMP"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))


class DuplicateDecision(Identified, Created, Base):
    """A label that a person gave, with the score as it stood then; append-only, the matcher learns from it.

    seconds: how long the reviewer looked. is_sample: decided as part of a sample check before a batch. is_batch: merged
    in a batch, so nobody looked at this very pair.
    """

    __tablename__ = "duplicate_decision"
    __table_args__ = (
        Index("ix_duplicate_decision_pair", "a_id", "b_id", "id"),
        Index("ix_duplicate_decision_created", "created_at", "id"),
    )

    a_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    b_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    verdict: Mapped[Verdict]
    lane: Mapped[Lane]
    probability: Mapped[float]
    levels: Mapped[str]
    evidence: Mapped[str]
    model: Mapped[int]
    merge_id: Mapped[int | None] = mapped_column(ForeignKey("merge.id"), index=True)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("duplicate_decision.id"))
    is_sample: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    is_batch: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    seconds: Mapped[float | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
