"""Periodic work: each slot of time starts its job once, however many schedulers there are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from ..db import db
from ..models.jobs import ScheduledSlot
from . import job_runs


def start(kind: str, slot: datetime) -> int | None:
    """Create the run of this slot; None where it was started before. A kind seen for the first time waits a slot."""
    dialect = postgresql if db.session.connection().dialect.name == "postgresql" else sqlite
    fresh = dialect.insert(ScheduledSlot).values(name=kind, last_slot_at=slot).on_conflict_do_nothing()
    if db.session.scalar(fresh.returning(ScheduledSlot.name)) is not None:
        return None
    moved = db.session.scalar(
        update(ScheduledSlot)
        .where(ScheduledSlot.name == kind, ScheduledSlot.last_slot_at < slot)
        .values(last_slot_at=slot)
        .returning(ScheduledSlot.name)
        .execution_options(synchronize_session=False)
    )
    if moved is None:
        return None
    return job_runs.create(kind=kind, key=slot.isoformat(), parameters={}, user_id=None)
