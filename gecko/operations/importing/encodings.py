"""Which encoding a file is written in, and the mending of rows that do not keep to it."""

from __future__ import annotations

import codecs
import re

from .faults import Refused, Unreadable

SAMPLE = 1 << 16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What calls itself latin-1 is Windows' superset of it in practice.
_WESTERN = frozenset({"iso8859-1", "cp1252"})
_STRAY = re.compile(r"[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def choose(sample: bytes, stated: str | None) -> str:
    """The encoding to read with: what a byte order mark says, else what is stated, else what the bytes look like."""
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    if stated is not None:
        name = codecs.lookup(stated).name
        return "cp1252" if name in _WESTERN else name
    return _detect(sample)


def _detect(sample: bytes) -> str:
    zeros = sample[:4096].count(0)
    if zeros > len(sample[:4096]) // 4:
        return "utf-16-le" if sample[1:4096:2].count(0) >= sample[0:4096:2].count(0) else "utf-16-be"
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(sample)
    strays = len(_STRAY.findall(text))
    beyond = sum(c > "\x7f" for c in text) - strays
    return "utf-8" if beyond >= strays else "cp1252"  # single rows may still differ: see `mend`


def error_handling(encoding: str) -> str:
    """How undecodable bytes are carried to their row; wide encodings cannot carry them."""
    return "strict" if encoding.startswith(("utf-16", "utf-32", "utf_16", "utf_32")) else "surrogateescape"


def decode(sample: bytes, encoding: str) -> str:
    """The beginning of a file as text; a sign cut off at its end is left out."""
    try:
        decoder = codecs.getincrementaldecoder(encoding)(error_handling(encoding))
        return decoder.decode(sample)
    except UnicodeError:
        raise Unreadable("The file is not written in %(encoding)s.", encoding=encoding) from None


def mend(cells: list[str], *, fallback: bool) -> str | None:
    """Clean one row's cells of what cannot be stored, in place; returns the warning, or None where all was well.

    Bytes outside the encoding are read as Windows' western encoding where `fallback` says that the file's encoding
    was found out rather than stated. Raises Refused for them otherwise, and for NUL.
    """
    warning = None
    for index, cell in enumerate(cells):
        if cell.isprintable():
            continue
        if "\0" in cell:
            raise Refused("The row holds a NUL sign.")
        if _STRAY.search(cell):
            cell = _redecoded(cell, fallback)
            warning = "Some signs were not in the file's encoding and were read as Windows-1252."
        cleaned = _CONTROL.sub("", cell)
        if cleaned != cell:
            warning = warning or "Control signs were left out."
        cells[index] = cleaned
    return warning


def _redecoded(cell: str, fallback: bool) -> str:
    if fallback:
        try:
            return cell.encode("utf-8", "surrogateescape").decode("cp1252")
        except UnicodeError:
            pass
    raise Refused("The row holds signs that are not in the file's encoding.")
