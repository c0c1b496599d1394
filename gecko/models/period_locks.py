"""How far the books are closed: every closing and reopening is a row, and the newest one holds."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Created, Identified


class PeriodLock(Identified, Created, Base):
    """From this step on nothing is dated `closed_until` or before; None: nothing is closed. Triggers refuse changes."""

    __tablename__ = "period_lock"

    closed_until: Mapped[date | None]
    reason: Mapped[str]
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
