"""Contacts: people around a customer, such as a parent of two children."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, Identified, SoftDeleted, Versioned
from ..folding import search_sql, sort_sql

if TYPE_CHECKING:
    from .customers import Customer

_LIVE = text("deleted_at IS NULL")


class Contact(Versioned, SoftDeleted, Created, Base):
    """A contact person; may belong to several customers."""

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint("trim(name) <> ''", name="name"),
        Index("ix_contact_live_name", "name_sort", "id", sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    name: Mapped[str]
    email: Mapped[str | None]
    mobile: Mapped[str | None]
    telephone: Mapped[str | None]
    address: Mapped[str | None]
    note: Mapped[str | None]
    receives_copy: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    search_text: Mapped[str] = mapped_column(
        Computed(search_sql("name", "email", "telephone", "mobile"), persisted=True), deferred=True
    )
    name_sort: Mapped[str] = mapped_column(
        String().with_variant(String(collation="C"), "postgresql"),
        Computed(sort_sql("name"), persisted=True),
        deferred=True,
    )

    customers: Mapped[list[CustomerContact]] = relationship(cascade="all, delete-orphan", back_populates="contact")

    def __str__(self) -> str:
        return self.name


class CustomerContact(Identified, Base):
    """Who a contact is to a customer."""

    __tablename__ = "customer_contact"
    __table_args__ = (UniqueConstraint("customer_id", "contact_id"),)

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    relation: Mapped[str | None]

    customer: Mapped[Customer] = relationship()
    contact: Mapped[Contact] = relationship(back_populates="customers")
