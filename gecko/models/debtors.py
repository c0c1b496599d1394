"""Debtors: who pays, in which group, on which terms, and which customers they pay for."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, Identified, SoftDeleted, Versioned
from ..folding import search_sql, sort_sql

if TYPE_CHECKING:
    from .customers import Customer

_LIVE = text("deleted_at IS NULL")
_LINKED = text("unlinked_at IS NULL")


class DayKind(StrEnum):
    """How the days of a payment term are counted."""

    CALENDAR = "calendar"
    BANKING = "banking"


class PaymentTerm(Versioned, Base):
    """Net so many days; exactly one is the default."""

    __tablename__ = "payment_term"
    __table_args__ = (
        CheckConstraint("days BETWEEN 0 AND 365", name="days"),
        CheckConstraint("is_active OR NOT is_default", name="default_is_active"),
        Index(
            "uq_payment_term_default",
            "is_default",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )

    name: Mapped[str] = mapped_column(unique=True)
    days: Mapped[int]
    day_kind: Mapped[DayKind] = mapped_column(default=DayKind.CALENDAR, server_default="calendar")
    is_default: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))

    def __str__(self) -> str:
        return self.name


class DebtorGroup(Versioned, Base):
    """A group of debtors, with the payment term its members get unless they have their own."""

    __tablename__ = "debtor_group"

    name: Mapped[str] = mapped_column(unique=True)
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    default_term_id: Mapped[int | None] = mapped_column(ForeignKey("payment_term.id"))

    default_term: Mapped[PaymentTerm | None] = relationship()

    def __str__(self) -> str:
        return self.name


class Debtor(Versioned, SoftDeleted, Created, Base):
    """One who is invoiced: a person, a firm or a public body (with EAN)."""

    __tablename__ = "debtor"
    __table_args__ = (
        CheckConstraint("coalesce(trim(name), '') <> '' OR coalesce(trim(company_name), '') <> ''", name="named"),
        CheckConstraint("language IN ('da', 'en')", name="language"),
        Index("ix_debtor_live_name", "name_sort", "id", sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_debtor_live_group", "group_id", "id", sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    number: Mapped[str] = mapped_column(unique=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("debtor_group.id"))
    name: Mapped[str | None]
    company_name: Mapped[str | None]
    att: Mapped[str | None]
    address: Mapped[str | None]
    postal_code: Mapped[str | None]
    city: Mapped[str | None]
    country: Mapped[str] = mapped_column(default="DK", server_default="DK")
    phone: Mapped[str | None]
    email: Mapped[str | None]
    cvr: Mapped[str | None]
    ean: Mapped[str | None]
    contact_reference: Mapped[str | None]
    order_reference: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="da", server_default="da")
    term_id: Mapped[int | None] = mapped_column(ForeignKey("payment_term.id"))
    reminder_block: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    search_text: Mapped[str] = mapped_column(
        Computed(search_sql("number", "name", "company_name", "email", "cvr", "ean"), persisted=True), deferred=True
    )
    name_sort: Mapped[str] = mapped_column(
        String().with_variant(String(collation="C"), "postgresql"),
        Computed(sort_sql("coalesce(company_name, name, '')"), persisted=True),
        deferred=True,
    )

    group: Mapped[DebtorGroup | None] = relationship()
    term: Mapped[PaymentTerm | None] = relationship()
    links: Mapped[list[CustomerDebtorLink]] = relationship(back_populates="debtor", viewonly=True)

    @property
    def display_name(self) -> str:
        """The company, or else the person."""
        return self.company_name or self.name or ""

    def __str__(self) -> str:
        return f"{self.display_name} ({self.number})"


class CustomerDebtorLink(Identified, Base):
    """That a debtor pays for a customer, from when to when; a customer has at most one at a time."""

    __tablename__ = "customer_debtor_link"
    __table_args__ = (
        Index(
            "uq_customer_debtor_link_open",
            "customer_id",
            unique=True,
            sqlite_where=_LINKED,
            postgresql_where=_LINKED,
        ),
        Index("ix_customer_debtor_link_debtor", "debtor_id", "unlinked_at"),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"))
    linked_at: Mapped[datetime] = mapped_column(server_default=text("CURRENT_TIMESTAMP"))
    linked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    unlinked_at: Mapped[datetime | None]
    unlinked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    customer: Mapped[Customer] = relationship(back_populates="debtor_links")
    debtor: Mapped[Debtor] = relationship(back_populates="links")
