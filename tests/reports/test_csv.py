"""Csv as spreadsheets of both languages read it."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from reports import frames
from reports.columns import Column, Kind
from reports.csv import defused, write_csv
from reports.sheets import ControlMismatch, Sheet

COLUMNS = (
    Column("text", "Text"),
    Column("amount", "Amount", Kind.MONEY),
    Column("quantity", "Quantity", Kind.QUANTITY),
    Column("no", "No.", Kind.INTEGER),
    Column("day", "Date", Kind.DATE),
    Column("at", "At", Kind.INSTANT),
    Column("paid", "Paid", Kind.BOOLEAN),
)
ROWS: list[tuple[Any, ...]] = [
    ("Bjørn; \"Åse\"", -123_456, 1_500, 7, date(2024, 2, 29), datetime(2024, 7, 1, 22, 30, tzinfo=UTC), True),
    ("=1+1", 5, -250, None, None, None, None),
    ("-5", None, 1_000, -3, date(2023, 12, 31), None, False),
]  # fmt: skip


def lines(path: Path, delimiter: str) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


def sheet(rows: list[tuple[Any, ...]] = ROWS, *, known: int | None = None) -> Sheet:
    return Sheet("Data", COLUMNS, frames.chunked(COLUMNS, rows, size=2), rows=known)


def test_danish(tmp_path: Path, sqlite_app: Flask) -> None:
    written = write_csv(tmp_path / "a.csv", sheet=sheet(), locale="da")
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert lines(tmp_path / "a.csv", ";")[1:] == [
        ['Bjørn; "Åse"', "-1234,56", "1,500", "7", "29-02-2024", "02-07-2024 00:30:00", "ja"],
        ["'=1+1", "0,05", "-0,250", "", "", "", ""],
        ["'-5", "", "1,000", "-3", "31-12-2023", "", "nej"],
    ]
    assert (written.rows, written.control_ore) == (3, -123_451)


def test_english(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", sheet=sheet(), locale="en")
    assert lines(tmp_path / "a.csv", ",")[1] == [
        'Bjørn; "Åse"', "-1234.56", "1.500", "7", "2024-02-29", "2024-07-02 00:30:00", "yes",
    ]  # fmt: skip


def test_no_rows_leave_the_header(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", sheet=sheet([]), locale="en")
    assert lines(tmp_path / "a.csv", ",") == [["Text", "Amount", "Quantity", "No.", "Date", "At", "Paid"]]


def test_a_wrong_number_of_rows_publishes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ControlMismatch):
        write_csv(tmp_path / "a.csv", sheet=sheet(known=4))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "\x01=1", "\ufffe\x00@x"])
def test_texts_that_look_like_formulas_are_defused(text: str) -> None:
    assert defused(text).startswith("'")


def test_ordinary_texts_are_left_alone() -> None:
    assert defused("1-2=3") == "1-2=3"
