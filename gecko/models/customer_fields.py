"""Fields that an installation adds to its customers, and which fields each form shows and demands."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, SoftDeleted, Versioned

if TYPE_CHECKING:
    from .customer_groups import CustomerGroup

customer_field_group = Table(
    "customer_field_group",
    Base.metadata,
    Column("field_id", ForeignKey("customer_field.id", ondelete="CASCADE"), primary_key=True),
    Column("group_id", ForeignKey("customer_group.id", ondelete="CASCADE"), primary_key=True),
)


class FieldType(StrEnum):
    """What a custom field holds; it cannot change once the field exists."""

    LINE = "line"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"


class CustomerField(Versioned, SoftDeleted, Created, Base):
    """A custom field, for all groups or for chosen ones. is_sensitive: its answers must not go by SMS."""

    __tablename__ = "customer_field"

    name: Mapped[str]
    type: Mapped[FieldType]
    choices: Mapped[str | None]  # one per line, for CHOICE
    alert_text: Mapped[str | None]
    all_groups: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    show_create: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    show_profile: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    is_required: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    is_sensitive: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    position: Mapped[int] = mapped_column(default=0, server_default="0")

    groups: Mapped[list[CustomerGroup]] = relationship(secondary=customer_field_group)


class CustomerFieldValue(Base):
    """What a custom field holds for one customer; dates as ISO text, yes/no as 1 and 0."""

    __tablename__ = "customer_field_value"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    field_id: Mapped[int] = mapped_column(ForeignKey("customer_field.id"), primary_key=True, index=True)
    value: Mapped[str]


class FormContext(StrEnum):
    """Where a customer is typed in."""

    BACKEND = "backend"
    CREATE = "create"


class FieldPolicy(Versioned, Base):
    """Whether a form shows a built-in field and whether it must be filled in."""

    __tablename__ = "field_policy"
    __table_args__ = (
        CheckConstraint("is_shown OR NOT is_required", name="required_is_shown"),
        UniqueConstraint("context", "field"),
    )

    context: Mapped[FormContext]
    field: Mapped[str]
    is_shown: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    is_required: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
