"""Danish social security numbers (CPR): read, dated and masked. Never stored in plain text."""

from __future__ import annotations

import re
from datetime import date

from .errors import Invalid

_SHAPE = re.compile(r"^(\d{6})[- ]?(\d{4})$")


def normalise(text: str) -> str:
    """Ten digits; raises Invalid unless the date part exists.

    The check digit is not demanded: numbers that fail it have been issued since 2007.
    """
    digits = _digits(text)
    if digits is None or _birth_date(digits) is None:
        raise Invalid("This is not a social security number.", field="cpr")
    return digits


def looks_like(text: str) -> bool:
    """Whether a search term can be a social security number."""
    digits = _digits(text)
    return digits is not None and _birth_date(digits) is not None


def birth_date(digits: str) -> date:
    """The date of birth that ten valid digits carry."""
    found = _birth_date(digits)
    if found is None:
        raise ValueError("not a social security number")
    return found


def display(digits: str) -> str:
    """`010203-1234`."""
    return f"{digits[:6]}-{digits[6:]}"


def mask(digits: str) -> str:
    """`010203-****`."""
    return f"{digits[:6]}-****"


def _digits(text: str) -> str | None:
    match = _SHAPE.match(text.strip())
    return match[1] + match[2] if match else None


def _birth_date(digits: str) -> date | None:
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    try:
        return date(_century(int(digits[6]), year) + year, month, day)
    except ValueError:
        return None


def _century(seventh: int, year: int) -> int:
    """The century by the seventh digit (CPR-kontoret, "Personnummeret i CPR-systemet")."""
    if seventh <= 3:
        return 1900
    if seventh in (4, 9):
        return 2000 if year <= 36 else 1900
    return 2000 if year <= 57 else 1800
