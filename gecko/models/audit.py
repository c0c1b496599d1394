"""The log: every change of an audited row, and named events that say what a change meant."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Identified


class AuditContext(Base):
    """SQLite only: who acts in the running write transaction; empty between transactions."""

    __tablename__ = "audit_context"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int | None]
    name: Mapped[str | None]
    source: Mapped[str | None]
    ip: Mapped[str | None]
    request_id: Mapped[str | None]
    on_behalf_of: Mapped[int | None]


class AuditEntry(Identified, Base):
    """One change of one row (`insert`, `update`, `delete`, written by triggers) or one named event (`noun.verb`).

    changes: {column: [old, new]} for rows, free facts for events. customer_id: whose log it belongs to.
    A row change without an actor name came from outside the product. Update and delete are refused by triggers.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_customer", "customer_id", "id"),
        Index("ix_audit_entry_row", "entity", "entity_id", "id"),
        Index("ix_audit_entry_user", "user_id", "id"),
        Index("ix_audit_entry_at", "at", "id"),
    )

    at: Mapped[datetime] = mapped_column(server_default=text("CURRENT_TIMESTAMP"))
    action: Mapped[str]
    entity: Mapped[str]
    entity_id: Mapped[str]
    customer_id: Mapped[int | None]
    changes: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    user_id: Mapped[int | None]
    name: Mapped[str | None]
    source: Mapped[str | None]
    ip: Mapped[str | None]
    request_id: Mapped[str | None]
    on_behalf_of: Mapped[int | None]
