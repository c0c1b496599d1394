"""One contestant of the export benchmark, in a process of its own: `python -m reports.benchmarks.contest`.

product: the report as the product writes it. peer: pandas.read_sql and DataFrame.to_excel with openpyxl.
csv: the rows of the same statement through csv.writer, the least that writing them can cost.
few: the product on about ten thousand of the rows, to see what memory owes to their number.
"""

from __future__ import annotations

import csv
import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from gecko.memory import peak_mb
from reports import debtor_postings, export
from reports.benchmarks import bare, ledger
from reports.filters import Filters
from reports.report import Scope
from reports.snapshot import snapshot

FEW = 10_000


def product(path: Path, filters: Filters = Filters(locale="en")) -> int:  # noqa: B008 (frozen)
    """The product's own workbook with every column, control and format."""
    return export.write(debtor_postings.REPORT, Scope(filters), path, author="gecko bench").rows


def few(path: Path) -> int:
    """The same for about ten thousand of the postings."""
    with snapshot() as connection:
        rows = debtor_postings.control(connection, Scope(Filters())).rows
    days = max(ledger.DAYS * FEW // rows, 1)
    return product(path, Filters(locale="en", ends_on=ledger.FIRST + timedelta(days=days - 1)))


def peer(path: Path) -> int:
    """What one writes first: everything into one frame, and that into Excel."""
    import pandas as pd

    with snapshot() as connection:
        frame = pd.read_sql(debtor_postings.statement(Scope(Filters())), connection)
    frame["amount_ore"] = frame["amount_ore"] / 100
    frame["debit"] = frame["amount_ore"].where(frame["amount_ore"] > 0)
    frame["credit"] = -frame["amount_ore"].where(frame["amount_ore"] < 0)
    frame.drop(columns="debtor_id").to_excel(path, sheet_name="Postings", index=False, engine="openpyxl")
    return len(frame)


def plain_csv(path: Path) -> int:
    """The rows as the database gives them, through csv.writer."""
    rows = 0
    with snapshot() as connection, path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        result = connection.execution_options(yield_per=5_000).execute(debtor_postings.statement(Scope(Filters())))
        for part in result.partitions(5_000):
            writer.writerows(part)
            rows += len(part)
    return rows


CONTESTANTS: dict[str, Callable[[Path], int]] = {"product": product, "peer": peer, "csv": plain_csv, "few": few}


def main(name: str, url: str, out: str) -> None:
    """Run one contestant (or `build`, where `out` is the number of rows) and print what it cost as JSON."""
    facts: dict[str, Any] = {}
    with bare.at_work(url):
        if name == "build":
            ledger.build(int(out))
        else:
            path = Path(out)
            facts = {"rows": CONTESTANTS[name](path), "file_mb": round(path.stat().st_size / 1e6, 1)}
    used = resource.getrusage(resource.RUSAGE_SELF)
    facts |= {"cpu_s": round(used.ru_utime + used.ru_stime, 3), "peak_mb": round(peak_mb(), 1)}
    print(json.dumps(facts | {"wall_s": round(time.time() - float(sys.argv[4]), 3)}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:4])
