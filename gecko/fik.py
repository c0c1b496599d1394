"""The reference of a Danish payment line of kind 71 (FIK), by which a payment names the invoice that it pays.

Fifteen digits: the invoice's number with zeros in front, and a check digit by modulus 10 (Luhn), as the banks'
guidelines for joint payment forms (fælles indbetalingskort, FIK) have it. Printed: `+71<000000000012344+12345678<`,
with the creditor's number behind.
"""

from __future__ import annotations

import re

from stdnum import luhn

_DIGITS = 14
LARGEST = 10**_DIGITS - 1
_LINE = re.compile(r"\+?\b71\s*<\s*(\d{2,15})(?!\d)")
_ALONE = re.compile(r"(?<!\d)\d{15}(?!\d)")


def reference(number: int) -> str:
    """The reference of invoice `number`, a positive number of at most 14 digits; raises ValueError for others."""
    if not 0 < number <= LARGEST:
        raise ValueError(number)
    digits = f"{number:0{_DIGITS}d}"
    return digits + luhn.calc_check_digit(digits)


def read(text: str) -> int | None:
    """The invoice number that a text names by a reference with a right check digit; None without one.

    Read is a whole payment line, where banks may have dropped the zeros in front, or fifteen digits on their own.
    """
    for found in (*_LINE.findall(text), *_ALONE.findall(text)):
        number = int(found[:-1])
        if number and luhn.is_valid(found):
            return number
    return None
