"""A table within a letter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from reportlab.lib import colors
from reportlab.platypus import Paragraph, Table, TableStyle

WIDEST = 10
"""Columns of a table; the words of any further ones stand in the last."""
_LOOKS = TableStyle([
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.lightgrey),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
])  # fmt: skip


@dataclass(slots=True)
class _Cell:
    is_heading: bool
    words: str = ""


@dataclass(slots=True)
class Grid:
    """A table while it is read; words are in ReportLab's own markup. before: words that stand in no cell."""

    rows: list[list[_Cell]] = field(default_factory=list)
    before: list[str] = field(default_factory=list)

    def begin(self, tag: str) -> None:
        """Begin a row (tr) or a cell (td, th)."""
        if tag == "tr":
            self.rows.append([])
            return
        row = self.rows[-1] if self.rows else []
        if not self.rows:
            self.rows.append(row)
        if len(row) < WIDEST:
            row.append(_Cell(tag == "th"))

    def fill(self, words: str) -> None:
        """Put words into the cell that was begun last; without one they stand above the table, as in browsers."""
        if self.rows and self.rows[-1]:
            cell = self.rows[-1][-1]
            cell.words = f"{cell.words} {words}" if cell.words else words
        elif words:
            self.before.append(words)

    def flowables(self, style: Any, wide: float) -> list[Any]:
        """The table for a column `wide` points, where it has a cell at all."""
        above = [Paragraph(words, style) for words in self.before]
        rows = [row for row in self.rows if row]
        if not rows:
            return above
        columns = max(map(len, rows))
        cells = [[_set(cell, style) for cell in row] + [""] * (columns - len(row)) for row in rows]
        table = Table(cells, colWidths=[wide / columns] * columns, style=_LOOKS, hAlign="LEFT", splitInRow=1)
        table.spaceBefore, table.spaceAfter = 4, style.fontSize * 0.8
        return [*above, table]


def _set(cell: _Cell, style: Any) -> Any:
    return Paragraph(f"<b>{cell.words}</b>" if cell.is_heading else cell.words, style)
