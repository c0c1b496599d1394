"""What an entry itself says of what it pays: a FIK reference, the numbers of invoices, and who sent it."""

from __future__ import annotations

import re

from ... import fik
from ...folding import sort_key
from ...models.bank import BankEntry

_NUMBER = re.compile(
    r"(?:(?P<word>\b(?:faktura|fakt|fak|invoice|inv)[a-z]*\W{0,3}(?:nr\W{0,2})?)|(?<![\w.,-]))(?P<no>\d{1,12})(?![.,]?\d)\b",
    re.IGNORECASE,
)
"""A number, with the word for an invoice where one stands before it; no part of an amount, a date or a longer one."""
_SPOKEN = 4
"""From so many digits on a number in a text is taken for an invoice's even where no word says so."""


def fik_number(entry: BankEntry) -> int | None:
    """The number of the invoice that a FIK reference names; None without one."""
    for text in (entry.reference, entry.text):
        if text and (number := fik.read(text)) is not None:
            return number
    return None


def numbers(entry: BankEntry) -> list[str]:
    """The numbers in reference and text that may be invoices', without zeros in front, each once."""
    found = []
    for text in (entry.reference or "", entry.text):
        for hit in _NUMBER.finditer(text):
            number = hit["no"].lstrip("0")
            if number and (hit["word"] or len(number) >= _SPOKEN):
                found.append(number)
    return list(dict.fromkeys(found))


def sender(entry: BankEntry) -> str:
    """Who sent it, written as debtors' names are sorted."""
    return sort_key(" ".join((entry.counterparty or entry.text).split()))
