"""Reading a file row by row: csv in any common shape, or the sheet of a workbook. One pass, bounded memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from . import encodings
from .faults import Refused, Unreadable
from .values import Cell, as_text

DELIMITERS = ",;\t|:"
LONGEST_LINE = 1 << 20
csv.field_size_limit(1 << 17)


class Row(NamedTuple):
    """A row as read: the physical line it begins on, its cells, and what is wrong with it."""

    line: int
    cells: list[Cell]
    fault: Refused | None = None
    warning: str | None = None


@dataclass
class Table:
    """An open file: its header and the rows below it. `rows` can be walked once; close it afterwards."""

    header: list[str]
    rows: Iterator[Row]
    delimiter: str
    encoding: str
    estimate: int
    closing: io.IOBase | None = None

    def close(self) -> None:
        """Let go of the file."""
        if self.closing is not None:
            self.closing.close()

    def __enter__(self) -> Table:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_table(
    path: Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    skip_initial_space: bool = False,
    sheet: str | None = None,
) -> Table:
    """Open a csv file or a workbook; what is not stated is found out. Raises Unreadable."""
    from . import workbooks

    try:
        file = path.open("rb")
        start = file.peek(encodings.SAMPLE)[: encodings.SAMPLE]
    except OSError as error:
        raise Unreadable("The file cannot be read: %(error)s", error=error.strerror or str(error)) from None
    try:
        if workbooks.is_workbook(start):
            file.close()
            return workbooks.open_workbook(path, sheet)
        return _open_csv(file, path, encoding, delimiter, skip_initial_space)
    except BaseException:
        file.close()
        raise


def _open_csv(file: BinaryIO, path: Path, stated: str | None, delimiter: str | None, skip: bool) -> Table:
    sample = file.read(encodings.SAMPLE)
    if not sample.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n\x1a"):
        raise Unreadable("The file is empty.")
    encoding = encodings.choose(sample, stated)
    text = encodings.decode(sample, encoding)
    _require_lines(file, sample)
    delimiter = delimiter or guess_delimiter(text)
    file.seek(0)
    lines = io.TextIOWrapper(file, encoding=encoding, errors=encodings.error_handling(encoding), newline="")
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=skip, strict=True)
    header, line = _header(reader)
    rows = _rows(reader, len(header), line, fallback=stated is None)
    return Table(header, rows, delimiter, encoding, _estimate(path), lines)


def _require_lines(file: BinaryIO, sample: bytes) -> None:
    if b"\n" in sample or b"\r" in sample:
        return
    more = file.read(LONGEST_LINE)
    if len(more) == LONGEST_LINE and b"\n" not in more and b"\r" not in more:
        raise Unreadable("The file has no line breaks: it is no csv file.")


def guess_delimiter(sample: str) -> str:
    """The delimiter under which the first rows agree on the most columns."""
    lines = sample.splitlines(keepends=True)
    whole = lines[:-1] if len(lines) > 1 else lines
    best, columns = ",", 1
    for delimiter in DELIMITERS:
        widths = _widths(whole[:50], delimiter)
        if widths and widths[0] > columns and widths.count(widths[0]) * 2 > len(widths):
            best, columns = delimiter, widths[0]
    return best


def _widths(lines: list[str], delimiter: str) -> list[int]:
    try:
        return [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return []


def _header(reader: Iterator[list[str]]) -> tuple[list[str], int]:
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                return [cell.strip().lstrip("\ufeff") for cell in cells], reader.line_num  # type: ignore[attr-defined]
    except csv.Error as error:
        raise Unreadable("The header cannot be read: %(error)s", error=str(error)) from None
    except UnicodeError:
        raise Unreadable("The file is not written in the stated encoding.") from None
    raise Unreadable("The file is empty.")


def _rows(reader: Iterator[list[str]], width: int, line: int, *, fallback: bool) -> Iterator[Row]:
    cells: list[str]
    while True:
        start = line + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            line = reader.line_num  # type: ignore[attr-defined]
            yield Row(start, [], _malformed(error))
            continue
        except UnicodeError:
            raise Unreadable("From line %(line)s on the file is not written in its encoding.", line=start) from None
        line = reader.line_num  # type: ignore[attr-defined]
        if not cells or (width > 1 and len(cells) == 1 and not cells[0].strip(" \t\x1a")):
            continue
        yield _row(start, cells, width, fallback)


def _row(line: int, cells: list[str], width: int, fallback: bool) -> Row:
    warning = None
    if not "".join(cells).isprintable():
        try:
            warning = encodings.mend(cells, fallback=fallback)
        except Refused as fault:
            return Row(line, cells, fault)
    if len(cells) != width:
        if len(cells) < width or any(cell.strip() for cell in cells[width:]):
            return Row(line, cells, Refused(
                "The row has %(has)s columns, the header has %(wanted)s.", has=len(cells), wanted=width
            ))  # fmt: skip
        del cells[width:]
    return Row(line, cells, None, warning)


def _malformed(error: csv.Error) -> Refused:
    if "field larger" in str(error) or "unexpected end" in str(error):
        return Refused("A quotation mark that is opened here is never closed.")
    return Refused("The row is not valid csv: %(error)s", error=str(error))


def _estimate(path: Path) -> int:
    """About how many rows: line breaks, quoted ones included."""
    breaks = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            breaks += block.count(b"\n")
    return breaks


def typed_row(line: int, cells: list[Cell]) -> Row:
    """A row of a workbook: texts are cleaned as those of a csv file, other cells stay as they are."""
    texts = [cell if isinstance(cell, str) else "" for cell in cells]
    if "".join(texts).isprintable():
        return Row(line, cells)
    try:
        warning = encodings.mend(texts, fallback=False)
    except Refused as fault:
        return Row(line, [as_text(cell) for cell in cells], fault)
    mended = [text if isinstance(cell, str) else cell for cell, text in zip(cells, texts, strict=True)]
    return Row(line, mended, None, warning)
