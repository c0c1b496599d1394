"""From a report and its filters to a file: one snapshot, one control, one name that appears when all is well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask_babel import force_locale

from gecko.errors import Invalid
from gecko.language import _

from . import facts
from .report import Control, Report, Scope
from .sheets import Overview, Sheet, Written
from .snapshot import snapshot

FORMATS = ("xlsx", "csv")
Progress = Callable[[int, int], None]


def preview(report: Report, scope: Scope) -> Control:
    """Rows and control totals of what an export would hold now."""
    _check_kind(report, scope)
    with snapshot() as connection:
        return report.control(connection, scope)


def write(report: Report, scope: Scope, path: Path, *, author: str, progress: Progress | None = None) -> Written:
    """Write the report to `path` (.xlsx or .csv); raises ControlMismatch rather than publish a file that is not right.

    progress: told rows done and rows in all after every chunk; it may raise to stop.
    """
    _check_kind(report, scope)
    ending = path.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise Invalid(_("The file must end in .xlsx or .csv."), field="out")
    locale = scope.filters.locale
    with snapshot() as connection:
        control = report.control(connection, scope)
        sheet = Sheet(
            title=_in(locale, report.sheet),
            columns=report.columns(scope.filters),
            frames=report.frames(connection, scope),
            rows=control.rows,
            control=report.controls,
        )

        def tell(done: int) -> None:
            if progress:
                progress(done, control.rows)

        if ending == "csv":
            from .csv import write_csv

            return write_csv(path, sheet=sheet, locale=locale, expected=control.totals, progress=tell)
        from .workbook import write_workbook

        overview = Overview(
            title=_in(locale, _("Overview")),
            heading=facts.heading(report, locale),
            facts=facts.of(connection, report, scope, author=author),
            expected=control.totals,
            author=author,
        )
        return write_workbook(path, sheets=[sheet], overview=overview, locale=locale, progress=tell)


def _check_kind(report: Report, scope: Scope) -> None:
    if scope.filters.kind is not None and scope.filters.kind not in report.kinds:
        raise Invalid(_("“%(kind)s” is no kind of this report.", kind=scope.filters.kind), field="kind")


def _in(locale: str, text: object) -> str:
    with force_locale(locale):
        return str(text)
