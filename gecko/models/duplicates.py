"""Duplicates: pairs of customers that may be one person, the cases that reviewers decide, and what they decided."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, Identified, Versioned

if TYPE_CHECKING:
    from .customer_groups import CustomerGroup
    from .customers import Customer
    from .people import StaffUser

_WAITING = text("closed_at IS NULL AND later_at IS NULL")
_PUT_OFF = text("closed_at IS NULL AND later_at IS NOT NULL")
_ASSIGNED = text("closed_at IS NULL AND assigned_to_id IS NOT NULL")


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


def _partial(name: str, *columns: str, where: Any) -> Index:
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


class DuplicateCase(Versioned, Created, Base):
    """Customers that hang together by open pairs, decided at one sitting.

    probability: of the weakest pair that holds them together. size: how many customers. group_id: the group that all
    of them are in; None where they are in several. fields: which fields speak for them, as bits (see operations).
    later_at: when somebody put it off (it goes to the end of the queue, nothing else). closed_at: when no open pair
    was left.
    """

    __tablename__ = "duplicate_case"
    __table_args__ = (
        _partial("ix_duplicate_case_queue", "lane", "probability", "id", where=_WAITING),
        _partial("ix_duplicate_case_group", "group_id", "lane", "probability", "id", where=_WAITING),
        _partial("ix_duplicate_case_later", "lane", "later_at", "id", where=_PUT_OFF),
        _partial("ix_duplicate_case_assigned", "assigned_to_id", "lane", "probability", "id", where=_ASSIGNED),
    )

    lane: Mapped[Lane]
    probability: Mapped[float]
    size: Mapped[int]
    group_id: Mapped[int | None] = mapped_column(ForeignKey("customer_group.id"))
    fields: Mapped[int] = mapped_column(default=0, server_default="0")
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    later_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    group: Mapped[CustomerGroup | None] = relationship()
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
    a decision "different" holds until it changes, and where it is empty, for what is compared next. model: the version
    of the weights. seen_at: when a scan or check last found it. reopened_at: when changed evidence brought a decided
    pair back. merge_id: the merge that closed it, or that handed it a decision of a customer it absorbed.
    """

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        UniqueConstraint("a_id", "b_id"),
        CheckConstraint("a_id < b_id", name="ordered"),
        CheckConstraint("probability BETWEEN 0 AND 1", name="probability"),
        Index("ix_duplicate_pair_b", "b_id"),
        Index("ix_duplicate_pair_case", "case_id"),
        Index("ix_duplicate_pair_merge", "merge_id"),
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
    seen_at: Mapped[datetime] = mapped_column(server_default=text("CURRENT_TIMESTAMP"))
    reopened_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    merge_id: Mapped[int | None] = mapped_column(ForeignKey("merge.id"))


class DuplicateDecision(Identified, Created, Base):
    """A label that a person gave, with the score as it stood then; append-only, the matcher learns from it.

    act: what one key press decided shares it, and a second press with the same one decides nothing. seconds: how long
    the reviewer looked. is_sample: decided as part of a sample check before a batch. is_batch: merged in a batch, so
    nobody looked at this very pair.
    """

    __tablename__ = "duplicate_decision"
    __table_args__ = (
        UniqueConstraint("act", "a_id", "b_id"),
        Index("ix_duplicate_decision_pair", "a_id", "b_id", "id"),
        Index("ix_duplicate_decision_created", "created_at", "id"),
        Index("ix_duplicate_decision_person", "decided_by_id", "created_at"),
    )

    act: Mapped[str]
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

    decided_by: Mapped[StaffUser | None] = relationship()


class BatchState(StrEnum):
    """Where a batch merge is; it may start only once its sample was found right."""

    SAMPLING = "sampling"
    PASSED = "passed"
    FAILED = "failed"
    STARTED = "started"
    FINISHED = "finished"


class DuplicateBatch(Versioned, Created, Base):
    """Cases of the sure lane to be merged in one go, after people looked at a random sample of them.

    group_id, minimum: which cases it takes. model, sure: the weights and threshold it was drawn under. last_case_id:
    later cases are not part of it. cases: how many there were when it was drawn. run_id: the job that merges them.
    """

    __tablename__ = "duplicate_batch"

    state: Mapped[BatchState] = mapped_column(default=BatchState.SAMPLING, server_default="sampling")
    group_id: Mapped[int | None] = mapped_column(ForeignKey("customer_group.id"))
    minimum: Mapped[float]
    model: Mapped[int]
    sure: Mapped[float]
    last_case_id: Mapped[int]
    cases: Mapped[int]
    merged: Mapped[int] = mapped_column(default=0, server_default="0")
    refused: Mapped[int] = mapped_column(default=0, server_default="0")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("job_run.id"))
    finished_at: Mapped[datetime | None]

    group: Mapped[CustomerGroup | None] = relationship()
    created_by: Mapped[StaffUser | None] = relationship()
    samples: Mapped[list[DuplicateSample]] = relationship(
        back_populates="batch", cascade="all, delete-orphan", order_by="DuplicateSample.position"
    )


class DuplicateSample(Base):
    """A case drawn for the check before a batch, and what the one who looked at it said."""

    __tablename__ = "duplicate_sample"

    batch_id: Mapped[int] = mapped_column(ForeignKey("duplicate_batch.id", ondelete="CASCADE"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("duplicate_case.id"), primary_key=True)
    position: Mapped[int]
    verdict: Mapped[Verdict | None]

    batch: Mapped[DuplicateBatch] = relationship(back_populates="samples")
    case: Mapped[DuplicateCase] = relationship()


class DuplicateRefusal(Base):
    """A case that a batch did not merge, and why; it stays in the queue for people."""

    __tablename__ = "duplicate_refusal"

    batch_id: Mapped[int] = mapped_column(ForeignKey("duplicate_batch.id", ondelete="CASCADE"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("duplicate_case.id"), primary_key=True)
    reason: Mapped[str]

    case: Mapped[DuplicateCase] = relationship()
