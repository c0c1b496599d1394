"""`gecko bench export`: the export of debtor postings beside pandas with openpyxl."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import click

ORDER = ("product", "peer", "csv", "few")
ENDING = {"csv": "csv"}


@click.command("export")
@click.option("--rows", default=100_000, show_default=True, type=click.IntRange(min=1_000), help="Postings to export.")
@click.option("--db", "dialect", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--repeat", type=click.IntRange(min=1), help="Runs of each (default: 3, above 300,000 rows 1).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def export(rows: int, dialect: str, repeat: int | None, as_json: bool) -> None:
    """Compare the workbook writer with pandas.to_excel: CPU, time and memory, each run in a fresh process.

    The runs alternate, so that both meet the same machine. PostgreSQL is the server of DATABASE_URL, or one of its own;
    its own CPU is not counted for anybody.
    """
    runs = repeat or (3 if rows <= 300_000 else 1)
    with tempfile.TemporaryDirectory(prefix="gecko-bench-") as folder, database(dialect, Path(folder)) as url:
        if not as_json:
            click.echo(f"Building {rows:,} postings on {dialect} ...")
        _run("build", url, str(rows))
        found: dict[str, list[dict[str, Any]]] = {name: [] for name in ORDER}
        for _repetition in range(runs):
            for name in ORDER:
                out = Path(folder) / f"{name}.{ENDING.get(name, 'xlsx')}"
                found[name].append(_run(name, url, str(out)))
                out.unlink()
    result = {"benchmark": "export", "rows": rows, "db": dialect, "repeat": runs, "python": platform.python_version()}
    result |= summary(found)
    click.echo(json.dumps(result) if as_json else _table(result))


@contextmanager
def database(dialect: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database that is gone afterwards."""
    if dialect == "sqlite":
        yield f"sqlite:///{folder / 'bench.db'}"
        return
    from .postgres import database

    with database(os.environ.get("DATABASE_URL", "")) as url:
        yield url


def _run(name: str, url: str, out: str) -> dict[str, Any]:
    """One contestant in a fresh process; its cost counts from before the interpreter starts."""
    command = [sys.executable, "-m", "reports.benchmarks.contest", name, url, out, str(time.time())]
    compiled = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=compiled)  # noqa: S603 (our own module)
    if done.returncode:
        raise click.ClickException(f"{name} failed:\n{done.stderr[-2000:]}")
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return facts


def summary(found: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Medians of each contestant, and how many times less the product takes than the others."""
    made: dict[str, Any] = {
        name: {key: median(run[key] for run in runs) for key in runs[0]} for name, runs in found.items()
    }
    counts = {name: made[name]["rows"] for name in ("product", "peer", "csv")}
    if len(set(counts.values())) != 1:
        raise click.ClickException(f"the contestants did not write the same rows: {counts}")
    product, peer, plain = made["product"], made["peer"], made["csv"]
    made["ratios"] = {
        "cpu_vs_pandas": round(peer["cpu_s"] / product["cpu_s"], 2),
        "wall_vs_pandas": round(peer["wall_s"] / product["wall_s"], 2),
        "memory_vs_pandas": round(peer["peak_mb"] / product["peak_mb"], 2),
        "cpu_of_csv": round(product["cpu_s"] / plain["cpu_s"], 2),
    }
    made["memory_growth_mb"] = round(product["peak_mb"] - made["few"]["peak_mb"], 1)
    return made


def _table(result: dict[str, Any]) -> str:
    lines = [f"{result['rows']:,} postings on {result['db']}, median of {result['repeat']}"]
    for name in ORDER:
        facts = result[name]
        lines.append(
            f"  {name:8} {facts['rows']:>9,} rows {facts['cpu_s']:>8.2f} CPU s {facts['wall_s']:>8.2f} s"
            f" {facts['peak_mb']:>7.0f} MB peak {facts['file_mb']:>7.1f} MB file"
        )
    ratios = result["ratios"]
    lines.append(
        f"  {ratios['cpu_vs_pandas']}x less CPU, {ratios['wall_vs_pandas']}x less time and"
        f" {ratios['memory_vs_pandas']}x less memory than pandas; {ratios['cpu_of_csv']}x the CPU of plain csv;"
        f" {result['memory_growth_mb']} MB more memory than for about ten thousand rows"
    )
    return "\n".join(lines)
