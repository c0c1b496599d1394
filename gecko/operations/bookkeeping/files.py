"""The files that bookkeeping programs take: csv with semicolons and Danish numbers, in UTF-8 with a byte order mark.

economic: for the cash book of e-conomic, one line an entry, sales with VAT in them and a VAT code. plain: one line an
entry, sales without VAT, and VAT on its own account. Debit stands above zero, credit below.

e-conomic has no fixed list of columns: entries are imported through a template in which its user says how many rows to
skip and which column is which (http://wiki.e-conomic.co.uk/doku.php/import-of-data:start). So every file of ours has
one row of headings and the same columns, and a template made once fits all of them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from ...models.bookkeeping import BatchFormat
from .vouchers import Entry

_HEADS = {
    BatchFormat.ECONOMIC: ("Dato", "Bilagsnr.", "Konto", "Tekst", "Beløb", "Momskode", "Modkonto"),
    BatchFormat.PLAIN: ("Dato", "Bilagsnr.", "Konto", "Tekst", "Beløb", "Momssats", "Modkonto"),
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(form: BatchFormat, entries: Iterable[Entry], *, vat_code: str) -> bytes:
    """The whole file. vat_code: what e-conomic calls the sales' VAT."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    writer.writerow(_HEADS[form])
    for entry in entries:
        writer.writerow(
            (
                f"{entry.day:%d-%m-%Y}", entry.voucher, entry.account, _plain(entry.text), _amount(entry.amount_ore),
                _vat(form, entry, vat_code), entry.contra if form == BatchFormat.PLAIN else "",
            )
        )  # fmt: skip
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _vat(form: BatchFormat, entry: Entry, vat_code: str) -> str:
    if not entry.vat_bp:
        return ""
    return vat_code if form == BatchFormat.ECONOMIC else f"{entry.vat_bp / 100:g}".replace(".", ",")


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula, on one line."""
    line = " ".join(text.split())
    return f"'{line}" if line.startswith(_FORMULA) else line


def _amount(ore: int) -> str:
    return f"{'-' if ore < 0 else ''}{abs(ore) // 100},{abs(ore) % 100:02d}"
