"""Reading workbooks (xlsx), after a look at what they would unpack to."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import python_calamine

from .faults import Unreadable
from .readers import Row, Table, typed_row
from .values import Cell, as_text

LARGEST_UNPACKED = 1 << 30
LARGEST_RATIO = 150  # real sheets shrink ten- to thirtyfold
SMALL = 64 << 20
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def is_workbook(start: bytes) -> bool:
    """Whether a file that begins so is a workbook; raises Unreadable for the format before xlsx."""
    if start.startswith(_OLD_EXCEL):
        raise Unreadable("This is an old or protected Excel file; save it as .xlsx without a password.")
    return start.startswith(_ZIP)


def open_workbook(path: Path, sheet: str | None) -> Table:
    """Open one sheet of a workbook, the first unless named; its first row with content is the header."""
    _refuse_bomb(path)
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        names = book.sheet_names
        if sheet is not None and sheet not in names:
            raise Unreadable("The workbook has no sheet “%(sheet)s”; it has %(names)s.",
                             sheet=sheet, names=", ".join(names))  # fmt: skip
        content = book.get_sheet_by_name(sheet or names[0])
    except (python_calamine.CalamineError, IndexError) as error:
        raise Unreadable("The workbook cannot be read: %(error)s", error=str(error)) from None
    lines = enumerate(content.iter_rows(), start=1)
    for _line, cells in lines:
        if any(as_text(cell) for cell in cells):
            return Table([as_text(cell) for cell in cells], _rows(lines), ",", "xlsx", content.height)
    raise Unreadable("The file is empty.")


def _rows(lines: Iterator[tuple[int, list[Cell]]]) -> Iterator[Row]:
    for line, cells in lines:
        if any(cell != "" for cell in cells):
            yield typed_row(line, cells)


def _refuse_bomb(path: Path) -> None:
    """Unpack every part once and count, since what the directory says of sizes may be a lie."""
    packed = path.stat().st_size
    total = 0
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > 10_000 or sum(i.file_size for i in archive.infolist()) > LARGEST_UNPACKED:
                raise Unreadable("The workbook unpacks to more than can be read.")
            for info in archive.infolist():
                with archive.open(info) as part:
                    while block := part.read(1 << 20):
                        total += len(block)
                        if total > LARGEST_UNPACKED or (total > SMALL and total > packed * LARGEST_RATIO):
                            raise Unreadable("The workbook unpacks to more than can be read.")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise Unreadable("The workbook cannot be read: %(error)s", error=str(error)) from None
