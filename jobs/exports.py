"""Exports: a report is written to the instance's exports folder, and the log says who took what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import current_app

from gecko import audit
from gecko.db import db, transaction
from gecko.errors import Closed, NotAllowed
from gecko.language import _
from gecko.operations import job_runs, sessions, settings
from gecko.permissions import Principal
from reports import REPORTS, export
from reports.filters import Filters
from reports.report import Report, Scope
from reports.sheets import Written

from .registry import job
from .work import Work

KINDS = {key: f"exports.{key.replace('-', '_')}" for key in REPORTS}


def _offer(report: Report) -> None:
    """Make the report's export a job of its own."""

    @job(KINDS[report.key], label=_("Export: %(report)s", report=report.label), permission=report.permission)
    def export_of(work: Work) -> dict[str, Any]:
        return _export(work, report)


def _export(work: Work, report: Report) -> dict[str, Any]:
    """Run a report for the one who asked, with the rights and the scope they have now."""
    filters = Filters.read(work.parameters)
    scope = Scope(filters, _asker(work, report))
    who = job_runs.requester(work.id).name
    name = file_name(report, filters, str(work.parameters.get("format", "xlsx")), work.id)
    path: Path = current_app.config["GECKO"].folder("exports") / name
    db.session.rollback()  # the export reads on a connection of its own
    work.progress(0, message=_("Counting rows"))
    written = export.write(report, scope, path, author=who, progress=work.progress)
    with transaction():
        record(report, filters, written, file=name, run_id=work.id)
    return {
        "rows": written.rows,
        "control_ore": written.control_ore,
        "file": name,
        "bytes": written.bytes,
        "sha256": written.sha256,
        "content_sha256": written.content_sha256,
    }


def _asker(work: Work, report: Report) -> Principal | None:
    if not report.gate.is_open(settings.switched_on()):
        raise Closed
    if work.user_id is None:
        return None
    asker = sessions.principal(work.user_id)
    if asker is None or not asker.has(report.permission):
        raise NotAllowed
    return asker


def file_name(report: Report, filters: Filters, ending: str, run_id: int) -> str:
    """What the file is called: the report, its period and the number of the job."""
    title = report.slug if filters.locale == "da" else report.key
    days = [day.isoformat() for day in (filters.starts_on, filters.ends_on, filters.as_of) if day]
    return "_".join([title, *days, str(run_id)]) + f".{ending}"


def record(report: Report, filters: Filters, written: Written, *, file: str, run_id: int) -> None:
    """Log that an export was made: the log's own row says who and when, its facts what."""
    facts = {
        "report": report.key,
        "filters": filters.stored(),
        "rows": written.rows,
        "control_ore": written.control_ore,
        "sha256": written.sha256,
        "file": file,
    }
    audit.record("export.finish", entity="job_run", entity_id=run_id, customer_id=filters.customer_id, facts=facts)


for _report in REPORTS.values():
    _offer(_report)
