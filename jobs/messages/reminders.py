"""Reminders of bookings, written into the outbox when their time has come; from there they go as any message does."""

from __future__ import annotations

import logging

from gecko import actor
from gecko.chunks import write_in_chunks
from gecko.clock import now
from gecko.db import db
from gecko.operations.messaging import reminding

log = logging.getLogger(__name__)
BATCH = 25


def remind() -> int:
    """Write what is due; returns how many reminders were. Where nothing is, it costs a query for each rule."""
    moment = now()
    found = [(rule, due) for rule in reminding.rules() if (due := reminding.due(rule, moment))]
    db.session.rollback()
    batches = [(rule, due[first : first + BATCH]) for rule, due in found for first in range(0, len(due), BATCH)]
    with actor.acting_as(actor.Actor(name="reminders", source="job")):
        write_in_chunks(batches, lambda one: reminding.write(*one))
    count = sum(len(due) for _rule, due in found)
    if count:
        log.info("reminders of %s bookings", count)
    return count
