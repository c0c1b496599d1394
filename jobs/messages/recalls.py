"""What became of the messages of recalls: those that arrived close their time, the others come back to the list."""

from __future__ import annotations

from gecko import actor
from gecko.chunks import write_in_chunks
from gecko.db import db
from gecko.operations.recalls import following


def follow() -> int:
    """Look after the messages that were answered; returns how many. Where none was, it costs one query."""
    found = following.answered()
    db.session.rollback()
    with actor.acting_as(actor.Actor(name="recalls", source="job")):
        return write_in_chunks(found, following.follow)
