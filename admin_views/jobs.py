"""Jobs: what runs, how far it is, what failed and why; cancel, retry, and fetch the result."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, request, send_from_directory, url_for
from flask_admin import expose
from flask_babel import gettext

from gecko.db import transaction
from gecko.language import _
from gecko.models.jobs import JobRun, JobState
from gecko.operations import job_listing, job_runs
from gecko.permissions import Permission
from jobs import queue, registry

from .base import SIGNED_IN, PageView, principal
from .grid.records import read_id

STATES = {
    JobState.QUEUED: (_("Waiting"), "blue"),
    JobState.RUNNING: (_("Running"), "teal"),
    JobState.DONE: (_("Done"), "green"),
    JobState.FAILED: (_("Failed"), "red"),
    JobState.CANCELLED: (_("Cancelled"), "secondary"),
}
# What the facts that jobs return are called; others are shown under their own name.
FACTS = {
    "file": _("File"),
    "rows": _("Rows"),
    "read": _("Rows read"),
    "imported": _("Imported"),
    "existing": _("Already there"),
    "refused": _("Refused"),
    "warnings": _("Warnings"),
    "changed": _("Changed"),
    "skipped": _("Skipped"),
    "new": _("New pairs"),
    "reopened": _("Reopened pairs"),
    "gone": _("Gone pairs"),
    "merged": _("Merged"),
    "dropped_blocks": _("Values too common"),
    "dropped_customers": _("Customers with values too common"),
    "dropped_pairs": _("Pairs left out for it"),
    "seconds": _("Seconds"),
    "bytes": _("Size in bytes"),
    "files": _("Files deleted"),
    "debtors": _("Debtors"),
    "letters": _("Letters"),
    "pages": _("Pages"),
    "sessions": _("Sessions deleted"),
    "links": _("Links deleted"),
    "failures": _("Log-in failures deleted"),
    "control_ore": _("Control total"),
    "sha256": _("Checksum of the file (SHA-256)"),
    "content_sha256": _("Checksum of the contents (SHA-256)"),
}
LIVE = frozenset(job_runs.LIVE)
UNDER_WAY = "live"
"""In an address: waiting or running."""


def facts(run: JobRun) -> list[tuple[Any, str, Any]]:
    """The job's result as (label, kind of value, value); kind is money, number or text."""
    found: list[tuple[Any, str, Any]] = []
    for key, value in (run.result or {}).items():
        if value is None or isinstance(value, dict | list):
            continue
        kind = "text"
        if isinstance(value, int) and not isinstance(value, bool):
            kind = "money" if key.endswith("_ore") else "number"
        found.append((FACTS.get(key, key.replace("_", " ").capitalize()), kind, value))
    return found


class JobsView(PageView):
    """The Jobs page; everybody sees their own."""

    permission = SIGNED_IN
    slug = "jobs"
    title = _("Jobs")
    icon = "activity"

    @expose("/")
    def index(self) -> Any:
        """List jobs, newest first."""
        wanted = request.args.get("state", "")
        state = wanted if wanted in STATES or wanted == UNDER_WAY else None
        states = LIVE if state == UNDER_WAY else [JobState(state)] if state else ()
        mine = request.args.get("mine") == "1"
        before = request.args.get("before", "")
        found = job_listing.page(principal(), states=states, mine=mine, before=read_id(before))
        return self.render(
            "jobs/list.html",
            page=found,
            state=state,
            mine=mine,
            states=STATES,
            label=registry.label,
            sees_all=principal().has(Permission.JOB_VIEW),
            is_live=any(run.state in LIVE for run in found.runs),
        )

    @expose("/<int:run_id>")
    def show(self, run_id: int) -> Any:
        """Show one job; a request by htmx gets only the part that changes."""
        run = job_listing.get(principal(), run_id)
        template = "jobs/status.html" if request.headers.get("HX-Request") == "true" else "jobs/show.html"
        return self.render(
            template,
            run=run,
            name=registry.label(run.kind),
            facts=facts(run),
            states=STATES,
            is_live=run.state in LIVE,
            may_steer=job_listing.may_steer(principal(), run),
            may_fetch=bool((run.result or {}).get("file")) and self._may_fetch(run),
        )

    @expose("/<int:run_id>/cancel", methods=("POST",))
    def cancel(self, run_id: int) -> Any:
        """Ask the job to stop."""
        with transaction():
            state = job_runs.request_cancel(job_listing.steered(principal(), run_id))
        flash(gettext("The job is cancelled.") if state == JobState.CANCELLED else gettext("The job is asked to stop."))
        return redirect(url_for(".show", run_id=run_id), 303)

    @expose("/<int:run_id>/retry", methods=("POST",))
    def retry(self, run_id: int) -> Any:
        """Queue the job again."""
        with transaction():
            job_runs.retry(job_listing.steered(principal(), run_id))
        queue.wake(run_id)
        flash(gettext("The job waits for its turn again."), "success")
        return redirect(url_for(".show", run_id=run_id), 303)

    @expose("/<int:run_id>/file")
    def file(self, run_id: int) -> Any:
        """Hand out the job's result file."""
        run = job_listing.get(principal(), run_id)
        name = job_listing.file_of(principal(), run_id, needs=self._needs(run))
        folder = current_app.config["GECKO"].folder("exports")
        path = folder / name
        if path.name != name or not path.is_file() or path.resolve().parent != folder.resolve():
            abort(404)
        return send_from_directory(folder, name, as_attachment=True, max_age=0)

    def _needs(self, run: JobRun) -> Permission | None:
        kind = registry.find(run.kind)
        return kind.permission if kind else None

    def _may_fetch(self, run: JobRun) -> bool:
        needs = self._needs(run)
        return run.created_by_id == principal().user_id and (needs is None or principal().has(needs))
