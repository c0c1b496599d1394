"""`gecko bench ageing`: the balance list by age as of a past day, beside pandas over the whole ledger."""

from __future__ import annotations

import json
import platform
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import click
import pandas as pd

from gecko.db import db

from .. import balance_list
from ..filters import Filters
from ..report import Scope
from ..snapshot import snapshot
from . import bare, ledger
from .exports import database

AS_OF = ledger.FIRST + timedelta(days=ledger.DAYS * 3 // 4)
BARS_S = {"sqlite": 4.0, "postgresql": 2.0}
FULL = 1_000_000


@click.command("ageing")
@click.option("--rows", default=FULL, show_default=True, type=click.IntRange(min=1_000), help="Postings.")
@click.option("--db", "dialect", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--repeat", default=3, show_default=True, type=click.IntRange(min=1), help="Runs of each, in turns.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def ageing(rows: int, dialect: str, repeat: int, as_json: bool) -> None:
    """Compare the balance list with pandas that reads the postings and the settlements: equal to the øre, and faster.

    Of every ten invoices nine are settled. Both look at the ledger as of a day three quarters through its life.
    """
    with (
        tempfile.TemporaryDirectory(prefix="gecko-bench-") as folder,
        database(dialect, Path(folder)) as url,
        bare.at_work(url),
    ):
        ledger.build(rows, settled=True)
        db.session.remove()
        result = measured(repeat)
    bar = BARS_S[dialect]
    result = {"benchmark": "ageing", "rows": rows, "db": dialect, "python": platform.python_version(), **result}
    result |= {"bar_s": bar, "passed": result["product"]["wall_s"] <= bar}
    click.echo(json.dumps(result) if as_json else _table(result))


def measured(repeat: int) -> dict[str, Any]:
    """Seconds of both, medians of turns; raises ClickException where they do not agree."""
    found: dict[str, list[dict[str, float]]] = {"product": [], "peer": []}
    for _turn in range(repeat):
        mine, theirs = _timed(product, found["product"]), _timed(peer, found["peer"])
        if not mine.equals(theirs):
            raise click.ClickException("the balance list and pandas do not agree")
    made: dict[str, Any] = {
        name: {key: round(median(run[key] for run in runs), 3) for key in ("wall_s", "cpu_s")}
        for name, runs in found.items()
    }
    made["debtors"], made["balance_ore"] = len(mine), int(mine["total"].sum())
    made["times_faster"] = round(made["peer"]["wall_s"] / made["product"]["wall_s"], 2)
    return made


def _timed(contestant: Callable[[], pd.DataFrame], runs: list[dict[str, float]]) -> pd.DataFrame:
    wall, cpu = time.perf_counter(), time.process_time()
    frame = contestant()
    runs.append({"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu})
    return frame


def product(day: date = AS_OF) -> pd.DataFrame:
    """The whole list as the export takes it; by debtor."""
    with snapshot() as connection:
        frames = list(balance_list.frames(connection, Scope(Filters(as_of=day))))
    whole = pd.concat(frames).set_index("debtor_id").sort_index()
    return whole.drop(columns=["debtor_no", "debtor_group", "debtor_name"])


def peer(day: date = AS_OF) -> pd.DataFrame:
    """What one writes first: both tables into frames, and everything else there."""
    return aged(*raw(), pd.Timestamp(day))


def raw() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Postings and settlement lines as they stand in their tables."""
    with snapshot() as connection:
        columns = "SELECT id, debtor_id, amount_ore, posted_on, due_on FROM debtor_posting"
        postings = pd.read_sql(columns, connection, parse_dates=["posted_on", "due_on"])
        lines = pd.read_sql(
            "SELECT debit_posting_id, credit_posting_id, amount_ore, effective_on FROM settlement_line",
            connection,
            parse_dates=["effective_on"],
        )
    return postings, lines


def left_of(postings: pd.DataFrame, lines: pd.DataFrame, day: pd.Timestamp) -> pd.Series[Any]:
    """What is open of each posting of the day or before, øre with its sign, by its number; by pandas alone."""
    lines, seen = lines[lines["effective_on"] <= day], postings[postings["posted_on"] <= day].set_index("id")
    settled = lines.groupby("debit_posting_id")["amount_ore"].sum()
    placed = lines.groupby("credit_posting_id")["amount_ore"].sum()
    left = seen["amount_ore"].sub(settled, fill_value=0).add(placed, fill_value=0)
    return left.reindex(seen.index).astype("int64")


def aged(postings: pd.DataFrame, lines: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The list by pandas alone: what is open of each posting on the day, by debtor and bucket."""
    left = left_of(postings, lines, day)
    seen = postings.set_index("id").loc[left.index]
    age = (day - seen["due_on"].fillna(seen["posted_on"])).dt.days
    place = pd.cut(age, [-100_000, 0, 30, 60, 90, 100_000], labels=[f"bucket_{number}" for number in range(5)])
    column = place.astype(str).where(seen["amount_ore"] > 0, "credits")
    open_ = pd.DataFrame({"debtor_id": seen["debtor_id"], "column": column, "left": left})[left != 0]
    table = open_.pivot_table(index="debtor_id", columns="column", values="left", aggfunc="sum", fill_value=0)
    wanted = [*(f"bucket_{number}" for number in range(5)), "credits"]
    table = table.reindex(columns=wanted, fill_value=0).astype("int64").rename_axis(columns=None).sort_index()
    return table.assign(total=table.sum(axis=1))


def _table(result: dict[str, Any]) -> str:
    lines = [f"{result['rows']:,} postings on {result['db']}, {result['debtors']:,} debtors with something open"]
    lines += [
        f"  {name:8} {result[name]['wall_s']:>8.2f} s {result[name]['cpu_s']:>8.2f} CPU s"
        for name in ("product", "peer")
    ]
    verdict = "holds" if result["passed"] else "is missed"
    lines.append(f"  {result['times_faster']}x faster than pandas; the bar of {result['bar_s']} s {verdict}")
    return "\n".join(lines)
