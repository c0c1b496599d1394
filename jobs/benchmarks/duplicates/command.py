"""`gecko bench duplicates`: the whole scan on a base whose truth is known, beside Splink on the same customers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import click
import numpy as np

from reports.benchmarks.postgres import database

from . import judging, metrics, peers
from .contest import PAIRS, TRUTH

Facts = dict[str, Any]
Say = Callable[[str], None]
DEFAULT_CUT = 0.95
_MEASURED = ("wall_s", "cpu_s", "without_load_s", "without_load_cpu_s", "peak_mb")


@click.command("duplicates")
@click.option("--rows", default=10_000, show_default=True, type=click.IntRange(100), help="Customers in the base.")
@click.option("--seed", default=1, show_default=True, help="Another seed makes another base.")
@click.option("--peer", type=click.Choice(["splink"]), help="Run Splink 5 on the same customers, in turns.")
@click.option("--febrl", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="A folder with febrl4a.csv, febrl4b.csv and the mapping febrl.toml: measured as well.")  # fmt: skip
@click.option("--db", "dialect", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--rounds", type=click.IntRange(min=1), help="Scans of each (default: 3).", default=3)
@click.option("--json", "as_json", is_flag=True, help="End with one JSON object.")
def duplicates(
    rows: int, seed: int, peer: str | None, febrl: Path | None, dialect: str, rounds: int, as_json: bool
) -> None:
    """Build a base whose duplicates are known, find them, and judge how well and how fast.

    The base is made anew in a temporary folder, by the generator that docs/benchmarks.md describes. The exit code is 1
    where a bar is missed.
    """
    python = peers.interpreter() if peer else None  # made before anything is measured
    with tempfile.TemporaryDirectory(prefix="gecko-bench-") as name:
        report = run(Path(name), rows, seed, dialect, rounds, python, _say)
        if febrl:
            report["febrl"] = run_febrl(Path(name), febrl)
    report["missed"] = judging.missed(report)
    report["passed"] = not report["missed"]
    _show(report)
    if as_json:
        click.echo(json.dumps(report))
    if not report["passed"]:
        raise SystemExit(1)


def run(folder: Path, rows: int, seed: int, dialect: str, rounds: int, python: Path | None, say: Say) -> Facts:
    """Build, scan and compare; returns everything that is printed. python: one that has Splink, if it is wanted."""
    styles = peers.STYLES if python else ()
    with _fresh(dialect, folder / "bench.db") as url:
        built = step("build", url, folder, str(rows), str(seed), *styles)
        say(f"{rows} customers on {dialect}: made in {built['generate_s']:.1f} s, loaded in {built['load_s']:.1f} s,"
            f" the matcher's tables filled in {built['fill_s']:.1f} s")  # fmt: skip
        costs: dict[str, list[Facts]] = {name: [] for name in ("product", *styles)}
        for number in range(1, rounds + 1):
            for name, found in costs.items():
                found.append(
                    peers.run(python, name, folder) if python and name in styles else step("scan", url, folder)
                )
                say(f"  round {number}: {name} {found[-1]['wall_s']:.2f} s, {found[-1]['peak_mb']:.0f} MB")
    report: Facts = {"benchmark": "duplicates", "rows": rows, "seed": seed, "db": dialect, "rounds": rounds}
    report["built"] = {key: round(value, 2) for key, value in built.items()}
    report["product"] = product(folder, costs["product"])
    report |= {style: splink(folder, style, costs[style]) for style in styles}
    report["ratios"] = {style: judging.ratios(report["product"], report[style]) for style in styles}
    return report


def run_febrl(folder: Path, source: Path) -> Facts:
    """The same on FEBRL 4, a labelled public set, of which somebody has the files."""
    own = folder / "febrl"
    own.mkdir()
    with _fresh("sqlite", own / "bench.db") as url:
        made = step("febrl", url, own, str(source.resolve()))
        found = product(own, [step("scan", url, own)])
    return {"customers": made["customers"], **found}


def step(name: str, url: str, folder: Path, *more: str) -> Facts:
    """Do one step of the contest in a process of its own."""
    command = [sys.executable, "-m", "jobs.benchmarks.duplicates.contest", name, url, str(folder), *more]
    environment = {**os.environ, "PYTHONPATH": str(peers.ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603
    if done.returncode:
        raise click.ClickException(f"{name} failed:\n{done.stderr[-2000:]}")
    facts: Facts = json.loads(done.stdout.splitlines()[-1])
    return facts


@contextmanager
def _fresh(dialect: str, path: Path) -> Iterator[str]:
    if dialect == "sqlite":
        yield f"sqlite:///{path}"
        return
    with database(os.environ.get("DATABASE_URL", "")) as url:
        yield url


def product(folder: Path, costs: list[Facts]) -> Facts:
    """What the scans cost, and how good the pairs are."""
    truth = np.load(folder / TRUTH)
    made = np.load(folder / PAIRS)
    a, b = (np.searchsorted(truth["ids"], made[side]) for side in ("a", "b"))
    pairs = metrics.Pairs(a, b, made["probability"], made["lane"])
    quality = metrics.judged(pairs, costs[-1]["threshold"], truth["entity"], truth["household"])
    last = {key: costs[-1][key] for key in ("threshold", "clusters", "blocking")}
    return {**_medians(costs, _MEASURED), **last, "quality": quality}


def splink(folder: Path, style: str, costs: list[Facts]) -> Facts:
    """What Splink's runs cost, and how good its pairs are where it cuts by default, at even odds, and at best."""
    truth = np.load(folder / TRUTH)
    made = np.load(folder / f"{style}.npz")
    pairs = metrics.Pairs(made["a"], made["b"], made["probability"], np.full(len(made["a"]), "", np.str_))
    cuts = [1 - 2.0**-bits for bits in range(1, 25)]
    at = {cut: metrics.quality(pairs.where(pairs.probability >= cut), truth["entity"]) for cut in (DEFAULT_CUT, *cuts)}
    best = max(at, key=lambda cut: at[cut]["f1"])
    return {
        **_medians([{**cost, "training_s": cost["training"]["wall_s"]} for cost in costs],
                   ("wall_s", "cpu_s", "training_s", "peak_mb")),
        "quality": at[DEFAULT_CUT], "quality_even": at[0.5], "quality_best": {"at": best, **at[best]},
    }  # fmt: skip


def _medians(costs: list[Facts], names: tuple[str, ...]) -> Facts:
    return {name: round(median(cost[name] for cost in costs), 4) for name in names}


def _say(line: str) -> None:
    click.echo(line, err=True)


def _show(report: Facts) -> None:
    found, quality = report["product"], report["product"]["quality"]
    _say(f"product: {found['wall_s']} s ({found['without_load_s']} s without reading), {found['peak_mb']:.0f} MB")
    _say(
        f"  {found['blocking']['candidates_per_customer']} candidates per customer, {found['blocking']['recall']:.2%}"
        " of the true pairs among them"
    )
    _say(f"  precision {quality['precision']} recall {quality['recall']} F1 {quality['f1']} at {found['threshold']}")
    for lane, facts in quality["lanes"].items():
        shares = ", ".join(f"{facts[kind]:.1%} {kind.replace('_', ' ')}" for kind in metrics.KINDS)
        _say(f"  {lane:10} {facts['pairs']:>8} pairs: {shares}")
    for style, by in report["ratios"].items():
        peer = report[style]
        _say(f"Splink, {style}: {peer['wall_s']} s (training {peer['training_s']} s more), {peer['peak_mb']:.0f} MB")
        _say(f"  F1 {peer['quality']['f1']}, at best {peer['quality_best']['f1']}")
        _say(f"  the product takes {by['wall']} of its time and {by['memory']} of its memory")
    if "febrl" in report:
        _say(f"FEBRL 4: F1 {report['febrl']['quality']['f1']}")
    for line in report["missed"]:
        _say(f"  MISSED {line}")
