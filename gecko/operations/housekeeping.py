"""What is thrown away when its time is up: links to old files."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ..db import db
from ..models.jobs import JobRun, JobState


def forget_files(before: datetime) -> list[str]:
    """Take the result files of runs that ended before an instant off their rows; returns the files' names."""
    ended = select(JobRun).where(JobRun.state == JobState.DONE, JobRun.finished_at < before)
    names = []
    for run in db.session.scalars(ended):
        if run.result and run.result.get("file"):
            names.append(str(run.result["file"]))
            run.result = {key: value for key, value in run.result.items() if key != "file"}
    return names
