"""The run of recalls: every morning, and when somebody asks for it. Two at once do no harm, and nothing twice."""

from __future__ import annotations

from typing import Any

from gecko.db import db
from gecko.language import _
from gecko.models.recalls import TurnState
from gecko.modules import Feature
from gecko.operations import job_runs, settings
from gecko.operations.recalls import running

from . import queue
from .messages import recalls
from .registry import job
from .work import Work

RUN = "recalls.run"


@job(RUN, label=_("Recall run"))
def run(work: Work) -> dict[str, Any]:
    """Look at every sign-up whose date is near; what was looked at before a break is passed over by itself."""
    if str(Feature.RECALL) not in settings.switched_on():
        return {}
    db.session.rollback()
    recalls.follow()
    due = running.due()
    db.session.rollback()
    came_to: dict[int, TurnState | None] = {}

    def look(recall_id: int) -> None:
        came_to[recall_id] = running.run_one(recall_id)

    work.write_in_chunks(due, look, total=len(due), message=_("Looking at sign-ups"))
    queue.wake_senders()
    states = list(came_to.values())
    return {str(state): states.count(state) for state in (TurnState.FULFILLED, TurnState.WRITTEN, TurnState.DUE)}


def start(key: str, user_id: int) -> int:
    """Ask for a run now, inside the open transaction; returns its id. One `key`, one run."""
    return job_runs.create(kind=RUN, key=key, parameters={}, user_id=user_id)
