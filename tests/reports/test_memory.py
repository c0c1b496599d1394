"""Memory does not grow with the rows: what is written is forgotten."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from reports import frames
from reports.sheets import Sheet
from reports.workbook import write_workbook
from tests.reports.test_workbook import COLUMNS, rows


def peak(path: Path, chunks: int) -> int:
    """The most bytes that Python held while writing so many chunks of 500 rows."""
    chunk = rows(500)

    def source() -> Iterator[pd.DataFrame]:
        for _number in range(chunks):
            yield frames.frame(COLUMNS, chunk)

    tracemalloc.start()
    try:
        write_workbook(path, sheets=[Sheet("Data", COLUMNS, source())])
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_ten_times_the_rows_take_no_more_memory(tmp_path: Path) -> None:
    peak(tmp_path / "warm.xlsx", 1)
    few, many = peak(tmp_path / "few.xlsx", 2), peak(tmp_path / "many.xlsx", 20)
    assert many < few * 1.2 + 200_000
