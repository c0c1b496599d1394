"""The run of marketing triggers, every morning. Safe to run again: nobody is written to twice about one occurrence."""

from __future__ import annotations

from typing import Any

from gecko.clock import today
from gecko.db import db
from gecko.language import _
from gecko.models.marketing_triggers import MarketingTrigger
from gecko.operations.marketing import occasions, writing

from . import queue
from .registry import job
from .work import Work

RUN = "triggers.run"


@job(RUN, label=_("Run of marketing triggers"))
def run(work: Work) -> dict[str, Any]:
    """Write what is due today, trigger by trigger; returns how many messages each wrote, by its id."""
    day, written = today(), {}
    for trigger_id in writing.approved():
        trigger = db.session.get(MarketingTrigger, trigger_id)
        coming = list(dict(occasions.coming(trigger, day)).items()) if trigger is not None else []
        db.session.rollback()
        batches = [coming[first : first + writing.BATCH] for first in range(0, len(coming), writing.BATCH)]
        counts: list[int] = []

        def write(batch: list[tuple[int, str]], trigger_id: int = trigger_id, counts: list[int] = counts) -> None:
            counts.append(writing.write(trigger_id, batch))

        work.write_in_chunks(batches, write, total=len(batches), message=_("Writing messages"))
        written[str(trigger_id)] = sum(counts)
    queue.wake_senders()
    return {"written": sum(written.values()), "triggers": written}
