"""Export of exactly what a list shows: columns, filters, search and sort, as a job with the rights of who asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import abort, current_app, redirect, request
from flask_admin import expose
from flask_babel import get_locale
from markupsafe import Markup

from gecko import clock
from gecko.db import db, transaction
from gecko.errors import NotFound
from gecko.language import _
from gecko.operations import job_runs
from jobs import queue
from jobs.registry import job
from jobs.work import Work
from reports.columns import Column as FileColumn
from reports.columns import Kind
from reports.csv import write_csv
from reports.frames import chunked
from reports.sheets import Overview, Sheet
from reports.workbook import write_workbook

from ..guard import holds
from ..login import principal
from ..lookups import target_view
from ..on_behalf import asker
from . import state as states
from .choices import Choices, plain_query
from .columns import Column, written
from .listing import Listing
from .state import GridState

CHUNK = 1000
KINDS = {
    "money": Kind.MONEY,
    "number": Kind.INTEGER,
    "date": Kind.DATE,
    "instant": Kind.INSTANT,
    "boolean": Kind.BOOLEAN,
}
_TAGS = re.compile(r"<[^>]*>")
_BETWEEN_TAGS = re.compile(r"(?<=>)\s+(?=<)")


class Exporting(Listing, Choices):
    """The export button's address, and the rows that its job writes."""

    @expose("/export", methods=("POST",))
    def export_view(self) -> Any:
        """Start the job; a second click finds the first one's job."""
        if self.export_permission is None:  # type: ignore[attr-defined]
            abort(404)
        if not holds(self.export_permission):  # type: ignore[attr-defined]
            abort(403)
        shown = [column.name for column in self.shown_columns(self.choice().columns)]
        parameters = {
            "endpoint": self.endpoint,
            "query": plain_query(),
            "columns": shown,
            "format": "csv" if request.form.get("format") == "csv" else "xlsx",
            "locale": str(get_locale() or "da"),
        }
        user_id = principal().user_id
        with transaction():
            key = f"{user_id}:{request.form.get('once', '')[:40]}"
            run_id = job_runs.create(kind="grid.export", key=key, parameters=parameters, user_id=user_id)
        queue.wake(run_id)
        return redirect(f"/jobs/{run_id}", 303)

    def all_rows(self, state: GridState, shown: list[Column]) -> Iterator[list[Any]]:
        """Every row that matches, page by page along the sort key, as plain values."""
        place = None
        while True:
            source, _applied = self.source(state)
            found = source.page(states.after(state, place, CHUNK))
            rows = self.load_rows(found.ids, shown)
            extra = self.shown_values(rows, shown)
            for row in rows:
                yield [self.exported(row, column, extra) for column in shown]
            db.session.rollback()  # ends the read transaction, forgets the rows
            if not found.has_next:
                return
            place = found.last

    def exported(self, row: Any, column: Column, extra: dict[str, dict[int, Any]]) -> Any:
        """One value as the file holds it: numbers and days as such, everything else as its words."""
        own = vars(row).get(column.name)  # as stored, without the signs that a page puts beside it
        value = own if isinstance(own, str) else self.value(row, column, extra)
        if value is None or column.kind in KINDS:
            return value
        if isinstance(value, Markup):
            return _plain(value)
        if isinstance(own, str):
            return str(written(column.kind, own, self.words(column.name)))
        if column.name in self.column_formatters or column.kind == "choice" or not isinstance(value, str | int | date):
            return _plain(self.cell(row, column, extra))
        return str(value)

    def export_name(self) -> str:
        """The file's name without its ending."""
        return f"{self.endpoint}-{clock.local(clock.now()):%Y%m%d-%H%M%S}"


def _plain(shown: Any) -> str:
    return Markup(_TAGS.sub("", _BETWEEN_TAGS.sub(", ", str(shown)))).unescape()  # noqa: S704 (text out of markup, never shown as markup)


@job("grid.export", label=_("Export of a list"))
def export(work: Work) -> dict[str, Any]:
    """Write the list that the parameters describe into the exports folder."""
    wanted = work.parameters
    view = target_view(wanted["endpoint"])
    with asker(work):
        return _write(work, view, wanted)


def _write(work: Work, view: Any, wanted: dict[str, Any]) -> dict[str, Any]:
    if not holds(view.export_permission):
        raise NotFound(_("The one who asked for this may no longer export it."))
    shown = view.shown_columns(wanted["columns"])
    state = states.read_query(wanted["query"])
    columns = [FileColumn(one.name, str(one.label), KINDS.get(one.kind, Kind.TEXT)) for one in shown]
    sheet = Sheet(str(view.name), columns, chunked(columns, view.all_rows(state, shown)))
    name = f"{view.export_name()}-{work.id}.{wanted['format']}"
    path = current_app.config["GECKO"].folder("exports") / name
    if wanted["format"] == "csv":
        written = write_csv(path, sheet=sheet, locale=wanted["locale"], progress=work.progress)
    else:
        overview = Overview(str(_("Overview")), str(view.name))
        written = write_workbook(
            path, sheets=[sheet], overview=overview, locale=wanted["locale"], progress=work.progress
        )
    return {"file": name, "rows": written.rows}
