"""What the matcher knows about customers, derived from their rows: signatures, blocking keys, frequencies.

All of it can be computed anew from the customers, so none of it has foreign keys to them: that a row was removed with
other tools is noticed by its mark (see triggers), not refused.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, Identified

if TYPE_CHECKING:
    from .people import StaffUser

_WITHOUT_ROWID = {"sqlite_with_rowid": False}
_STALE = text("is_stale")

COMPARED = (
    "name", "address", "postal_code", "city", "telephone", "mobile", "email", "birth_date",
    "group_id", "deleted_at",
)  # fmt: skip
"""The columns of a customer that its signature rests on, and those that decide whether and to whom it is shown."""


class MatchSignature(Base):
    """Everything the matcher compares of one living customer, packed into one fixed number of bytes."""

    __tablename__ = "match_signature"

    customer_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    group_id: Mapped[int]
    signature: Mapped[bytes]


class MatchKey(Base):
    """A blocking key of a customer: two customers are compared where they share one."""

    __tablename__ = "match_key"
    __table_args__ = (_WITHOUT_ROWID,)

    key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customer_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class MatchFrequency(Base):
    """How many customers bore each value of one kind when frequencies were last counted.

    bearers: the values (64-bit numbers, ascending) and behind them as many counts, packed; of kind 0 the pairs of one
    person and of one household per customer. Every process reads all of it into memory, so that all paths score by the
    same numbers.
    """

    __tablename__ = "match_frequency"

    kind: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bearers: Mapped[bytes]


class MatchMark(Base):
    """A customer that changed since it was last compared with the others; written by a trigger.

    stamp: drawn anew with each change, so that a scan clears only the change it saw. is_stale: the signature does not
    show the change yet. is_outside: the change was made with other tools; what the product itself changes gets its
    signature before the transaction ends, what others changed gets it from the next scan. changed: which of COMPARED
    changed since it was not stale, a bit each from the lowest on; -1, all bits, where everything is to be read anew.
    """

    __tablename__ = "match_mark"
    __table_args__ = (
        Index("ix_match_mark_stale", "is_outside", "customer_id", sqlite_where=_STALE, postgresql_where=_STALE),
    )

    customer_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stamp: Mapped[int]
    is_stale: Mapped[bool]
    is_outside: Mapped[bool]
    changed: Mapped[int] = mapped_column(default=-1, server_default="-1")


class MatchState(Base):
    """One row: versions of what every process keeps in memory, so that it knows when to read anew.

    signatures: how the stored ones were made (0: not all are there). placeholders: grows with each change of the list.
    frequencies: grows with each count. model: the weights in force. customers: how many there were at the last count.
    """

    __tablename__ = "match_state"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    signatures: Mapped[int] = mapped_column(default=0, server_default="0")
    placeholders: Mapped[int] = mapped_column(default=0, server_default="0")
    frequencies: Mapped[int] = mapped_column(default=0, server_default="0")
    model: Mapped[int] = mapped_column(default=0, server_default="0")
    customers: Mapped[int] = mapped_column(default=0, server_default="0")
    counted_at: Mapped[datetime | None]


class MatchModel(Created, Base):
    """Weights estimated from this base, by version; never changed.

    likelihood, likelihood_before: mean log-likelihood of held-out pairs under these weights and under those then in
    force; they are put in force only where it rose.
    """

    __tablename__ = "match_model"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]]
    customers: Mapped[int]
    likelihood: Mapped[float]
    likelihood_before: Mapped[float]
    is_accepted: Mapped[bool]


class PlaceholderState(StrEnum):
    """What is thought of a value that stands for no value."""

    LEARNED = "learned"  # found by the matcher; treated as no value
    CONFIRMED = "confirmed"  # staff agree; treated as no value
    REJECTED = "rejected"  # staff say it is a real value; compared like any other


class MatchPlaceholder(Identified, Created, Base):
    """A value that many unrelated customers share (info@..., 00000000), and what staff say about it.

    kind: the field it stands in. customers, surnames: how many customers had it when it was found, with how many
    different last names.
    """

    __tablename__ = "match_placeholder"
    __table_args__ = (UniqueConstraint("kind", "value"),)

    kind: Mapped[str]
    value: Mapped[str]
    customers: Mapped[int]
    surnames: Mapped[int]
    state: Mapped[PlaceholderState] = mapped_column(
        default=PlaceholderState.LEARNED, server_default=PlaceholderState.LEARNED.value
    )
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    decided_by: Mapped[StaffUser | None] = relationship()


class MatchScan(Identified, Base):
    """One scan that came to its end: what it looked at, what it found, and what its caps left out.

    scope: `whole`, `changed`, `groups` or `across`. dropped: per kind of key, the blocks over its cap, the customers in
    them and the pairs that were therefore not looked at under that key.
    """

    __tablename__ = "match_scan"
    __table_args__ = (Index("ix_match_scan_finished", "finished_at", "id"),)

    scope: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    customers: Mapped[int]
    candidates: Mapped[int]
    found: Mapped[int]
    model: Mapped[int]
    dropped: Mapped[dict[str, Any]]
