"""The workbook writer: what is read back is what went in, whatever the texts hold."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from reports import frames
from reports.columns import Column, Kind
from reports.sheets import ControlMismatch, Overview, Sheet, sheet_title
from reports.workbook import write_workbook

COLUMNS = (
    Column("no", "No.", Kind.INTEGER),
    Column("text", "Text"),
    Column("amount", "Amount", Kind.MONEY),
    Column("quantity", "Quantity", Kind.QUANTITY),
    Column("day", "Date", Kind.DATE),
    Column("at", "At", Kind.INSTANT),
    Column("paid", "Paid", Kind.BOOLEAN),
    Column("kind", "Kind", Kind.CHOICE, choices={"a": "Alpha", "b": "Beta"}),
)
HOSTILE = (
    '=HYPERLINK("http://x","y")', "+1", "-1", "@x", "\tx", "=1+1\nmore", "<b>&amp;</b>", " padded ", "two\nlines",
    "😀 emoji", "æøå ÆØÅ", "100 % %s %d", "",
)  # fmt: skip


def rows(count: int) -> list[tuple[Any, ...]]:
    return [
        (
            number,
            HOSTILE[number % len(HOSTILE)] if number % 3 else f"Text {number}",
            None if number % 11 == 0 else number * 37 - 4_000,
            number * 250,
            None if number % 7 == 0 else date(2024, 1 + number % 12, 1 + number % 28),
            None if number % 13 == 0 else datetime(2024, 1 + number % 12, 3, 22, 5, number % 60, tzinfo=UTC),
            (True, False, None)[number % 3],
            ("a", "b", None)[number % 3],
        )
        for number in range(count)
    ]


def shown(row: tuple[Any, ...]) -> list[Any]:
    """A row as a reader sees it: kroner, local time, words; nothing is an empty text."""
    number, text, ore, milli, day, at, paid, kind = row
    local = at and at.astimezone(ZoneInfo("Europe/Copenhagen")).replace(tzinfo=None)
    values = [number, text, None if ore is None else ore / 100, milli / 1000, day, local, paid,
              {"a": "Alpha", "b": "Beta"}.get(kind)]  # fmt: skip
    return ["" if value is None else value for value in values]


def write(path: Path, source: list[tuple[Any, ...]], *, size: int = 100, **options: Any) -> Any:
    sheet = Sheet("Data", COLUMNS, frames.chunked(COLUMNS, source, size=size), rows=len(source))
    return write_workbook(path, sheets=[sheet], overview=Overview("Overview", "Test"), locale="en", **options)


def read(path: Path, sheet: str = "Data") -> list[list[Any]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)


@pytest.mark.parametrize("count", [1, 99, 1000])
def test_every_cell_is_read_back_exactly(tmp_path: Path, count: int) -> None:
    source = rows(count)
    written = write(tmp_path / "a.xlsx", source)
    found = read(tmp_path / "a.xlsx")
    assert found[0] == [column.label for column in COLUMNS]
    mismatches = [(have, want) for have, want in zip(found[1:], map(shown, source), strict=True) if have != want]
    assert mismatches == []
    assert written.rows == count
    assert written.control_ore == sum(row[2] or 0 for row in source)


@pytest.mark.parametrize("read_only", [True, False])
def test_openpyxl_reads_the_same_rows_and_types(tmp_path: Path, read_only: bool) -> None:
    source = rows(250)
    write(tmp_path / "a.xlsx", source)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx", read_only=read_only)
    found = list(book["Data"].iter_rows(min_row=2))
    assert len(found) == 250
    first_full = found[1]
    assert [type(cell.value) for cell in first_full] == [int, str, float, float, datetime, datetime, bool, str]
    assert {cell.data_type for row in found for cell in row} <= {"n", "s", "d", "b", "inlineStr"}
    assert first_full[2].number_format.endswith("#,##0.00")
    assert first_full[4].number_format.endswith("dd-mm-yyyy")
    book.close()


def test_the_header_is_frozen_filtered_and_repeated_in_print(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", rows(20))
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Data"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:H21"
    assert sheet.dimensions == "A1:H21"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet["A1"].font.b
    assert sheet.column_dimensions["B"].width >= 20


def test_no_text_becomes_a_formula_and_risky_ones_stay_texts_when_edited(tmp_path: Path) -> None:
    columns = (Column("t", "=1+1"), Column("n", "No.", Kind.INTEGER))
    source = [(text, number) for number, text in enumerate(HOSTILE)]
    sheet = Sheet("Data", columns, frames.chunked(columns, source))
    write_workbook(tmp_path / "a.xlsx", sheets=[sheet], overview=Overview("Overview", "=2+2", [("=3", "=4")]))
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet2.xml")
        assert archive.read("xl/worksheets/sheet1.xml").count(b"<f>") == 0  # no money column, so no control formula
    data = openpyxl.load_workbook(tmp_path / "a.xlsx")["Data"]
    assert data["A1"].value == "=1+1"
    assert data["A1"].data_type == "s"
    for row, text in enumerate(HOSTILE, 2):
        assert (data.cell(row, 1).value or "") == text
        assert bool(data.cell(row, 1).quotePrefix) == text.startswith(("=", "+", "-", "@", "\t"))


def test_what_xml_cannot_hold_is_left_out_and_too_long_texts_are_cut_with_a_mark(tmp_path: Path) -> None:
    columns = (Column("t", "Text"),)
    long, wide = "x" * 40_000, "😀" * 20_000
    source = [("a\x00b\x08c\x1f\x7f",), ("cr\r\nlf\rend",), ("half \ud83d pair",), (long,), (wide,), ("x" * 32_767,)]
    sheet = Sheet("Data", columns, frames.chunked(columns, source))
    written = write_workbook(tmp_path / "a.xlsx", sheets=[sheet], overview=Overview("Overview", "Test"), locale="en")
    found = [row[0] for row in read(tmp_path / "a.xlsx")[1:]]
    assert found[:3] == ["abc", "cr\nlf\nend", "half  pair"]
    assert found[3] == "x" * 32_763 + " […]"
    assert found[4].endswith("😀 […]")
    assert len(found[4].encode("utf-16-le")) // 2 <= 32_767
    assert found[5] == "x" * 32_767
    assert written.cut == 2
    facts = dict(openpyxl.load_workbook(tmp_path / "a.xlsx")["Overview"].iter_rows(min_row=3, values_only=True))
    assert facts["Texts shortened to what a cell can hold"] == 2


def test_the_overview_states_rows_control_total_and_a_difference_of_nothing(tmp_path: Path) -> None:
    source = rows(300)
    total = sum(row[2] or 0 for row in source)
    sheet = Sheet("Data", COLUMNS, frames.chunked(COLUMNS, source), rows=300, control=("amount",))
    overview = Overview("Overview", "Test", [("Period", "all")], expected={"amount": total})
    written = write_workbook(tmp_path / "a.xlsx", sheets=[sheet], overview=overview, locale="en")
    plain = dict(openpyxl.load_workbook(tmp_path / "a.xlsx")["Overview"].iter_rows(min_row=3, values_only=True))
    cached = dict(
        openpyxl.load_workbook(tmp_path / "a.xlsx", data_only=True)["Overview"].iter_rows(min_row=3, values_only=True)
    )
    assert cached["Rows"] == 300
    assert cached["Control total: Amount"] == total / 100
    assert cached["Sum in the data sheet: Amount"] == total / 100
    assert cached["Difference"] == 0
    assert plain["Sum in the data sheet: Amount"] == "=ROUND(SUM('Data'!$C$2:$C$301),2)"
    assert cached["SHA-256 of the data rows"] == written.content_sha256


def test_a_control_that_does_not_hold_publishes_nothing(tmp_path: Path) -> None:
    source = rows(10)
    sheet = Sheet("Data", COLUMNS, frames.chunked(COLUMNS, source))
    with pytest.raises(ControlMismatch):
        write_workbook(
            tmp_path / "a.xlsx", sheets=[sheet], overview=Overview("Overview", "Test", expected={"amount": 1})
        )
    with pytest.raises(ControlMismatch):
        write_workbook(tmp_path / "a.xlsx", sheets=[Sheet("Data", COLUMNS, [frames.frame(COLUMNS, source)], rows=9)])
    assert list(tmp_path.iterdir()) == []


def test_the_checksum_is_that_of_the_row_elements(tmp_path: Path) -> None:
    import hashlib

    written = write(tmp_path / "a.xlsx", rows(40))
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        xml = archive.read("xl/worksheets/sheet2.xml").decode()
    body = re.search(r"<sheetData><row r=\"1\".*?</row>(.*)</sheetData>", xml, re.S).group(1)
    assert hashlib.sha256(body.encode()).hexdigest() == written.content_sha256


def test_no_rows_still_make_a_whole_workbook(tmp_path: Path) -> None:
    written = write(tmp_path / "a.xlsx", [])
    assert (written.rows, written.control_ore) == (0, 0)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Data"]
    assert sheet.max_row == 1
    assert sheet.auto_filter.ref == "A1:H1"


@pytest.mark.parametrize("size", [3, 10, 1000])
def test_rows_past_the_limit_go_on_in_further_sheets(tmp_path: Path, size: int) -> None:
    source = rows(25)
    written = write(tmp_path / "a.xlsx", source, size=size, largest=11)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["Overview", "Data", "Data 2", "Data 3"]
    assert [book[name].dimensions for name in book.sheetnames[1:]] == ["A1:H11", "A1:H11", "A1:H6"]
    assert book["Data 3"].auto_filter.ref == "A1:H6"
    found = [row for name in ("Data", "Data 2", "Data 3") for row in read(tmp_path / "a.xlsx", name)[1:]]
    assert found == [shown(row) for row in source]
    assert (written.rows, written.sheets) == (25, 3)
    formula = dict(book["Overview"].iter_rows(min_row=3, values_only=True))["Sum in the data sheet: Amount"]
    assert formula.count("SUM(") == 3
    assert sum(sheet.sheet_view.tabSelected or 0 for sheet in book) <= 1


def test_without_a_known_number_of_rows_the_dimension_is_left_out_and_every_row_is_read(tmp_path: Path) -> None:
    sheet = Sheet("Data", COLUMNS, frames.chunked(COLUMNS, rows(30), size=7))
    write_workbook(tmp_path / "a.xlsx", sheets=[sheet])
    book = openpyxl.load_workbook(tmp_path / "a.xlsx", read_only=True)
    assert len(list(book["Data"].iter_rows())) == 31
    book.close()


def test_danish_formats(tmp_path: Path) -> None:
    sheet = Sheet("Data", COLUMNS, frames.chunked(COLUMNS, rows(5)))
    write_workbook(tmp_path / "a.xlsx", sheets=[sheet], overview=Overview("Oversigt", "Test"), locale="da")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book["Data"]["C3"].number_format == "[$-406]#,##0.00"
    assert book["Data"]["E3"].number_format == "[$-406]dd-mm-yyyy"
    assert any(cell.number_format.endswith('" kr."') for row in book["Oversigt"].iter_rows() for cell in row)


def test_progress_is_told_and_may_stop_the_export(tmp_path: Path) -> None:
    seen: list[int] = []
    write(tmp_path / "a.xlsx", rows(30), size=10, progress=seen.append)
    assert seen == [10, 20, 30]

    def stop(_done: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        write(tmp_path / "b.xlsx", rows(30), size=10, progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]


def test_sheet_titles_are_valid() -> None:
    assert sheet_title("a/b:c*?[x]") == "a b c   x"
    assert len(sheet_title("x" * 40, 12)) == 31
    assert sheet_title("'") == "Data"


def test_every_part_is_well_formed(tmp_path: Path) -> None:
    from lxml import etree

    write(tmp_path / "a.xlsx", rows(60), largest=20)
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            etree.parse(io.BytesIO(archive.read(name)))
