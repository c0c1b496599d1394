"""What a workbook consists of: data sheets, the overview in front of them, and what came of writing it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gecko.errors import GeckoError
from gecko.language import _

from .columns import Column, Kind

if TYPE_CHECKING:
    import pandas as pd

LARGEST_SHEET = 1_048_576
"""Rows of a sheet, the header among them."""


class ControlMismatch(GeckoError):
    """What was written is not what the database counted; nothing is published."""

    message = _("The export does not match its control: %(what)s should be %(expected)s but is %(found)s.")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of data: frames in chunks, one row of the sheet per row of a frame.

    rows: how many there will be, where known (checked at the end). control: keys of money columns that are summed,
    the first being the control total.
    """

    title: str
    columns: Sequence[Column]
    frames: Iterable[pd.DataFrame]
    rows: int | None = None
    control: tuple[str, ...] | None = None

    def controls(self) -> tuple[Column, ...]:
        """The columns that are summed; the last money column unless said otherwise."""
        money = [column for column in self.columns if column.kind is Kind.MONEY]
        if self.control is None:
            return tuple(money[-1:])
        return tuple(column for key in self.control for column in money if column.key == key)


@dataclass(frozen=True, slots=True)
class Overview:
    """The first sheet: facts about the export, then its rows and control totals.

    expected: what the database's own SUM says per control column (øre), keyed by the column.
    """

    title: str
    heading: str
    facts: Sequence[tuple[Any, Any]] = ()
    expected: dict[str, int] = field(default_factory=dict)
    author: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What an export holds: rows, the control total in øre, every summed column, and checksums.

    content_sha256: of the data rows alone (stated on the overview sheet); sha256: of the whole file.
    cut: texts longer than a cell can hold.
    """

    rows: int
    control_ore: int
    sha256: str
    content_sha256: str
    totals: dict[str, int]
    bytes: int
    sheets: int = 1
    cut: int = 0


def sheet_title(text: str, number: int = 1) -> str:
    """A valid sheet name: no forbidden signs, at most 31 letters, numbered from the second on."""
    ending = f" {number}" if number > 1 else ""
    return (re.sub(r"[\[\]:*?/\\]", " ", text).strip("' ") or "Data")[: 31 - len(ending)] + ending


def check(what: str, *, expected: int, found: int) -> None:
    """Raise ControlMismatch unless both are the same."""
    if expected != found:
        raise ControlMismatch(what=what, expected=expected, found=found)
