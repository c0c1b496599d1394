"""Figures and dates on a document, in the language that is spoken."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flask_babel import format_decimal, get_locale

from gecko.money import format_ore


def amount(ore: int) -> str:
    """`1.234,50` or `1,234.50`."""
    return format_ore(ore, get_locale().language, currency=False)


def quantity(milli: int) -> str:
    """A quantity kept in thousandths: `2,5`."""
    return str(format_decimal(Decimal(milli) / 1000))


def percent(basis_points: int) -> str:
    """`25 %` in Danish, `25%` in English."""
    mark = " %" if get_locale().language == "da" else "%"
    return f"{format_decimal(Decimal(basis_points) / 100)}{mark}"


def day(of: date) -> str:
    """`22-11-2026` in both languages, as everywhere in the product."""
    return of.strftime("%d-%m-%Y")
