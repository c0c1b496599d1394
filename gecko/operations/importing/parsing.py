"""From the cells of a row to the values of its fields, as the mapping says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from . import values
from .faults import Dropped, Refused, Unreadable
from .fields import FIELDS, Field, Value
from .mapping import Mapping
from .readers import Row
from .values import Cell, as_text

LONGEST_NUMBER = 100
LONGEST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a row that came in all the same."""

    line: int
    message: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Parsed:
    """A row whose values could be read. `custom` holds custom fields by name, as text."""

    line: int
    cells: list[Cell]
    values: dict[str, Any]
    custom: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that does not come in, and why."""

    line: int
    cells: list[Cell]
    reason: Refused


_Step = tuple[Field, tuple[int, ...], Callable[[Cell], Any]]


class Parser:
    """Reads rows under one header; made once per file. Raises Unreadable where mapped columns are missing."""

    def __init__(self, mapping: Mapping, header: list[str], decimal: str) -> None:
        self.warnings: list[Remark] = []
        where = _Columns(header)
        known = {field.name: field for field in FIELDS[mapping.kind]}
        self._steps: list[_Step] = [
            (known[name], where.find(columns), _reader(known[name], mapping, decimal))
            for name, columns in mapping.columns.items()
        ]
        self._custom = [(name, where.find(columns)) for name, columns in mapping.fields.items()]
        where.complain()

    def parse(self, row: Row) -> Parsed | Rejected:
        """Read one row; its warnings are added to `warnings`."""
        if row.fault is not None:
            return Rejected(row.line, row.cells, row.fault)
        before = len(self.warnings)
        try:
            if row.warning is not None:
                self.warnings.append(Remark(row.line, row.warning))
            found = self._values(row)
            custom = {name: text for name, at in self._custom if (text := as_text(_joined(row.cells, at)))}
        except Refused as reason:
            del self.warnings[before:]
            return Rejected(row.line, row.cells, reason)
        return Parsed(row.line, row.cells, found, custom)

    def _values(self, row: Row) -> dict[str, Any]:
        found: dict[str, Any] = {}
        cells = row.cells
        for spec, at, read in self._steps:
            cell = cells[at[0]] if len(at) == 1 else _joined(cells, at)
            if isinstance(cell, str):
                cell = cell.strip()
            if cell is None or cell == "":
                if spec.is_required:
                    raise Refused(_MISSING.get(spec.name, "%(field)s is missing."), field=spec.label)
                found[spec.name] = None
                continue
            try:
                found[spec.name] = read(cell)
            except (Dropped, Refused) as error:
                if not spec.is_droppable:
                    raise
                found[spec.name] = None
                self.warnings.append(Remark(row.line, error.message, error.params))
        return found


_MISSING = {"customer_number": "The row has no customer number.", "number": "The row has no number."}


class _Columns:
    """Finds columns by name: as written, or else without regard to case."""

    def __init__(self, header: list[str]) -> None:
        self._header = header
        self._exact = {name: index for index, name in reversed(list(enumerate(header)))}
        self._loose = {name.casefold(): index for index, name in reversed(list(enumerate(header)))}
        self._counts = Counter(header)
        self._missing: list[str] = []
        self._doubled: list[str] = []

    def find(self, columns: Iterable[str]) -> tuple[int, ...]:
        """Where the columns stand."""
        found = []
        for name in columns:
            index = self._exact.get(name, self._loose.get(name.casefold()))
            if index is None:
                self._missing.append(name)
            elif self._counts[self._header[index]] > 1:
                self._doubled.append(name)
            else:
                found.append(index)
        return tuple(found)

    def complain(self) -> None:
        """Raise Unreadable where a wanted column is missing or stands twice."""
        if self._missing:
            raise Unreadable(
                "The file has no column “%(missing)s”. It has: %(header)s.",
                missing="”, “".join(dict.fromkeys(self._missing)),
                header=", ".join(name for name in self._header if name)[:1000],
            )
        if self._doubled:
            raise Unreadable(
                "The column “%(names)s” stands more than once in the file.",
                names="”, “".join(dict.fromkeys(self._doubled)),
            )


def _joined(cells: list[Cell], at: tuple[int, ...]) -> Cell:
    if len(at) == 1:
        return cells[at[0]]
    return " ".join(text for index in at if (text := as_text(cells[index])))


def _reader(spec: Field, mapping: Mapping, decimal: str) -> Callable[[Cell], Any]:
    read = values.decimals(decimal)
    pattern = mapping.format.get(spec.name, mapping.date_format)
    makers: dict[Value, Callable[[], Callable[[Cell], Any]]] = {
        Value.TEXT: lambda: _text,
        Value.NUMBER: lambda: _identifier,
        Value.MONEY: lambda: values.money(read, mapping.round),
        Value.QUANTITY: lambda: values.quantity(read, mapping.round),
        Value.COUNT: lambda: values.count(read),
        Value.DATE: lambda: values.day(pattern),
        Value.INSTANT: lambda: values.instant(pattern),
        Value.YES_NO: lambda: values.yes_no,
    }
    reader = makers[spec.value]()
    rule = mapping.clean.get(spec.name)
    if rule is None:
        return reader
    clean = values.cleaner(rule, decimal)
    return lambda cell: reader(clean(cell))


def _text(cell: Cell) -> str | None:
    text = as_text(cell)
    if len(text) > LONGEST_TEXT:
        raise Refused("A text is longer than %(limit)s signs.", limit=LONGEST_TEXT)
    return text or None


def _identifier(cell: Cell) -> str:
    text = " ".join(as_text(cell).split())
    if not text:
        raise Refused("The row has no number.")
    if len(text) > LONGEST_NUMBER:
        raise Refused("A number is longer than %(limit)s signs.", limit=LONGEST_NUMBER)
    return text
