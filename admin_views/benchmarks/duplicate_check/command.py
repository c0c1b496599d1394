"""`gecko bench duplicate-check`: the command."""

from __future__ import annotations

import json
import os
from typing import Any

import click

from gecko.config import Config

from . import run as benchmark


@click.command("duplicate-check")
@click.option("--rows", default=50_000, show_default=True, type=click.IntRange(1_000), help="Customers in the base.")
@click.option(
    "--db", "database", default="both", type=click.Choice(["sqlite", "postgresql", "both"]), show_default=True
)
@click.option("--seed", default=1, show_default=True, help="Another seed makes another base.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
def duplicate_check(rows: int, database: str, seed: int, *, as_json: bool) -> None:
    """One customer against all others, on a base whose truth is known, in a database of its own.

    Tells how long a check takes in the process and as people ask for it over HTTP, what it finds, what keeping the keys
    adds to a write, how long a back-fill takes, and whether check, scan of changes and whole scan agree. The exit code
    is 1 where a bar is missed. PostgreSQL is started for the run unless DATABASE_URL names an empty one.
    """
    given = os.environ.get("DATABASE_URL", "")
    url = Config.from_environment().database_url if given.startswith("postgres") else None
    wanted = ("sqlite", "postgresql") if database == "both" else (database,)
    reports = []
    for name in wanted:
        click.echo(f"{name}, {rows} customers", err=True)
        reports.append(benchmark.run(rows, name, seed=seed, url=url, say=lambda line: click.echo(line, err=True)))
        _show(reports[-1])
    passed = all(report["passed"] for report in reports)
    if as_json:
        click.echo(json.dumps({"benchmark": "duplicate-check", "passed": passed, "runs": reports}))
    if not passed:
        raise SystemExit(1)


def _show(report: dict[str, Any]) -> None:
    for what in ("engine", "endpoint", "page", "typing"):
        for name, figures in report[what].items():
            told = ", ".join(f"{key.removesuffix('_ms')} {value}" for key, value in figures.items())
            click.echo(f"  {what}, {name}: {told} ms", err=True)
    for what in ("quality", "agreement", "writing"):
        click.echo(f"  {what}: " + ", ".join(f"{key} {value}" for key, value in report[what].items()), err=True)
    click.echo(f"  back-fill {report['fill_seconds']} s, whole scan {report['scan_seconds']} s", err=True)
    for line in report["missed"]:
        click.echo(f"  MISSED {line}", err=True)
