"""The csv files of Danish banks: each bank has columns of its own, so an account keeps a mapping of them.

How a file is written (encoding, delimiter) is found out as imports do; dates are read in the ways that the banks
write them, and amounts as the mapping says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ...errors import Invalid
from ...language import _
from ...models.bank import BankFileKind
from ...money import parse_ore
from ..importing import readers
from ..importing.faults import Refused, Unreadable
from ..importing.readers import Row
from . import statements
from .statements import BadFile, Entry, RefusedRow, Statement

_DATES = ("%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d", "%Y/%m/%d", "%d-%m-%y", "%d.%m.%y")
_DONE = frozenset({"", "udført", "bogført", "gennemført", "booked", "executed"})
_NAMES: dict[str, tuple[str, ...]] = {
    "date": ("bogføringsdato", "bogført dato", "bogført", "posteringsdato", "dato", "posting date", "date"),
    "amount": ("beløb", "beløb i dkk", "beløb dkk", "indsat", "amount"),
    "text": ("tekst", "posteringstekst", "beskrivelse", "text", "description"),
    "reference": ("betalings-id", "betalingsid", "fi-reference", "fik", "reference", "kortref."),
    "counterparty": ("afsender", "afsendernavn", "modpart", "indbetaler", "navn", "sender", "name"),
    "status": ("status",),
    "currency": ("valuta", "currency"),
}
NEEDED, WANTED = ("date", "amount", "text"), ("reference", "counterparty", "status", "currency")
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column, by its heading, holds what; empty where none does. decimal: the sign before the øre."""

    date: str
    amount: str
    text: str
    reference: str = ""
    counterparty: str = ""
    status: str = ""
    currency: str = ""
    decimal: str = ","

    def stored(self) -> dict[str, Any]:
        """As it is kept with the account."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Glance:
    """A file's headings and its first rows."""

    header: list[str]
    rows: list[list[str]]


def glance(path: Path) -> Glance:
    """The beginning of a file; raises BadFile."""
    with _opened(path) as table:
        rows = []
        for row in table.rows:
            rows.append([str(cell) for cell in row.cells])
            if len(rows) == SHOWN:
                break
        return Glance(table.header, rows)


def mapping_of(values: dict[str, Any], header: Sequence[str]) -> Mapping:
    """A mapping as a form or an account holds it; raises Invalid where the file has no such column."""
    chosen = {name: str(values.get(name) or "") for name in (*NEEDED, *WANTED)}
    for name, column in chosen.items():
        if name in NEEDED and not column:
            raise Invalid(_("Choose the column."), field=name)
        if column and column not in header:
            raise Invalid(_("The file has no column “%(column)s”."), field=name, column=column)
    decimal = str(values.get("decimal") or ",")
    if decimal not in (",", "."):
        raise Invalid(_("The sign before the øre is a comma or a full stop."), field="decimal")
    return Mapping(**chosen, decimal=decimal)


def guess(seen: Glance) -> dict[str, str]:
    """What the columns most likely hold, by their headings; and the sign before the øre, by the first amounts."""
    folded = {" ".join(heading.casefold().split()): heading for heading in reversed(seen.header)}
    found = {key: next((folded[name] for name in names if name in folded), "") for key, names in _NAMES.items()}
    at = seen.header.index(found["amount"]) if found["amount"] else -1
    amounts = [row[at] for row in seen.rows if 0 <= at < len(row)]
    is_point = bool(amounts) and all(re.search(r"\.\d{2}$", amount.strip()) for amount in amounts)
    return {**found, "decimal": "." if is_point else ","}


def parse(path: Path, mapping: Mapping) -> Statement:
    """Read a file; raises BadFile where it cannot be read at all, and refuses single rows with their reason."""
    found = Statement(BankFileKind.CSV)
    with _opened(path) as table:
        at = {name: table.header.index(column) for name, column in asdict(mapping).items() if column in table.header}
        for row in table.rows:
            found.rows += 1
            try:
                _take(row, at, mapping.decimal, found)
            except (Refused, Invalid) as error:
                found.refused.append(RefusedRow.of(row.line, error))
    return found


def _opened(path: Path) -> readers.Table:
    try:
        return readers.open_table(path)
    except Unreadable as error:
        raise BadFile(error.message, **error.params) from None


def _take(row: Row, at: dict[str, int], decimal: str, found: Statement) -> None:
    if row.fault is not None:
        raise row.fault
    cells = {name: str(row.cells[index]).strip() if index < len(row.cells) else "" for name, index in at.items()}
    if cells.get("status", "").casefold() not in _DONE:
        found.passed_over += 1
        return
    statements.require_dkk(cells.get("currency", "") or "DKK")
    booked_on, amount = _day(cells["date"]), parse_ore(cells["amount"], "da" if decimal == "," else "en")
    found.moved_ore += amount
    if amount <= 0:
        found.passed_over += 1
        return
    found.entries.append(
        Entry(
            line=row.line,
            booked_on=booked_on,
            amount_ore=amount,
            text=statements.one_line([cells["text"]]),
            reference=cells.get("reference") or None,
            counterparty=cells.get("counterparty") or None,
        )
    )


def _day(text: str) -> date:
    for pattern in _DATES:
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    raise Refused("“%(text)s” is not a date.", text=text)
