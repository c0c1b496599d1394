"""The file of everybody whom a campaign leaves out and why: on behalf of who asked, within what they may see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import current_app, redirect, request, url_for
from flask_admin import expose

from gecko import audit
from gecko.db import db, transaction
from gecko.language import _
from gecko.models.campaigns import Campaign
from gecko.models.messages import MessageChannel, MessageReason
from gecko.operations import job_runs
from gecko.operations.campaigns import audience, drafting
from gecko.permissions import Permission
from jobs import queue
from jobs.registry import job
from jobs.work import Work
from reports.columns import Column, Kind
from reports.frames import chunked
from reports.sheets import Overview, Sheet
from reports.workbook import write_workbook

from ..guard import require
from ..login import principal
from ..messages import words
from ..on_behalf import asker
from . import reach

KIND = "campaigns.skipped"
AT_ONCE = 1000


class Exporting:
    """The button that asks for the file."""

    @expose("/<int:id>/skipped", methods=("POST",))
    def export_skipped_view(self, id: int) -> Any:  # noqa: A002
        """Start the job; a second click finds the first one's job."""
        require(Permission.CUSTOMER_EXPORT)
        self.one_or_404(id)  # type: ignore[attr-defined]
        channel = next((one for one in drafting.CHANNELS if one == request.form.get("channel")), MessageChannel.EMAIL)
        reason = next((one for one in MessageReason if one == request.form.get("reason")), None)
        parameters = {"id": id, "channel": channel, "reason": reason}
        with transaction():
            key = f"{principal().user_id}:{id}:{channel}:{reason}"
            run_id = job_runs.create(kind=KIND, key=key, parameters=parameters, user_id=principal().user_id)
        queue.wake(run_id)
        return redirect(url_for("jobs.show", run_id=run_id), 303)


@job(KIND, label=_("Export of who does not get a newsletter"), permission=Permission.CUSTOMER_EXPORT)
def export(work: Work) -> dict[str, Any]:
    """Write the file."""
    with asker(work, Permission.MESSAGE_BULK, Permission.CUSTOMER_EXPORT) as who:
        return _write(work, who.language)


def _write(work: Work, locale: str) -> dict[str, Any]:
    row = drafting.get(int(work.parameters["id"]))
    columns = [
        Column("id", str(_("Id")), Kind.INTEGER),
        *(Column(name, str(label), Kind.TEXT) for name, label in (
            ("number", _("No.")), ("name", _("Name")), ("address", _("Address")), ("reason", _("Reason")),
        )),
    ]  # fmt: skip
    sheet = Sheet(str(_("Who does not get it")), columns, chunked(columns, _rows(row, work.parameters)))
    name = f"{KIND.replace('.', '-')}-{row.id}-{work.id}.xlsx"
    path = current_app.config["GECKO"].folder("exports") / name
    overview = Overview(str(_("Overview")), row.name)
    written = write_workbook(path, sheets=[sheet], overview=overview, locale=locale, progress=work.progress)
    with transaction():
        audit.record(
            "export.finish", entity="job_run", entity_id=work.id,
            facts={"report": KIND, "rows": written.rows, "file": name},
        )  # fmt: skip
    return {"file": name, "rows": written.rows}


def _rows(row: Campaign, wanted: dict[str, Any]) -> Iterator[list[Any]]:
    campaign_id, above = row.id, 0
    reason = MessageReason(wanted["reason"]) if wanted["reason"] else None
    while True:
        fresh = drafting.get(campaign_id)
        page = audience.skipped(
            reach.ids(fresh), MessageChannel(wanted["channel"]), is_marketing=fresh.is_marketing, reason=reason,
            above=above, limit=AT_ONCE,
        )  # fmt: skip
        yield from ([one.customer_id, one.number, one.name, one.address, words.reason(one.reason)] for one in page)
        db.session.rollback()  # ends the read transaction
        if len(page) < AT_ONCE:
            return
        above = page[-1].customer_id
