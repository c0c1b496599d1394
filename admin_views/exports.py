"""Exports: what one has exported, and the way from a list to its report."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_admin import expose

from gecko.language import _
from gecko.operations import job_listing
from jobs.exports import KINDS
from reports import REPORTS

from .base import SIGNED_IN, PageView, holds, principal, switched_on
from .jobs import STATES
from .reports import addresses


class ExportsView(PageView):
    """What the signed-in user has exported, and the reports they may export."""

    permission = SIGNED_IN
    slug = "exports"
    title = _("Exports")
    icon = "file-spreadsheet"

    def is_visible(self) -> bool:
        """Whether the menu shows it: where there is a report the user may export."""
        return any(True for _report in _offered())

    @expose("/")
    def index_view(self) -> Any:
        """List one's exports; `?report=debtor-postings&debtor=17` goes on to that report's page with the filters."""
        wanted = REPORTS.get(request.args.get("report", ""))
        if wanted is not None:
            filters = {key: value for key, value in request.args.items() if key != "report"}
            return redirect(url_for(f"{addresses.endpoint(wanted)}.index", **filters))
        return self.render(
            "exports/list.html",
            runs=job_listing.own(principal(), kinds=KINDS.values()),
            labels={KINDS[key]: report.label for key, report in REPORTS.items()},
            states=STATES,
        )


def _offered() -> Any:
    return (one for one in REPORTS.values() if holds(one.permission) and one.gate.is_open(switched_on()))
