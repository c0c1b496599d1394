"""Reading the values of a file: amounts, quantities, dates, instants, yes and no.

A cell of a csv file is text; one of a workbook may already be a number or a date and is taken as such.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from ...clock import COPENHAGEN, from_local
from ...money import LARGEST_ORE, without_marks
from .faults import Refused

Cell = Any  # str, or in a workbook int, float, bool, date, datetime, time
Decimals = Callable[[Cell], Decimal]

_APOSTROPHES = re.compile("['\u2019]")  # part thousands in Switzerland; Excel puts one in front of texts
_PLAIN = re.compile(r"-?\d{1,18}(?:\.\d{0,40})?\Z", re.ASCII)
_POINT = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d*)?(?:[eE][+-]?\d{1,3})?\Z", re.ASCII)
_COMMA = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)?(?:,\d*)?(?:[eE][+-]?\d{1,3})?\Z", re.ASCII)
_DANISH = re.compile(r"(\d{1,2})[-./ ](\d{1,2})[-./ ](\d{4})(?:[ T](\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?)?\Z", re.ASCII)
_YES = frozenset({"1", "true", "yes", "y", "ja", "j", "x", "sand", "on"})
_NO = frozenset({"0", "false", "no", "n", "nej", "falsk", "off", ""})
_ROUNDING = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN}


def as_text(cell: Cell) -> str:
    """A cell as text; whole numbers of a workbook without their `.0`."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, date | datetime | time):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def decimals(sign: str) -> Decimals:
    """A reader of decimal numbers whose decimal sign is `sign`; the other sign may part thousands."""
    pattern, other = (_COMMA, ".") if sign == "," else (_POINT, ",")

    def read(cell: Cell) -> Decimal:
        if not isinstance(cell, str):
            return _number(cell)
        if sign == "." and _PLAIN.match(cell):
            return Decimal(cell)
        text = _signed(without_marks(_APOSTROPHES.sub("", cell)))
        if not (pattern.match(text) and any(c.isdigit() for c in text)):
            raise Refused("“%(text)s” is not a number.", text=cell)
        return Decimal(text.replace(other, "").replace(",", "."))

    return read


def _signed(text: str) -> str:
    """Bring the other ways to write a negative number to a leading minus."""
    if text.startswith("(") and text.endswith(")"):
        return "-" + text[1:-1]
    if text.endswith("-") and not text.startswith("-"):
        return "-" + text[:-1]
    return text


def _number(cell: Cell) -> Decimal:
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise Refused("“%(text)s” is not a number.", text=as_text(cell))
    number = Decimal(repr(cell))
    if not number.is_finite():
        raise Refused("“%(text)s” is not a number.", text=str(cell))
    return number


def money(read: Decimals, rounding: str | None) -> Callable[[Cell], int]:
    """A reader of amounts in kroner as øre; without `rounding` one finer than an øre is refused."""
    return _scaled(read, rounding, 100, "“%(text)s” is finer than an øre; state “round” in the mapping.")


def quantity(read: Decimals, rounding: str | None) -> Callable[[Cell], int]:
    """A reader of quantities in thousandths."""
    return _scaled(read, rounding, 1000, "“%(text)s” is finer than a thousandth; state “round” in the mapping.")


def _scaled(read: Decimals, rounding: str | None, factor: int, too_fine: str) -> Callable[[Cell], int]:
    how = _ROUNDING.get(rounding or "", ROUND_HALF_UP)

    def scale(cell: Cell) -> int:
        number = read(cell)
        if number.adjusted() > 20:
            raise Refused("“%(text)s” is too large.", text=as_text(cell))
        try:
            exact = number * factor
            whole = int(exact.to_integral_value(rounding=how))
        except InvalidOperation:
            raise Refused("“%(text)s” is not a number.", text=as_text(cell)) from None
        if rounding is None and whole != exact:
            raise Refused(too_fine, text=as_text(cell))
        if abs(whole) > LARGEST_ORE:
            raise Refused("“%(text)s” is too large.", text=as_text(cell))
        return whole

    return scale


def count(read: Decimals) -> Callable[[Cell], int]:
    """A reader of whole numbers, none or more."""

    def whole(cell: Cell) -> int:
        number = read(cell)
        if number.adjusted() > 9 or number != int(number) or number < 0:
            raise Refused("“%(text)s” is not a whole number.", text=as_text(cell))
        return int(number)

    return whole


def instant(pattern: str | None) -> Callable[[Cell], datetime]:
    """A reader of instants in `pattern` (strptime), on a Danish clock where no zone is written.

    Without a pattern: ISO 8601, or day-month-year as Danes write it, with or without a time.
    """

    written = by_pattern(pattern) if pattern else _free

    def read(cell: Cell) -> datetime:
        found = _moment(cell, written)
        try:
            return found.astimezone(UTC) if found.tzinfo else from_local(found)
        except OverflowError:
            raise _no_date(cell) from None

    return read


def day(pattern: str | None) -> Callable[[Cell], date]:
    """A reader of dates; what has a time and a zone counts as the day it was in Denmark."""

    written = by_pattern(pattern) if pattern else _free

    def read(cell: Cell) -> date:
        found = _moment(cell, written)
        return (found.astimezone(COPENHAGEN) if found.tzinfo else found).date()

    return read


def _moment(cell: Cell, read: Callable[[str], datetime]) -> datetime:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)
    try:
        found = read(as_text(cell))
    except (ValueError, OverflowError):
        raise _no_date(cell) from None
    if not 1800 <= found.year <= 2200:
        raise _no_date(cell)
    return found


_DIRECTIVES = {
    "d": r"(?P<day>3[01]|[12]\d|0?[1-9])",
    "m": r"(?P<month>1[0-2]|0?[1-9])",
    "Y": r"(?P<year>\d{4})",
    "y": r"(?P<short>\d{2})",
    "H": r"(?P<hour>2[0-3]|[01]?\d)",
    "M": r"(?P<minute>[0-5]?\d)",
    "S": r"(?P<second>[0-5]?\d)",
}


def by_pattern(pattern: str) -> Callable[[str], datetime]:
    """A reader of what `datetime.strptime` reads under `pattern`, ten times as fast where it holds numbers alone.

    Raises ValueError as strptime does. Two-digit years as POSIX has them: 69-99 are 1969-1999, 00-68 are 2000-2068.
    """
    parts = re.split(r"%(.)", pattern)
    literals, directives = parts[::2], parts[1::2]
    has_year = sum(name in "Yy" for name in directives) == 1
    if not (has_year and len(set(directives)) == len(directives) and set(directives) <= set(_DIRECTIVES)):
        return lambda text: datetime.strptime(text, pattern)
    spelled = [re.escape(literal) for literal in literals]
    if any(character.isspace() for literal in literals for character in literal):
        spelled = [r"\s+".join(re.escape(word) for word in re.split(r"\s+", literal)) for literal in literals]
    expression = spelled[0] + "".join(
        _DIRECTIVES[name] + literal for name, literal in zip(directives, spelled[1:], strict=True)
    )
    match = re.compile(expression, re.ASCII).fullmatch

    def read(text: str) -> datetime:
        found = match(text)
        if found is None:
            return datetime.strptime(text, pattern)
        part = found.groupdict("0")
        year = int(part["year"]) if "year" in part else _century(int(part["short"]))
        return datetime(
            year, int(part.get("month", 1)), int(part.get("day", 1)),
            int(part.get("hour", 0)), int(part.get("minute", 0)), int(part.get("second", 0)),
        )  # fmt: skip

    return read


def _century(short: int) -> int:
    return short + (1900 if short >= 69 else 2000)


def _free(text: str) -> datetime:
    danish = _DANISH.match(text)
    if danish is None:
        return datetime.fromisoformat(text)
    day, month, year, hour, minute, second = (int(part or 0) for part in danish.groups())
    return datetime(year, month, day, hour, minute, second)


def _no_date(cell: Cell) -> Refused:
    return Refused("“%(text)s” is not a date.", text=as_text(cell))


def yes_no(cell: Cell) -> bool:
    """Read yes or no, in English or Danish."""
    text = as_text(cell).casefold()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise Refused("“%(text)s” is neither yes nor no.", text=as_text(cell))


def cleaner(rule: str, sign: str) -> Callable[[Cell], str]:
    """A `clean` rule of the mapping: integer, digits, upper or lower."""
    read = decimals(sign)
    point = decimals(".")

    def integer(cell: Cell) -> str:
        text = as_text(cell)
        if text.isascii() and text.isdigit():
            return text.lstrip("0") or "0"
        is_float = text.endswith(".0") and text[:-2].isascii() and text[:-2].isdigit()  # as spreadsheets write
        number = point(text) if is_float else read(cell)
        if number.adjusted() > 18 or number != int(number):
            raise Refused("“%(text)s” is not a whole number.", text=text)
        return str(int(number))

    rules: dict[str, Callable[[Cell], str]] = {
        "integer": integer,
        "digits": lambda cell: re.sub(r"\D", "", as_text(cell)),
        "upper": lambda cell: as_text(cell).upper(),
        "lower": lambda cell: as_text(cell).lower(),
    }
    return rules[rule]
