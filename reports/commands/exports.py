"""`gecko export`: reports as files."""

from __future__ import annotations

import json
import re
import time
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from sqlalchemy import select

from gecko import audit
from gecko.db import db, transaction
from gecko.errors import GeckoError
from gecko.models.customers import Customer
from gecko.models.debtors import Debtor
from gecko.money import format_ore

from .. import REPORTS, export
from ..filters import Filters
from ..report import Report, Scope
from ..sheets import Written

_ID = re.compile(r"#[0-9]{1,15}")


@click.group("export")
def exports() -> None:
    """Write a report to an Excel workbook or a csv file."""


def _add(report: Report) -> None:
    @exports.command(report.key, help=f"Export the {report.key.replace('-', ' ')} to FILE.xlsx or FILE.csv.")
    @click.option("--from", "starts_on", metavar="DAY", type=_Day(), help="First day (dd-mm-yyyy or yyyy-mm-dd).")
    @click.option("--to", "ends_on", metavar="DAY", type=_Day(), help="Last day.")
    @click.option("--debtor", metavar="NO", help="Only the debtor of this number.")
    @click.option("--customer", metavar="NO", help="Only the customer of this number (or id, as #17).")
    @click.option("--kind", type=click.Choice(sorted(report.kinds)), help="Only this kind.")
    @click.option("--locale", type=click.Choice(["da", "en"]), default="da", show_default=True)
    @click.option(
        "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="FILE.xlsx or FILE.csv."
    )
    @click.option("--json", "as_json", is_flag=True, help="End with one JSON object.")
    @with_appcontext
    def command(debtor: str | None, customer: str | None, out: Path, as_json: bool, **values: Any) -> None:
        with force_locale("en"):  # the command line speaks English; the file has a language of its own
            try:
                filters = Filters(debtor_id=_debtor_id(debtor), customer_id=_customer_id(customer), **values)
                _write(report, filters, out, as_json)
            except GeckoError as error:
                raise click.ClickException(str(error)) from error
            except OSError as error:
                raise click.ClickException(f"{out} cannot be written: {error.strerror or error}") from error


class _Day(click.ParamType[date]):
    """A day as Danes or ISO write it."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        text = str(value)
        try:
            return datetime.strptime(text, "%d-%m-%Y" if text[2:3] == "-" else "%Y-%m-%d").date()
        except ValueError:
            raise click.BadParameter(f"{text!r} is not a day (dd-mm-yyyy or yyyy-mm-dd)", ctx, param) from None


def _debtor_id(number: str | None) -> int | None:
    if number is None:
        return None
    found = db.session.scalar(select(Debtor.id).where(Debtor.number == number))
    if found is None:
        raise click.ClickException(f"There is no debtor number {number}.")
    return found


def _customer_id(number: str | None) -> int | None:
    if number is None:
        return None
    wanted = Customer.id == int(number[1:]) if _ID.fullmatch(number) else Customer.number == number
    found = db.session.scalars(select(Customer.id).where(wanted).limit(2)).all()
    if len(found) != 1:
        many = "more than one customer has" if found else "no customer has"
        raise click.ClickException(f"Customer {number}: {many} it; give the id as #17.")
    return found[0]


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
