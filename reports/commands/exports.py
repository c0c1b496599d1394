"""`gecko export`: reports as files."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from flask_babel import force_locale

from gecko import audit
from gecko.db import transaction
from gecko.errors import GeckoError
from gecko.money import format_ore

from .. import REPORTS, export
from ..filters import Filters
from ..report import Report, Scope
from ..sheets import Written
from . import options


@click.group("export")
def exports() -> None:
    """Write a report to an Excel workbook or a csv file."""


def _add(report: Report) -> None:
    @exports.command(report.key, help=f"Export the {report.key.replace('-', ' ')} to FILE.xlsx or FILE.csv.")
    @options.of(report)
    @click.option("--locale", type=click.Choice(["da", "en"]), default="da", show_default=True)
    @click.option(
        "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="FILE.xlsx or FILE.csv."
    )
    @click.option("--json", "as_json", is_flag=True, help="End with one JSON object.")
    @with_appcontext
    def command(out: Path, as_json: bool, **values: Any) -> None:
        with force_locale("en"):  # the command line speaks English; the file has a language of its own
            try:
                _write(report, options.filters(report, values), out, as_json)
            except GeckoError as error:
                raise click.ClickException(str(error)) from error
            except OSError as error:
                raise click.ClickException(f"{out} cannot be written: {error.strerror or error}") from error


def _write(report: Report, filters: Filters, out: Path, as_json: bool) -> None:
    started = time.perf_counter()
    written = export.write(report, Scope(filters), out.absolute(), author="gecko export")
    with transaction():
        facts = {"report": report.key, "filters": filters.stored(), "rows": written.rows, "file": out.name}
        audit.record("export.finish", entity="export", entity_id=report.key, facts=facts)
    click.echo(_summary(report, filters, written, out, time.perf_counter() - started, as_json))


def _summary(report: Report, filters: Filters, written: Written, out: Path, seconds: float, as_json: bool) -> str:
    if as_json:
        stated = {"report": report.key, "file": str(out), "filters": filters.stored(), "seconds": round(seconds, 2)}
        return json.dumps(stated | asdict(written), ensure_ascii=False)
    total = format_ore(written.control_ore, filters.locale)
    return f"{out}: {written.rows} rows, control total {total}, SHA-256 {written.sha256}"


for _report in REPORTS.values():
    _add(_report)
