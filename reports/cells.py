"""Rows as SpreadsheetML: each column of a frame becomes a piece of a row template and a list of values.

Vectorised: a column whose texts need no care is passed through as it is; only the others are treated one by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter

from .columns import DIVISOR, NUMBERS, RISKY, Column, Kind
from .series import instants, integers, is_absent, texts

LONGEST_TEXT = 32_767
"""What a cell can hold, in UTF-16 units."""
CUT_MARK = " […]"
_EPOCH_DAYS = 25_569  # 1970-01-01 as a spreadsheet counts days
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_CARE = ("&", "<", ">", "\n=", "\n+", "\n-", "\n@", "\n ", " \n", "_x")
_EMPTY = "/>"
_REMEMBERED = 10_000
_NEEDS_CARE = re.compile(r"[&<>\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]|^[=+\-@\s]|\s$|^$|_x")
Piece = tuple[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Styles:
    """The style numbers of a workbook: by kind of column, and for texts that must never be taken for a formula."""

    by_kind: dict[Kind, int]
    guarded: int


class Rows:
    """Renders the frames of one sheet, and keeps count of texts that had to be cut."""

    def __init__(self, columns: Sequence[Column], styles: Styles) -> None:
        self.columns = columns
        self.styles = styles
        self.cut = 0
        self._known: dict[str, str] = {}

    def render(self, frame: pd.DataFrame, first: int) -> bytes:
        """The rows of `frame` as XML, the first of them row number `first`."""
        numbers = [str(number) for number in range(first, first + len(frame))]
        pieces = [self._piece(column, frame[column.key], position) for position, column in enumerate(self.columns, 1)]
        template = '<row r="%s">' + "".join(piece for piece, _values in pieces) + "</row>"
        lists = chain([numbers], *((numbers, values) for _piece, values in pieces))
        return "".join([template % row for row in zip(*lists, strict=True)]).encode()

    def _piece(self, column: Column, series: pd.Series[Any], position: int) -> Piece:
        start = f'<c r="{get_column_letter(position)}%s"'
        style = self.styles.by_kind[column.kind]
        if column.kind in NUMBERS:
            return _number_piece(start, style, *_scaled(series, column.kind))
        if column.kind in (Kind.DATE, Kind.INSTANT):
            return _number_piece(start, style, *_serials(series, column.kind))
        if column.kind is Kind.BOOLEAN:
            return start + "%s", [_boolean(value, style) for value in series.to_list()]
        return self._text_piece(start, texts(series, column))

    def _text_piece(self, start: str, values: list[str | None]) -> Piece:
        present = [value for value in values if value is not None]
        if not is_plain(present):
            known = self._known
            return start + "%s", [
                _EMPTY if value is None else known.get(value) or self._text(value) for value in values
            ]
        if len(present) == len(values):
            return start + ' t="inlineStr"><is><t>%s</t></is></c>', present
        return start + "%s", [
            _EMPTY if value is None else f' t="inlineStr"><is><t>{value}</t></is></c>' for value in values
        ]

    def _text(self, value: str) -> str:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        cell = self._known[value] = self._cell(value)
        return cell

    def _cell(self, value: str) -> str:
        if len(value) <= LONGEST_TEXT // 2 and not _NEEDS_CARE.search(value):
            return f' t="inlineStr"><is><t>{value}</t></is></c>'
        text, is_cut = shortened(legal(value))
        self.cut += is_cut
        if not text:
            return _EMPTY
        style = f' s="{self.styles.guarded}"' if text.startswith(RISKY) or value.startswith(RISKY) else ""
        space = ' xml:space="preserve"' if text[0].isspace() or text[-1].isspace() or "\n" in text else ""
        return f'{style} t="inlineStr"><is><t{space}>{escaped(text)}</t></is></c>'


def is_plain(values: list[str]) -> bool:
    """Whether every text can stand in XML as it is; judged on all of them at once."""
    joined = "\n" + "\n".join(values) + "\n"
    if (
        joined.count("\n") != len(values) + 1
        or "\n\n" in joined
        or max(map(len, values), default=0) > LONGEST_TEXT // 2
    ):
        return False
    return not any(sign in joined for sign in _CARE) and joined.replace("\n", " ").isprintable()


def legal(text: str) -> str:
    """The text without what XML cannot hold; line ends as spreadsheets keep them."""
    return _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def escaped(text: str) -> str:
    """The text for XML; what looks like a spreadsheet's own escape (_x0041_) stays what it is."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _ESCAPE_LIKE.sub("_x005F_", text)


def shortened(text: str) -> tuple[str, bool]:
    """The text cut to what a cell can hold, ending in a mark; and whether it was cut."""
    if len(text) <= LONGEST_TEXT // 2:
        return text, False
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_TEXT:
        return text, False
    kept = units[: 2 * (LONGEST_TEXT - len(CUT_MARK))].decode("utf-16-le", errors="ignore")
    return kept + CUT_MARK, True


def _scaled(series: pd.Series[Any], kind: Kind) -> tuple[list[Any], np.ndarray[Any, Any] | None]:
    whole, missing = integers(series)
    divisor = DIVISOR[kind]
    return (whole if divisor == 1 else whole / divisor).tolist(), missing


def _serials(series: pd.Series[Any], kind: Kind) -> tuple[list[Any], np.ndarray[Any, Any] | None]:
    """Days since 1899-12-30, which is how a spreadsheet stores time."""
    seconds = instants(series, kind).to_numpy(dtype="datetime64[s]")
    missing = np.isnat(seconds)
    counted = seconds.astype(np.int64)
    if kind is Kind.DATE:
        days: Any = counted // 86_400 + _EPOCH_DAYS
    else:
        days = counted / 86_400 + _EPOCH_DAYS
    return days.tolist(), missing if missing.any() else None


def _number_piece(start: str, style: int, values: list[Any], missing: np.ndarray[Any, Any] | None) -> Piece:
    if missing is None:
        return f'{start} s="{style}"><v>%s</v></c>', values
    before = f' s="{style}"><v>'
    return start + "%s", [
        _EMPTY if gone else f"{before}{value}</v></c>" for value, gone in zip(values, missing.tolist(), strict=True)
    ]


def _boolean(value: object, style: int) -> str:
    if is_absent(value):
        return _EMPTY
    return f' s="{style}" t="b"><v>{int(bool(value))}</v></c>'
