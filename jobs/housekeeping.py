"""Nightly work: old export files, old traces of logging in, fresh statistics for the database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import text

from gecko import audit, clock
from gecko.db import transaction
from gecko.language import _
from gecko.operations import housekeeping, name_counts, one_time_links, sessions, throttle
from gecko.operations.messaging import sms_reports

from .registry import job
from .work import Work

KEEP_FILES = timedelta(days=30)
KEEP_UPLOADS = timedelta(days=7)


@job("housekeeping.exports", label=_("Deletion of old export files"))
def delete_old_exports(work: Work) -> dict[str, Any]:
    """Delete export files after 30 days with the links to them, and uploads that were never imported after seven."""
    before = clock.now() - KEEP_FILES
    with transaction():
        names = set(housekeeping.forget_files(before))
        audit.record("exports.deleted", entity="job_run", entity_id=work.id, facts={"links": len(names)})
    files = _delete("exports", before, names) + _delete("uploads", clock.now() - KEEP_UPLOADS)
    return {"files": files}


def _delete(folder: str, before: datetime, names: Collection[str] = ()) -> int:
    """Delete the files of a folder of the instance that are older, or named; returns how many."""
    files = 0
    for path in current_app.config["GECKO"].folder(folder).iterdir():
        if path.is_file() and (path.name in names or path.stat().st_mtime < before.timestamp()):
            path.unlink()
            files += 1
    return files


@job("housekeeping.traces", label=_("Deletion of old sessions and log-in failures"))
def delete_old_traces(work: Work) -> dict[str, Any]:
    """Delete sessions, one-time links, log-in failures and reports about texts that have been over for long enough."""
    with transaction():
        return {
            "sessions": sessions.sweep(),
            "failures": throttle.sweep(),
            "links": one_time_links.sweep(),
            "reports": sms_reports.sweep(),
        }


@job("housekeeping.statistics", label=_("Fresh statistics for the database"))
def analyze(work: Work) -> dict[str, Any]:
    """Let the database count its tables anew: its query plans and the estimated counts of the lists rest on it.

    The counts of names are added up before.

    SQLite looks at a bounded part of each index, so that its write lock is held for moments only.
    """
    with transaction() as session:
        name_counts.add_up()
        if session.connection().dialect.name == "sqlite":
            session.execute(text("PRAGMA analysis_limit = 1000"))
        session.execute(text("ANALYZE"))
    return {}
