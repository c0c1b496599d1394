"""Nightly work: old export files, old traces of logging in, fresh statistics for the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import text

from gecko import audit, clock
from gecko.db import transaction
from gecko.language import _
from gecko.operations import housekeeping, one_time_links, sessions, throttle

from .registry import job
from .work import Work

KEEP_FILES = timedelta(days=30)


@job("housekeeping.exports", label=_("Deletion of old export files"))
def delete_old_exports(work: Work) -> dict[str, Any]:
    """Delete the files of the exports folder that nobody has needed for 30 days, and the links to them."""
    before = clock.now() - KEEP_FILES
    with transaction():
        names = set(housekeeping.forget_files(before))
        audit.record("exports.deleted", entity="job_run", entity_id=work.id, facts={"links": len(names)})
    files = 0
    for path in current_app.config["GECKO"].folder("exports").iterdir():
        if path.is_file() and (path.name in names or path.stat().st_mtime < before.timestamp()):
            path.unlink()
            files += 1
    return {"files": files}


@job("housekeeping.traces", label=_("Deletion of old sessions and log-in failures"))
def delete_old_traces(work: Work) -> dict[str, Any]:
    """Delete sessions, one-time links and log-in failures that have been over for long enough."""
    with transaction():
        return {
            "sessions": sessions.sweep(),
            "failures": throttle.sweep(),
            "links": one_time_links.sweep(),
        }


@job("housekeeping.statistics", label=_("Fresh statistics for the database"))
def analyze(work: Work) -> dict[str, Any]:
    """Let the database count its tables anew: its query plans and the estimated counts of the lists rest on it."""
    with transaction() as session:
        session.execute(text("ANALYZE"))
    return {}
