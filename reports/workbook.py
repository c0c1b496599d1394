"""Writes workbooks of any size in little memory.

openpyxl makes everything but the bulk rows (see package); those are streamed as row XML (see cells) into the same file.
An export is a draft beside its target until every control holds, then it takes the target's name in one step.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

import pandas as pd
from flask_babel import force_locale
from openpyxl.utils import get_column_letter

from gecko.language import _

from .cells import Rows
from .package import DataSheet, Ore, OverviewSheet, Package, Sum, build, part_name, split
from .series import integers
from .sheets import LARGEST_SHEET, Overview, Sheet, Written, check, sheet_title

LEVEL = 1  # twice as fast as the default for a tenth more bytes
Progress = Callable[[int], None]


@dataclass(slots=True)
class _Tally:
    """What was streamed of one sheet."""

    sheet: Sheet
    parts: list[DataSheet] = field(default_factory=list)
    rows: int = 0
    cut: int = 0
    totals: dict[str, int] = field(default_factory=dict)

    def add(self, frame: pd.DataFrame) -> None:
        """Count a frame's rows and sum its control columns."""
        self.rows += len(frame)
        for column in self.sheet.controls():
            whole, _missing = integers(frame[column.key])
            self.totals[column.key] = self.totals.get(column.key, 0) + int(whole.sum())


def write_workbook(
    path: Path,
    *,
    sheets: Sequence[Sheet],
    overview: Overview | None = None,
    locale: str = "da",
    progress: Progress | None = None,
    largest: int = LARGEST_SHEET,
) -> Written:
    """Write the sheets to `path`; raises ControlMismatch, and leaves nothing, where a control does not hold.

    progress: told the rows written so far after every frame; it may raise to stop. largest: rows of one sheet.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with force_locale(locale):
            written = _write(draft, sheets, overview, locale, progress, largest)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return written


def _write(
    draft: Path,
    sheets: Sequence[Sheet],
    overview: Overview | None,
    locale: str,
    progress: Progress | None,
    largest: int,
) -> Written:
    front = OverviewSheet(overview.title, overview.heading, ()) if overview else None
    skeleton = build([DataSheet(sheet_title(sheet.title), sheet.columns) for sheet in sheets], front, locale)
    digest = hashlib.sha256()
    with ZipFile(draft, "w", ZIP_DEFLATED, compresslevel=LEVEL, strict_timestamps=False) as archive:
        stream = _Stream(archive, skeleton, digest, int(overview is not None), progress, largest)
        tallies = [stream.sheet(sheet, number) for number, sheet in enumerate(sheets)]
        _check_rows(tallies)
        parts = [part for tally in tallies for part in tally.parts]
        front = _overview_sheet(overview, tallies, digest.hexdigest()) if overview else None
        final = build(parts, front, locale)
        if final.styles != skeleton.styles:
            raise RuntimeError("the style numbers changed while the rows were written")
        for name, content in final.parts.items():
            if name not in stream.names:
                archive.writestr(name, content)
    totals = {key: ore for tally in tallies for key, ore in tally.totals.items()}
    return Written(
        rows=sum(tally.rows for tally in tallies),
        control_ore=next(iter(totals.values()), 0),
        sha256=file_sha256(draft),
        content_sha256=digest.hexdigest(),
        totals=totals,
        bytes=draft.stat().st_size,
        sheets=len(parts),
        cut=sum(tally.cut for tally in tallies),
    )


@dataclass(slots=True)
class _Stream:
    """Streams data sheets into the file, each into as many parts as it needs."""

    archive: ZipFile
    skeleton: Package
    digest: Any
    before: int
    progress: Progress | None
    largest: int
    names: set[str] = field(default_factory=set)
    written: int = 0

    def sheet(self, sheet: Sheet, number: int) -> _Tally:
        """Stream one sheet, and its continuations where it has more rows than fit."""
        tally = _Tally(sheet, totals={column.key: 0 for column in sheet.controls()})
        rows = Rows(sheet.columns, self.skeleton.styles)
        source = self.skeleton.parts[part_name(self.before + 1 + number)]
        frames = _Pieces(sheet.frames)
        while frames.more() or not tally.parts:
            known = min(sheet.rows - tally.rows, self.largest - 1) if sheet.rows is not None else None
            self._part(source, known, tally, rows, frames)
        tally.cut = rows.cut
        return tally

    def _part(self, source: bytes, known: int | None, tally: _Tally, rows: Rows, frames: _Pieces) -> None:
        last = get_column_letter(len(tally.sheet.columns))
        dimension = None if known is None else f"A1:{last}{known + 1}"
        name = part_name(self.before + 1 + len(self.names))
        count = 0
        head, _tail = split(source, dimension)
        with self.archive.open(name, "w", force_zip64=True) as target:
            target.write(head if not self.names else head.replace(b' tabSelected="1"', b""))
            for frame in frames.take(self.largest - 1):
                self._frame(target, frame, rows, count + 2)
                count += len(frame)
                tally.add(frame)
                self.written += len(frame)
                if self.progress:
                    self.progress(self.written)
            part = DataSheet(sheet_title(tally.sheet.title, len(tally.parts) + 1), tally.sheet.columns, count)
            target.write(_tail_of(part))
        self.names.add(name)
        tally.parts.append(part)

    def _frame(self, target: IO[bytes], frame: pd.DataFrame, rows: Rows, first: int) -> None:
        xml = rows.render(frame, first)
        self.digest.update(xml)
        target.write(xml)


def _tail_of(part: DataSheet) -> bytes:
    """What openpyxl writes after the rows of such a sheet: filter, margins, print set-up."""
    alone = build([part], None, "da").parts[part_name(1)]
    return split(alone, None)[1]


class _Pieces:
    """Frames, handed out in portions of so many rows."""

    def __init__(self, frames: Any) -> None:
        self._source: Iterator[pd.DataFrame] = iter(frames)
        self._held: pd.DataFrame | None = None

    def more(self) -> bool:
        """Whether a row is left."""
        while self._held is None or self._held.empty:
            self._held = next(self._source, None)
            if self._held is None:
                return False
        return True

    def take(self, rows: int) -> Iterator[pd.DataFrame]:
        """Frames of together at most `rows` rows."""
        while rows > 0 and self.more():
            held = self._held if self._held is not None else pd.DataFrame()
            portion, self._held = held.iloc[:rows], held.iloc[rows:]
            rows -= len(portion)
            yield portion


def _check_rows(tallies: Sequence[_Tally]) -> None:
    for tally in tallies:
        if tally.sheet.rows is not None:
            check(str(_("rows")), expected=tally.sheet.rows, found=tally.rows)


def _overview_sheet(overview: Overview, tallies: Sequence[_Tally], digest: str) -> OverviewSheet:
    lines: list[tuple[str, Any]] = [(str(label), value) for label, value in overview.facts]
    lines.append((str(_("Rows")), sum(tally.rows for tally in tallies)))
    for tally in tallies:
        for column in tally.sheet.controls():
            lines.extend(_control(overview, tally, column.key, str(column.label)))
    cut = sum(tally.cut for tally in tallies)
    if cut:
        lines.append((str(_("Texts shortened to what a cell can hold")), cut))
    lines.append((str(_("SHA-256 of the data rows")), digest))
    about = _("The checksum covers the row elements of the data sheets after the header row, byte for byte.")
    lines.append(("", str(about)))
    return OverviewSheet(sheet_title(overview.title), overview.heading, lines, overview.author)


def _control(overview: Overview, tally: _Tally, key: str, label: str) -> Iterator[tuple[str, Any]]:
    """The three-way control of a column: the database's sum, the streamed sum, the workbook's own formula."""
    streamed = tally.totals[key]
    expected = overview.expected.get(key, streamed)
    check(label, expected=expected, found=streamed)
    total = "+".join(f"SUM({part.range_of(key)})" for part in tally.parts)
    yield str(_("Control total: %(column)s", column=label)), Ore(expected)
    yield str(_("Sum in the data sheet: %(column)s", column=label)), Sum(f"=ROUND({total},2)", streamed)
    difference = f"=ROUND({expected / 100}-({total}),2)"
    yield str(_("Difference")), Sum(difference, expected - streamed)


def file_sha256(path: Path) -> str:
    """The checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
