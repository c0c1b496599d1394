"""Staff: users, their roles and access templates."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, SoftDeleted, Versioned

if TYPE_CHECKING:
    from .customer_groups import CustomerGroup

staff_user_role = Table(
    "staff_user_role",
    Base.metadata,
    Column("user_id", ForeignKey("staff_user.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id", ondelete="CASCADE"), primary_key=True),
)
access_template_role = Table(
    "access_template_role",
    Base.metadata,
    Column("template_id", ForeignKey("access_template.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id", ondelete="CASCADE"), primary_key=True),
)
staff_user_group = Table(
    "staff_user_group",
    Base.metadata,
    Column("user_id", ForeignKey("staff_user.id", ondelete="CASCADE"), primary_key=True),
    Column("group_id", ForeignKey("customer_group.id", ondelete="CASCADE"), primary_key=True),
)
access_template_group = Table(
    "access_template_group",
    Base.metadata,
    Column("template_id", ForeignKey("access_template.id", ondelete="CASCADE"), primary_key=True),
    Column("group_id", ForeignKey("customer_group.id", ondelete="CASCADE"), primary_key=True),
)


class Role(Versioned, Base):
    """A named bundle of rights; `key` marks the ones an installation starts with."""

    __tablename__ = "role"

    key: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    permissions: Mapped[list[RolePermission]] = relationship(cascade="all, delete-orphan")


class RolePermission(Base):
    """One right of a role."""

    __tablename__ = "role_permission"

    role_id: Mapped[int] = mapped_column(ForeignKey("role.id", ondelete="CASCADE"), primary_key=True)
    permission: Mapped[str] = mapped_column(primary_key=True)


class AccessTemplate(Versioned, Base):
    """Roles and customer groups that several users share; a change reaches all of them."""

    __tablename__ = "access_template"

    name: Mapped[str] = mapped_column(unique=True)
    is_limited: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    roles: Mapped[list[Role]] = relationship(secondary=access_template_role)
    groups: Mapped[list[CustomerGroup]] = relationship(secondary=access_template_group)


class StaffUser(Versioned, SoftDeleted, Created, Base):
    """One who works here. Limited users see only the customers of their groups."""

    __tablename__ = "staff_user"
    __table_args__ = (
        CheckConstraint("language IN ('da', 'en')", name="language"),
        CheckConstraint("theme IN ('auto', 'light', 'dark')", name="theme"),
        CheckConstraint("username = lower(username)", name="username"),
    )

    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str | None]
    password_hash: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    is_limited: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    language: Mapped[str] = mapped_column(default="da", server_default="da")
    theme: Mapped[str] = mapped_column(default="auto", server_default="auto")
    last_login_at: Mapped[datetime | None]
    access_template_id: Mapped[int | None] = mapped_column(ForeignKey("access_template.id"), index=True)

    access_template: Mapped[AccessTemplate | None] = relationship()
    roles: Mapped[list[Role]] = relationship(secondary=staff_user_role)
    groups: Mapped[list[CustomerGroup]] = relationship(secondary=staff_user_group)
