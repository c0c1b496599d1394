"""Customers: what is registered about a person."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, SoftDeleted, Versioned
from ..folding import search_sql, sort_sql

if TYPE_CHECKING:
    from .customer_groups import CustomerGroup
    from .debtors import CustomerDebtorLink
    from .markings import CustomerMarking

_LIVE = text("deleted_at IS NULL")


def _live_index(name: str, *columns: str) -> Index:
    """An index of the rows that lists show; `deleted_at` stands in it so that SQLite need not look at the row."""
    return Index(name, *columns, "deleted_at", sqlite_where=_LIVE, postgresql_where=_LIVE)


class Gender(StrEnum):
    """As registered; unknown unless somebody said."""

    UNKNOWN = "unknown"
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class Customer(Versioned, SoftDeleted, Created, Base):
    """One person. `search_text` and `name_sort` are computed by the database (see folding)."""

    __tablename__ = "customer"
    __table_args__ = (
        CheckConstraint("language IN ('da', 'en')", name="language"),
        CheckConstraint("trim(name) <> ''", name="name"),
        CheckConstraint("clips_left >= 0", name="clips_left"),
        _live_index("ix_customer_live_name", "name_sort", "id"),
        _live_index("ix_customer_live_id", "id"),
        _live_index("ix_customer_live_number", "number", "id"),
        _live_index("ix_customer_live_city", "city", "id"),
        _live_index("ix_customer_live_postal_code", "postal_code", "id"),
        _live_index("ix_customer_live_created", "created_at", "id"),
        _live_index("ix_customer_live_group_name", "group_id", "name_sort", "id"),
        _live_index("ix_customer_live_group", "group_id", "id"),
        Index("ix_customer_email", "email"),
        Index("ix_customer_birth_date", "birth_date"),
        Index("ix_customer_mobile", "mobile"),
        Index("ix_customer_telephone", "telephone"),
        Index("ix_customer_cpr_index", "cpr_index"),
        Index(
            "ix_customer_deleted",
            "deleted_at",
            sqlite_where=text("deleted_at IS NOT NULL"),
            postgresql_where=text("deleted_at IS NOT NULL"),
        ),
        {"postgresql_with": {"fillfactor": "85"}},
    )

    group_id: Mapped[int] = mapped_column(ForeignKey("customer_group.id"), index=True)
    number: Mapped[str | None]
    name: Mapped[str]
    address: Mapped[str | None]
    postal_code: Mapped[str | None]
    city: Mapped[str | None]
    telephone: Mapped[str | None]
    mobile: Mapped[str | None]
    email: Mapped[str | None]
    birth_date: Mapped[date | None]
    gender: Mapped[Gender] = mapped_column(default=Gender.UNKNOWN, server_default="unknown")
    language: Mapped[str] = mapped_column(default="da", server_default="da")
    remind_sms: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    remind_email: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    accepts_marketing_email: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    accepts_marketing_sms: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    allows_open_tracking: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    note: Mapped[str | None]
    important_note: Mapped[str | None]
    right_of_access: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    clips_left: Mapped[int] = mapped_column(default=0, server_default="0")
    cpr_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary)
    cpr_index: Mapped[str | None]
    password_hash: Mapped[str | None]
    last_login_at: Mapped[datetime | None]
    last_login_ip: Mapped[str | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    search_text: Mapped[str] = mapped_column(
        Computed(search_sql("number", "name", "email", "telephone", "mobile"), persisted=True), deferred=True
    )
    name_sort: Mapped[str] = mapped_column(
        String().with_variant(String(collation="C"), "postgresql"),
        Computed(sort_sql("name"), persisted=True),
        deferred=True,
    )

    group: Mapped[CustomerGroup] = relationship()
    markings: Mapped[list[CustomerMarking]] = relationship(cascade="all, delete-orphan", back_populates="customer")
    debtor_links: Mapped[list[CustomerDebtorLink]] = relationship(back_populates="customer", viewonly=True)

    @property
    def first_name(self) -> str:
        """The first word of the name."""
        return self.name.split()[0]

    @property
    def last_name(self) -> str:
        """The last word of the name; empty where there is only one."""
        words = self.name.split()
        return words[-1] if len(words) > 1 else ""

    @property
    def middle_names(self) -> str:
        """Everything between the first and the last word."""
        return " ".join(self.name.split()[1:-1])

    def age_on(self, day: date) -> int | None:
        """Whole years on `day`, or None without a birth date."""
        if self.birth_date is None:
            return None
        before_birthday = (day.month, day.day) < (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - before_birthday

    def __str__(self) -> str:
        return self.name
