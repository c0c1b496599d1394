"""Exports: choose what a report shall hold, see how much that is, start it as a job; and what one has exported."""

from __future__ import annotations

import re
import secrets
from typing import Any

from flask import current_app, redirect, request, url_for
from flask_admin import expose
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from gecko.db import transaction
from gecko.errors import GeckoError, Invalid
from gecko.language import _
from gecko.modules import Feature, Gate
from gecko.operations import group_names, job_listing, job_runs
from gecko.permissions import Permission
from jobs import queue
from jobs.exports import KINDS
from reports import REPORTS, export
from reports.filters import Filters
from reports.report import Report, Scope
from reports.sheets import LARGEST_SHEET

from .base import SIGNED_IN, PageView, holds, message_of, principal, switched_on
from .fields import DanishDateField, LookupField
from .jobs import STATES

_TOKEN = re.compile(r"[0-9a-f]{32}")
LANGUAGE_NAMES = [SelectChoice("da", "Dansk"), SelectChoice("en", "English")]


def _whole(value: Any) -> int | None:
    return int(value) if value else None


class ExportForm(FlaskForm):
    """What an export shall hold. The names are those of the address: a grid links here with its own filters."""

    starts_on = DanishDateField(_("From"))
    ends_on = DanishDateField(_("To"))
    debtor = LookupField(_("Debtor"), endpoint="debtors")
    customer = LookupField(_("Customer"), endpoint="customers")
    group = SelectField(coerce=_whole)
    kind = SelectField(_("Kind"), default="")
    format = SelectField(
        _("File"),
        [DataRequired()],
        choices=[
            SelectChoice("xlsx", _("Excel workbook (xlsx)")),
            SelectChoice("csv", _("Text with separators (csv)")),
        ],
        default="xlsx",
    )
    language = SelectField(_("Language of the file"), [DataRequired()], choices=LANGUAGE_NAMES)

    def __init__(self, report: Report, given: Any) -> None:
        defaults = {"language": principal().language}
        super().__init__(formdata=given, meta={"csrf": False}, data=defaults)
        if not holds(Permission.DEBTOR_VIEW) or not _has_debtors():
            del self.debtor
        self.group.label.text = report.group_label
        everything = _("All")
        groups = group_names.debtor_groups() if report.key == "debtor-postings" else group_names.customers(principal())
        self.group.choices = [SelectChoice(value, name) for value, name in [("", everything), *groups]]
        self.kind.choices = [SelectChoice(value, name) for value, name in [("", everything), *report.kinds.items()]]

    def filters(self) -> Filters:
        """What was chosen; raises Invalid where it contradicts itself."""
        return Filters(
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            debtor_id=self.debtor.data if "debtor" in self else None,
            customer_id=self.customer.data,
            group_id=self.group.data,
            kind=self.kind.data or None,
            locale=self.language.data,
        )


def _has_debtors() -> bool:
    """Whether there is a list of debtors to choose from."""
    return "debtors" in current_app.blueprints and Gate((Feature.INVOICES,)).is_open(switched_on())


def _is_open(report: Report) -> bool:
    return holds(report.permission) and report.gate.is_open(switched_on())


class ExportsView(PageView):
    """What the signed-in user has exported, and the reports they may start."""

    permission = SIGNED_IN
    slug = "exports"
    title = _("Exports")
    icon = "file-spreadsheet"

    def is_visible(self) -> bool:
        """Whether the menu shows it: where there is a report the user may start."""
        return any(map(_is_open, REPORTS.values()))

    @expose("/")
    def index_view(self) -> Any:
        """List one's exports; `?report=debtor-postings&debtor=17` goes on to that report's page with the filters."""
        wanted = REPORTS.get(request.args.get("report", ""))
        if wanted is not None:
            filters = {key: value for key, value in request.args.items() if key != "report"}
            return redirect(url_for(f"{endpoint(wanted)}.index", **filters))
        return self.render(
            "exports/list.html",
            runs=job_listing.own(principal(), kinds=KINDS.values()),
            reports=[(report, endpoint(report)) for report in REPORTS.values() if _is_open(report)],
            labels={KINDS[key]: report.label for key, report in REPORTS.items()},
            states=STATES,
        )


def endpoint(report: Report) -> str:
    """The endpoint of a report's own page."""
    return "export_" + report.key.replace("-", "_")


class ReportView(PageView):
    """The page of one report: filters, preview, start."""

    in_menu = False
    icon = "file-spreadsheet"
    report: Report

    def __init__(self) -> None:
        self.permission = self.report.permission
        self.gate = self.report.gate
        self.title = self.report.label
        super().__init__(endpoint=endpoint(self.report), url=f"/exports/{self.report.key}", name=self.report.label)

    @expose("/")
    def index(self) -> Any:
        """Show the filters, and what an export with them would hold."""
        return self._page(ExportForm(self.report, request.args if request.args else None))

    @expose("/start", methods=("POST",))
    def start(self) -> Any:
        """Start the export that was previewed; the same form sent twice starts one job."""
        form = ExportForm(self.report, request.form)
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

    def _page(self, form: ExportForm, error: GeckoError | None = None) -> str:
        control = None
        if error is None and (form.is_submitted() or form.validate()) and not form.errors:
            try:
                control = export.preview(self.report, Scope(form.filters(), principal()))
            except Invalid as invalid:
                error = invalid
        return self.render(
            "exports/start.html",
            form=form,
            report=self.report,
            control=control,
            columns=[column for column in self.report.columns(Filters()) if column.key in self.report.controls],
            sheets=1 if control is None else -(-max(control.rows, 1) // (LARGEST_SHEET - 1)),
            message=message_of(error) if error else None,
            token=secrets.token_hex(16),
        )


class DebtorPostingsExportView(ReportView):
    """Start an export of debtor postings."""

    report = REPORTS["debtor-postings"]
    permission = report.permission


class PurchaseHistoryExportView(ReportView):
    """Start an export of purchases."""

    report = REPORTS["purchase-history"]
    permission = report.permission
