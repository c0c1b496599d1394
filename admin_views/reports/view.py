"""The list of reports, and the page that each of them has: filters, totals, a plot, the first rows, the export."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from functools import partial
from typing import Any

from flask import redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from gecko.db import transaction
from gecko.errors import GeckoError, Invalid
from gecko.language import _
from gecko.operations import job_listing, job_runs
from gecko.permissions import Permission
from jobs import queue
from jobs.exports import KINDS
from reports import REPORTS, export
from reports.filters import Filters
from reports.report import Report, Scope
from reports.sheets import LARGEST_SHEET

from ..base import SIGNED_IN, PageView, holds, message_of, principal, require, switched_on
from ..formats import kroner, ore
from ..plots import Bar, Plot, bars
from . import addresses
from .form import HOW, ReportForm

MOST_ROWS = 300
_TOKEN = re.compile(r"[0-9a-f]{32}")


def is_open(report: Report) -> bool:
    """Whether the signed-in user may look at the report."""
    return holds(report.view) and report.gate.is_open(switched_on())


class ReportsView(PageView):
    """The reports there are, for whoever may look at one of them."""

    permission = SIGNED_IN
    slug = "reports"
    title = _("Reports")
    icon = "chart-bar"

    def is_visible(self) -> bool:
        """Whether the menu shows it."""
        return any(map(is_open, REPORTS.values()))

    def commands(self) -> Iterable[tuple[Any, str]]:
        """Each report by its name."""
        return [(report.label, _address(report)) for report in REPORTS.values() if is_open(report)]

    @expose("/")
    def index(self) -> Any:
        """The reports with what each of them tells."""
        listed = [(report, _address(report)) for report in REPORTS.values() if is_open(report)]
        return self.render("reports/list.html", reports=listed)


def _address(report: Report) -> str:
    return url_for(f"{addresses.endpoint(report)}.index")


class ReportView(PageView):
    """The page of one report."""

    in_menu = False
    icon = "chart-bar"

    def __init__(self, report: Report) -> None:
        self.report = report
        self.permission = report.view
        self.gate = report.gate
        self.title = report.label
        super().__init__(endpoint=addresses.endpoint(report), url=f"/reports/{report.key}", name=report.label)

    @expose("/")
    def index(self) -> Any:
        """Show the report with the filters of the address."""
        return self._page(ReportForm(self.report, request.args if request.args else None))

    @expose("/start", methods=("POST",))
    def start(self) -> Any:
        """Start the export of what was shown; the same form sent twice starts one job."""
        require(self.report.permission)
        form = ReportForm(self.report, request.form)
        token = request.form.get("token", "")
        if not form.validate() or not _TOKEN.fullmatch(token):
            return self._page(form), 422
        try:
            parameters = form.filters().stored() | {"format": form.format.data}
        except Invalid as error:
            return self._page(form, error), 422
        return self._started(parameters, f"{principal().user_id}:{token}")

    def _started(self, parameters: dict[str, Any], key: str) -> Response:
        kind = KINDS[self.report.key]
        with transaction():
            run_id = job_listing.by_key(kind, key)
            is_new = run_id is None
            if run_id is None:
                run_id = job_runs.create(kind=kind, key=key, parameters=parameters, user_id=principal().user_id)
        if is_new:
            queue.wake(run_id)
        return redirect(url_for("jobs.show", run_id=run_id), 303)

    def _page(self, form: ReportForm, error: GeckoError | None = None) -> str:
        looked, filters = None, None
        if error is None and (form.is_submitted() or form.validate()) and not form.errors:
            try:
                filters = form.filters()
                looked = export.look(self.report, Scope(filters, principal()), most=MOST_ROWS)
            except Invalid as invalid:
                error = invalid
        return self.render(
            "reports/report.html",
            form=form,
            report=self.report,
            message=message_of(error) if error else None,
            is_asked=bool(request.args or request.form),
            may_export=holds(self.report.permission),
            **(self._shown(looked, filters, form) if looked and filters else {}),
        )

    def _shown(self, looked: export.Looked, filters: Filters, form: ReportForm) -> dict[str, Any]:
        return {
            "looked": looked,
            "columns": self.report.columns(filters),
            "links": [self._links(filters, row) for row in looked.rows],
            "plot": _plot(looked.bars),
            "sheets": -(-max(looked.control.rows, 1) // (LARGEST_SHEET - 1)) if form.format.data == "xlsx" else 1,
            "hidden": addresses.query(self.report, filters) | {name: form[name].data for name in HOW},
            "token": secrets.token_hex(16),
        }

    def _links(self, filters: Filters, row: dict[str, Any]) -> dict[str, str]:
        """What the cells of a row lead to, by column."""
        behind = self.report.drill(filters, row) if self.report.drill else {}
        found = {key: addresses.of(one) for key, one in behind.items()}
        if row.get("debtor_id") and holds(Permission.DEBTOR_VIEW):
            found.setdefault("debtor_no", self.get_url("debtors.details_view", id=int(row["debtor_id"])))
        if row.get("document_id") and holds(Permission.INVOICE_VIEW):
            found.setdefault("document_no", self.get_url("invoices.details_view", id=int(row["document_id"])))
        return found


def _plot(found: Any) -> Plot | None:
    """The bars, where there is more than one and not all are nothing."""
    if len(found) < 2 or not any(one.ore for one in found):
        return None
    return bars(
        [Bar(str(one.label), one.ore, ore(one.ore), addresses.of(one.behind), kroner(one.ore)) for one in found]
    )


VIEWS = tuple(partial(ReportView, report) for report in REPORTS.values())
