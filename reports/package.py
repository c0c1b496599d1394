"""The workbook without its bulk rows, made by openpyxl: styles, headers, widths, print set-up, the overview sheet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from gecko.clock import local

from .cells import Styles, escaped, legal, shortened
from .columns import FORMATS, RISKY, Column, Kind

WIDTHS = {
    Kind.TEXT: 24, Kind.MONEY: 15, Kind.INTEGER: 12, Kind.QUANTITY: 10,
    Kind.DATE: 12, Kind.INSTANT: 17, Kind.BOOLEAN: 9, Kind.CHOICE: 16,
}  # fmt: skip
_HEADER_FILL = PatternFill("solid", fgColor="FFDCE6F1")


@dataclass(frozen=True, slots=True)
class DataSheet:
    """One sheet of rows: its name, its columns and, once known, how many rows it has."""

    title: str
    columns: Sequence[Column]
    rows: int = 0

    def range_of(self, key: str) -> str:
        """The cells of a column, for a formula."""
        position = next(number for number, column in enumerate(self.columns, 1) if column.key == key)
        letter = get_column_letter(position)
        return f"{quote_sheetname(self.title)}!${letter}$2:${letter}${max(self.rows, 1) + 1}"


@dataclass(frozen=True, slots=True)
class Ore:
    """An amount on the overview."""

    ore: int


@dataclass(frozen=True, slots=True)
class Sum:
    """A formula on the overview with the value a reader shows before it calculates: øre."""

    formula: str
    cached_ore: int


@dataclass(frozen=True, slots=True)
class OverviewSheet:
    """The overview: a heading over lines of a label and a value (text, number, day, instant, Ore or Sum)."""

    title: str
    heading: str
    lines: Sequence[tuple[str, Any]]
    author: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """The parts of the file by name, and the style numbers the bulk rows use."""

    parts: dict[str, bytes]
    styles: Styles


def build(sheets: Sequence[DataSheet], overview: OverviewSheet | None, locale: str) -> Package:
    """Make the package; the same input gives the same style numbers, so it may be built before and after the rows."""
    book = Workbook()
    first = book.worksheets[0]
    styles = _styles(first, locale)
    if overview is None:
        book.remove(first)
    for sheet in sheets:
        _add_data_sheet(book, sheet)
    cached = _fill_overview(first, overview, locale) if overview else {}
    if overview:
        book.properties.title = legal(overview.heading)
        book.properties.creator = legal(overview.author) or "Gecko"
    book.calculation.fullCalcOnLoad = True
    target = BytesIO()
    book.save(target)
    with ZipFile(target) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    if overview:
        parts[part_name(1)] = _with_cached(parts[part_name(1)].decode(), cached).encode()
    return Package(parts=parts, styles=styles)


def part_name(position: int) -> str:
    """Where the sheet at a place (from 1) lies in the package."""
    return f"xl/worksheets/sheet{position}.xml"


def _styles(sheet: Worksheet, locale: str) -> Styles:
    formats = FORMATS[locale]
    by_format = {
        Kind.MONEY: formats.money, Kind.QUANTITY: formats.quantity, Kind.DATE: formats.date,
        Kind.INSTANT: formats.instant, Kind.INTEGER: "0",
    }  # fmt: skip
    numbers = {}
    for kind in Kind:
        cell = Cell(sheet, row=1, column=1)
        cell.number_format = by_format.get(kind, "General")
        numbers[kind] = cell.style_id
    guarded = Cell(sheet, row=1, column=1)
    guarded.quotePrefix = True
    return Styles(by_kind=numbers, guarded=guarded.style_id)


def put_text(cell: Cell, text: str) -> None:
    """Write a text that stays a text, whatever it begins with."""
    cell.value = shortened(legal(text))[0]
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(RISKY)


def _add_data_sheet(book: Workbook, data: DataSheet) -> None:
    sheet: Worksheet = book.create_sheet(data.title)
    for position, column in enumerate(data.columns, 1):
        cell: Any = sheet.cell(row=1, column=position)
        put_text(cell, str(column.label))
        cell.font = Font(bold=True)
        cell.fill = _HEADER_FILL
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        width = column.width or max(WIDTHS[column.kind], min(len(str(column.label)) + 4, 30))
        sheet.column_dimensions[get_column_letter(position)].width = width
    last = get_column_letter(max(len(data.columns), 1))
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{last}{data.rows + 1}"
    sheet.print_title_rows = "1:1"
    _set_page(sheet)


def _set_page(sheet: Worksheet) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    footer: Any = sheet.oddFooter
    footer.center.text = "&P / &N"


def _fill_overview(sheet: Worksheet, overview: OverviewSheet, locale: str) -> dict[str, int]:
    """Write the lines; returns the øre of each formula by its cell."""
    sheet.title = overview.title
    heading: Any = sheet["A1"]
    put_text(heading, overview.heading)
    heading.font = Font(bold=True, size=14)
    sheet.column_dimensions["A"].width = 34
    sheet.column_dimensions["B"].width = 70
    _set_page(sheet)
    cached = {}
    for row, (label, value) in enumerate(overview.lines, 3):
        name: Any = sheet.cell(row=row, column=1)
        put_text(name, label)
        name.font = Font(bold=True)
        cell: Any = sheet.cell(row=row, column=2)
        _put_value(cell, value, locale)
        if isinstance(value, Sum):
            cached[cell.coordinate] = value.cached_ore
    return cached


def _put_value(cell: Any, value: Any, locale: str) -> None:
    formats = FORMATS[locale]
    cell.alignment = Alignment(horizontal="left", wrap_text=True)
    if isinstance(value, Sum):
        cell.value, cell.number_format = value.formula, formats.total
    elif isinstance(value, Ore):
        cell.value, cell.number_format = value.ore / 100, formats.total
    elif isinstance(value, int):
        cell.value, cell.number_format = value, "#,##0"
    elif hasattr(value, "tzinfo"):
        cell.value, cell.number_format = local(value).replace(tzinfo=None, microsecond=0), formats.instant
    elif hasattr(value, "isoformat"):
        cell.value, cell.number_format = value, formats.date
    elif value is not None:
        put_text(cell, str(value))


def _with_cached(xml: str, cached: dict[str, int]) -> str:
    """The sheet with the value of each formula beside it, for readers that do not calculate."""
    for coordinate, ore in cached.items():
        pattern = rf'(<c r="{coordinate}"[^>]*><f>[^<]*</f>)<v\s*(?:/>|></v>)'
        xml, count = re.subn(pattern, rf"\g<1><v>{ore / 100}</v>", xml)
        if count != 1:
            raise RuntimeError(f"openpyxl wrote the formula of {coordinate} in an unknown way")
    return xml


def split(part: bytes, dimension: str | None) -> tuple[bytes, bytes]:
    """A data sheet's part before and after its bulk rows, with the true dimension (none where it is not yet known).

    Readers trust the dimension: one that says A1:N1 hides every further row.
    """
    head, end, tail = part.decode().partition("</sheetData>")
    if not end:
        raise RuntimeError("openpyxl wrote a sheet without rows")
    replacement = f'<dimension ref="{escaped(dimension)}"/>' if dimension else ""
    head = re.sub(r"<dimension [^>]*/>", replacement, head, count=1)
    return head.encode(), (end + tail).encode()
