"""LibreOffice opens the workbook without repair and calculates the same totals."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import pytest

from reports import frames
from reports.sheets import Overview, Sheet
from reports.workbook import write_workbook
from tests.reports.test_workbook import COLUMNS, HOSTILE, rows

OFFICE = shutil.which("soffice")
# Semicolon, quotes, UTF-8, formulas calculated anew, every sheet into a file of its own.
FILTER = "csv:Text - txt - csv (StarCalc):59,34,76,1,,1033,false,true,false,false,false,-1"


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice (soffice) is not installed")
def test_libreoffice_opens_it_and_finds_no_difference(tmp_path: Path) -> None:
    source = rows(200)
    total = sum(row[2] or 0 for row in source)
    sheet = Sheet("Data", COLUMNS, frames.chunked(COLUMNS, source), rows=200)
    overview = Overview("Overview", "Test", expected={"amount": total})
    write_workbook(tmp_path / "a.xlsx", sheets=[sheet], overview=overview, locale="en", largest=150)
    subprocess.run(
        [OFFICE, "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--convert-to", FILTER,
         "--outdir", str(tmp_path), str(tmp_path / "a.xlsx")],
        check=True, timeout=180, capture_output=True,
    )  # fmt: skip

    def read(name: str) -> list[list[str]]:
        with (tmp_path / f"a-{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file, delimiter=";"))

    facts = {line[0]: line[1] for line in read("Overview") if len(line) > 1}
    assert float(facts["Sum in the data sheet: Amount"]) == total / 100
    assert float(facts["Difference"]) == 0
    data = read("Data")[1:] + read("Data 2")[1:]
    assert [int(line[0]) for line in data] == [row[0] for row in source]
    assert data[14][1] == HOSTILE[14 % len(HOSTILE)] == "+1"
