"""`gecko bench grid`: the customer list against its peers, measured in one run on this machine."""

from __future__ import annotations

import json
import os
from typing import Any

import click

from gecko.config import Config

from . import grid as benchmark


@click.command("grid")
@click.option("--rows", default=50_000, show_default=True, type=click.IntRange(1_000), help="Customers in the list.")
@click.option(
    "--db", "database", default="both", type=click.Choice(["sqlite", "postgresql", "both"]), show_default=True
)
@click.option(
    "--rounds", default=10, show_default=True, type=click.IntRange(1), help="Requests of a peer per operation."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
def grid(rows: int, database: str, rounds: int, *, as_json: bool) -> None:
    """The customer list against stock Flask-Admin and Django's admin, on a database of its own.

    PostgreSQL is started for the run unless DATABASE_URL names an empty one.
    """
    given = os.environ.get("DATABASE_URL", "")
    url = Config.from_environment().database_url if given.startswith("postgres") else None
    wanted = ("sqlite", "postgresql") if database == "both" else (database,)
    reports = [
        benchmark.run(rows, name, rounds=rounds, url=url, say=lambda line: click.echo(line, err=True))
        for name in wanted
    ]
    for report in reports:
        _show(report)
    if as_json:
        click.echo(json.dumps({"benchmark": "grid", "passed": all(one["passed"] for one in reports), "runs": reports}))
    if not all(report["passed"] for report in reports):
        raise SystemExit(1)


def _say(line: str) -> None:
    click.echo(line, err=True)


def _show(report: dict[str, Any]) -> None:
    click.echo(f"{report['database']}, {report['rows']} rows: p50/p95 ms (CPU ms)", err=True)
    for operation, figures in report["operations"].items():
        cells = [
            f"{name} {figures[name]['p50_ms']}/{figures[name]['p95_ms']} ({figures[name]['cpu_ms']})"
            for name in ("product", "stock", "django")
        ]
        extra = f"{figures['product']['queries']} queries, {figures['product']['html_bytes']} bytes"
        click.echo(f"  {operation:24} " + "  ".join(cells) + f"  {extra}", err=True)
    for peer in ("stock", "django"):
        click.echo(f"  {report[f'times_faster_than_{peer}']} times faster than {peer}", err=True)
    for line in report["missed"]:
        click.echo(f"  MISSED {line}", err=True)
