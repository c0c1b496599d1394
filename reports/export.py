"""From a report and its filters to a file: one snapshot, one control, one name that appears when all is well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask_babel import force_locale

from gecko.errors import Invalid
from gecko.language import _

from . import facts
from .columns import Kind
from .report import Bar, Control, Report, Scope
from .sheets import Overview, Sheet, Written
from .snapshot import snapshot

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("xlsx", "csv")
Progress = Callable[[int, int], None]


def preview(report: Report, scope: Scope) -> Control:
    """Rows and control totals of what an export would hold now."""
    _check(report, scope)
    with snapshot() as connection:
        return report.control(connection, scope)


@dataclass(frozen=True, slots=True)
class Looked:
    """A report as a page shows it: its control, its first rows as plain values by column, and its plot."""

    control: Control
    rows: list[dict[str, Any]]
    bars: Sequence[Bar]


def look(report: Report, scope: Scope, *, most: int) -> Looked:
    """The report with at most `most` of its rows, all of one moment."""
    _check(report, scope)
    kinds = {column.key: column.kind for column in report.columns(scope.filters)}
    rows: list[dict[str, Any]] = []
    with snapshot() as connection:
        control = report.control(connection, scope)
        bars = report.bars(connection, scope, control) if report.bars else ()
        for frame in report.frames(connection, scope):
            rows += _records(frame.head(most - len(rows)), kinds)
            if len(rows) >= most:
                break
    return Looked(control, rows, bars)


def _records(frame: pd.DataFrame, kinds: dict[str, Kind]) -> list[dict[str, Any]]:
    columns = {key: [_value(value, kinds.get(key)) for value in frame[key].to_list()] for key in frame.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _value(value: Any, kind: Kind | None) -> Any:
    """A frame's value as plain Python: None where it is absent, a day, an aware instant."""
    from .series import is_absent

    if is_absent(value):
        return None
    if kind is Kind.DATE:
        return value.date()
    return value.to_pydatetime() if kind is Kind.INSTANT else value


def write(report: Report, scope: Scope, path: Path, *, author: str, progress: Progress | None = None) -> Written:
    """Write the report to `path` (.xlsx or .csv); raises ControlMismatch rather than publish a file that is not right.

    progress: told rows done and rows in all after every chunk; it may raise to stop.
    """
    _check(report, scope)
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
            control=tuple(control.totals),
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


def _check(report: Report, scope: Scope) -> None:
    filters = scope.filters
    if filters.kind is not None and filters.kind not in report.kinds:
        raise Invalid(_("“%(kind)s” is no kind of this report.", kind=filters.kind), field="kind")
    if report.needs_debtor and filters.debtor_id is None:
        raise Invalid(_("Choose a debtor."), field="debtor")


def _in(locale: str, text: object) -> str:
    with force_locale(locale):
        return str(text)
