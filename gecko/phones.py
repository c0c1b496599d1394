"""Telephone numbers: kept as E.164, typed and shown the Danish way."""

from __future__ import annotations

import phonenumbers

from .errors import Invalid


def normalise(text: str, region: str = "DK") -> str:
    """`20 12 34 56` becomes `+4520123456`; raises Invalid where no such number can exist."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise Invalid("“%(text)s” is not a telephone number.", text=text) from None
    if not phonenumbers.is_possible_number(number):
        raise Invalid("“%(text)s” is not a telephone number.", text=text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def display(stored: str | None) -> str:
    """Danish numbers as `20 12 34 56`, foreign ones in international form, anything else as it is."""
    if not stored or not stored.startswith("+"):
        return stored or ""
    if stored.startswith("+45") and len(stored) == 11:
        digits = stored[3:]
        return " ".join(digits[i : i + 2] for i in range(0, 8, 2))
    try:
        number = phonenumbers.parse(stored, None)
    except phonenumbers.NumberParseException:
        return stored
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
