"""Money: integer øre everywhere, Danish or English at the edge."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from .errors import Invalid

_DA = re.compile(r"^[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d{1,2})?$")
_EN = re.compile(r"^[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d{1,2})?$")
_THOUSANDS = re.compile(r"(?<=\d)\s(?=\d{3}(?!\d))")
_MARGINS = re.compile(r"(?<!\d)\s+|\s+(?!\d)")
_CURRENCY = re.compile(r"(?i)(?<!\d)(?:kr\.?|dkk)|(?:kr\.?|dkk)(?!\d)")
LARGEST_ORE = 10**15


def format_ore(ore: int, locale: str = "da", *, currency: bool = True) -> str:
    """`1.234,50 kr.` in Danish, `DKK 1,234.50` in English."""
    sign = "-" if ore < 0 else ""
    kroner, rest = divmod(abs(ore), 100)
    if locale == "da":
        text = f"{sign}{kroner:,}".replace(",", ".") + f",{rest:02d}"
        return f"{text} kr." if currency else text
    text = f"{sign}{kroner:,}.{rest:02d}"
    return f"DKK {text}" if currency else text


def parse_ore(text: str, locale: str = "da") -> int:
    """Read what a person typed into øre; raises Invalid on anything ambiguous or finer than an øre.

    Danish reads `1.234,50`, `1234,5` and `2,50`; English `1,234.50`. A currency mark is ignored.
    """
    cleaned = without_marks(text)
    pattern, group, point = (_DA, ".", ",") if locale == "da" else (_EN, ",", ".")
    if not pattern.match(cleaned):
        raise Invalid("“%(text)s” is not an amount.", text=text)
    ore = to_ore(Decimal(cleaned.replace(group, "").replace(point, ".")))
    if abs(ore) > LARGEST_ORE:
        raise Invalid("“%(text)s” is too large.", text=text)
    return ore


def without_marks(text: str) -> str:
    """The number in an amount: the currency in front or behind goes, and blanks that part thousands.

    What else stands between digits stays and makes it no number: `10 kr 50` is not 1050, nor is `12 34` 1234.
    """
    text = _MARGINS.sub("", _THOUSANDS.sub("", text.replace("\N{MINUS SIGN}", "-")))
    return _CURRENCY.sub("", text)


def to_ore(amount: Decimal) -> int:
    """A decimal amount of kroner as øre, rounded half away from zero."""
    try:
        return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    except InvalidOperation:
        raise Invalid("“%(text)s” is too large.", text=str(amount)) from None


def vat_included_ore(gross_ore: int, basis_points: int) -> int:
    """The VAT inside a price with VAT: gross * bp / (10000 + bp), half away from zero."""
    sign = -1 if gross_ore < 0 else 1
    numerator, denominator = abs(gross_ore) * basis_points, 10_000 + basis_points
    return sign * ((2 * numerator + denominator) // (2 * denominator))
