"""How many living customers there are by the beginning of their sort name: kept by triggers, exact at any moment."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base

PREFIX = 5
"""How many signs of the sort name are told apart."""


class CustomerNameCount(Base):
    """A part of the number of customers whose sort name begins with `prefix`; the parts of a prefix add up to it.

    part: 0, and on PostgreSQL the transaction's number, so that nobody waits for another's name (see `name_counts`).
    """

    __tablename__ = "customer_name_count"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 (SQLAlchemy reads a plain dict)

    prefix: Mapped[str] = mapped_column(String().with_variant(String(collation="C"), "postgresql"), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customers: Mapped[int]
