"""`gecko check`: whether what must always hold still holds."""

from __future__ import annotations

import json
import sys
from typing import Any

import click
from flask.cli import with_appcontext

from gecko.operations import checking


@click.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def check(as_json: bool) -> None:
    """Check the ledger, links, log, numbers, search and schema. The exit code is 1 when something is wrong."""
    results = checking.run()
    is_ok = all(result.is_ok for result in results)
    if as_json:
        click.echo(json.dumps({"ok": is_ok, "checks": [_plain(result) for result in results]}, ensure_ascii=False))
    else:
        for result in results:
            _print(result)
    sys.exit(0 if is_ok else 1)


def _plain(result: checking.Check) -> dict[str, Any]:
    return {"name": result.name, "ok": result.is_ok, "figures": result.figures, "problems": result.problems}


def _print(result: checking.Check) -> None:
    figures = ", ".join(f"{value} {name}" for name, value in result.figures.items() if name != "problems")
    click.echo(f"{'ok   ' if result.is_ok else 'WRONG'}  {result.name}  {figures}")
    for problem in result.problems:
        click.echo(f"         {problem}")
