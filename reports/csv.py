"""Writes csv as Danish or English spreadsheets read it, with texts that cannot turn into formulas."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from flask_babel import force_locale

from gecko.language import _

from .cells import legal
from .columns import DIVISOR, FORMATS, NUMBERS, RISKY, Column, Formats, Kind
from .series import instants, integers, is_absent, texts
from .sheets import Sheet, Written, check
from .workbook import file_sha256

_DECIMALS = {Kind.MONEY: 2, Kind.QUANTITY: 3, Kind.INTEGER: 0}


def write_csv(
    path: Path,
    *,
    sheet: Sheet,
    locale: str = "da",
    expected: dict[str, int] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Written:
    """Write one sheet to `path` as UTF-8 with a byte order mark; the target appears only when it is complete.

    expected: what the database's own SUM says per control column (øre); raises ControlMismatch where it differs.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with force_locale(locale):
            written = _write(draft, sheet, locale, progress)
            for column in sheet.controls():
                if expected and column.key in expected:
                    check(str(column.label), expected=expected[column.key], found=written.totals[column.key])
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return written


def _write(draft: Path, sheet: Sheet, locale: str, progress: Callable[[int], None] | None) -> Written:
    formats = FORMATS[locale]
    totals = {column.key: 0 for column in sheet.controls()}
    rows = 0
    with draft.open("w", encoding="utf-8-sig", newline="", errors="replace") as file:
        writer = csv.writer(file, delimiter=formats.delimiter, lineterminator="\r\n")
        writer.writerow([defused(str(column.label)) for column in sheet.columns])
        for frame in sheet.frames:
            writer.writerows(
                zip(*(_column(column, frame[column.key], formats) for column in sheet.columns), strict=True)
            )
            rows += len(frame)
            for key in totals:
                totals[key] += int(integers(frame[key])[0].sum())
            if progress:
                progress(rows)
    if sheet.rows is not None:
        check(str(_("rows")), expected=sheet.rows, found=rows)
    digest = file_sha256(draft)
    control = next(iter(totals.values()), 0)
    return Written(rows, control, digest, digest, totals, draft.stat().st_size)


def _column(column: Column, series: pd.Series[Any], formats: Formats) -> Sequence[str]:
    if column.kind in NUMBERS:
        return _numbers(series, column.kind, formats.decimal)
    if column.kind in (Kind.DATE, Kind.INSTANT):
        pattern = formats.csv_date if column.kind is Kind.DATE else formats.csv_instant
        days = instants(series, column.kind).dt.strftime(pattern)
        return ["" if is_absent(value) else value for value in days.to_list()]
    if column.kind is Kind.BOOLEAN:
        yes, no = str(_("yes")), str(_("no"))
        return ["" if is_absent(value) else yes if value else no for value in series.to_list()]
    return ["" if value is None else defused(value) for value in texts(series, column)]


def _numbers(series: pd.Series[Any], kind: Kind, decimal: str) -> Sequence[str]:
    whole, missing = integers(series)
    if DIVISOR[kind] == 1:
        written = [str(value) for value in whole.tolist()]
    else:
        pattern = f"%.{_DECIMALS[kind]}f"
        joined = "\n".join([pattern % value for value in (whole / DIVISOR[kind]).tolist()])
        written = joined.replace(".", decimal).split("\n") if len(whole) else []
    return written if missing is None else np.where(missing, "", written).tolist()


def defused(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would take it for a formula."""
    cleaned = legal(text)
    return f"'{cleaned}" if cleaned.startswith(RISKY) or text.startswith(RISKY) else cleaned
