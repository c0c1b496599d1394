"""`gecko bench import`: reading and writing invoices beside pandas and the ORM."""

from __future__ import annotations

import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import click

from reports.benchmarks.postgres import database

ORDER = ("parse", "pandas", "product", "peer")
CUSTOMERS_PER_ROW = 8  # the real file has one customer to about eight documents


@click.command("import")
@click.option("--rows", default=20_000, show_default=True, type=click.IntRange(min=1_000), help="Invoices in the file.")
@click.option("--db", "dialect", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--repeat", type=click.IntRange(min=1), help="Runs of each (default: 3, above 100,000 rows 1).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def import_(rows: int, dialect: str, repeat: int | None, as_json: bool) -> None:
    """Compare parsing with pandas.read_csv, and the import with pandas.read_csv and the ORM's add_all.

    Every run is a fresh process and, where it writes, a fresh database with all triggers; the runs alternate.
    """
    runs = repeat or (3 if rows <= 100_000 else 1)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in ORDER}
    with tempfile.TemporaryDirectory(prefix="gecko-bench-") as name:
        folder = Path(name)
        make_file(folder / "invoices.csv", rows)
        for _repetition in range(runs):
            for contestant in ORDER:
                with _fresh(dialect if contestant in {"product", "peer"} else "sqlite", folder) as url:
                    found[contestant].append(_run(contestant, url, folder / "invoices.csv"))
    result = {"benchmark": "import", "rows": rows, "db": dialect, "repeat": runs, "python": platform.python_version()}
    result |= summary(found)
    click.echo(json.dumps(result) if as_json else _table(result))


def make_file(path: Path, rows: int) -> None:
    """Invoices and credit notes of many customers, with the float noise of real exports; the same for the same rows."""
    draw = random.Random(rows)  # noqa: S311 (no secret)
    with path.open("w", encoding="utf-8") as file:
        file.write(
            "invoice_id,invoice_date,customer_id,domestic_sale,item_types_purchased,total_quantity,total_price\n"
        )
        for n in range(rows):
            number = f"C{500_000 + n}" if draw.random() < 0.15 else str(500_000 + n)
            sign = -1 if number[0] == "C" else 1
            moment = f"{n % 12 + 1}/{n % 28 + 1}/{n % 3 + 9:02d} {n % 12 + 7}:{n % 60:02d}"
            customer = 12_000 + draw.randrange(max(rows // CUSTOMERS_PER_ROW, 1))
            total = sign * sum(draw.randrange(1, 5_000) / 100 for _part in range(3))
            file.write(f"{number},{moment},{customer}.0,True,3,{sign * draw.randrange(1, 500)},{total!r}\n")


@contextmanager
def _fresh(dialect: str, folder: Path) -> Iterator[str]:
    """An empty database with schema, triggers and seed."""
    if dialect == "postgresql":
        with database(os.environ.get("DATABASE_URL", "")) as url:
            _run("build", url, folder)
            yield url
        return
    template, path = folder / "template.db", folder / "bench.db"
    if not template.exists():
        _run("build", f"sqlite:///{template}", folder)
    for leftover in folder.glob("bench.db*"):
        leftover.unlink()
    shutil.copy(template, path)
    yield f"sqlite:///{path}"


def _run(name: str, url: str, path: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "jobs.benchmarks.contest", name, url, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own module)
    if done.returncode:
        raise click.ClickException(f"{name} failed:\n{done.stderr[-2000:]}")
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return facts


def summary(found: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Medians of each contestant with rows a second, and how many times faster the product is."""
    counts = {name: {run["rows"] for run in runs} for name, runs in found.items()}
    if len(set.union(*counts.values())) != 1:
        raise click.ClickException(f"the contestants did not handle the same rows: {counts}")
    made: dict[str, Any] = {}
    for name, runs in found.items():
        facts = {key: median(run[key] for run in runs) for key in ("rows", "wall_s", "cpu_s")}
        made[name] = {key: round(value, 4) for key, value in facts.items()} | {
            "rows_per_s": round(facts["rows"] / facts["wall_s"]),
            "rows_per_cpu_s": round(facts["rows"] / facts["cpu_s"]),
        }
    made["ratios"] = {
        "parse_vs_pandas": round(made["pandas"]["wall_s"] / made["parse"]["wall_s"], 2),
        "write_vs_orm": round(made["peer"]["wall_s"] / made["product"]["wall_s"], 2),
        "write_cpu_vs_orm": round(made["peer"]["cpu_s"] / made["product"]["cpu_s"], 2),
    }
    return made


def _table(result: dict[str, Any]) -> str:
    words = {
        "parse": "parsed by the product", "pandas": "parsed by pandas",
        "product": "imported by the product", "peer": "imported by pandas and the ORM",
    }  # fmt: skip
    lines = [f"{result['rows']:,} invoices on {result['db']}, median of {result['repeat']}"]
    for name in ORDER:
        facts = result[name]
        lines.append(f"  {words[name]:32} {facts['rows_per_s']:>9,} rows/s  {facts['rows_per_cpu_s']:>9,} rows/CPU s")
    ratios = result["ratios"]
    lines.append(f"  {ratios['write_vs_orm']}x faster than the ORM; parsing {ratios['parse_vs_pandas']}x pandas")
    return "\n".join(lines)
