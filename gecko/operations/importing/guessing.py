"""Guesses for a person to confirm: which column is which field, how dates and decimals are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from ...folding import search_key
from .fields import FIELDS, Field, Kind, Value
from .values import Cell, as_text

_COMMA = re.compile(r"(^|[\d.])\d*,(\d{1,2}|\d{4,})$")
_POINT = re.compile(r"(^|[\d,])\d*\.(\d{1,2}|\d{4,})$")
_DATE_FORMATS = (
    "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%d-%m-%Y", "%d-%m-%Y %H:%M",
    "%d-%m-%Y %H:%M:%S", "%d/%m/%Y", "%d/%m/%Y %H:%M", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%Y%m%d", "%m/%d/%Y",
    "%m/%d/%Y %H:%M", "%d-%m-%y", "%d/%m/%y", "%m/%d/%y", "%d/%m/%y %H:%M", "%m/%d/%y %H:%M",
)  # fmt: skip


def decimal_sign(cells: Iterable[Cell]) -> str:
    """The decimal sign that more of these amounts were written with; a point where nothing tells."""
    commas = points = 0
    for cell in cells:
        text = as_text(cell)
        commas += bool(_COMMA.search(text))
        points += bool(_POINT.search(text))
    return "," if commas > points else "."


def date_format(cells: Iterable[Cell]) -> str | None:
    """The first common format that all of these texts can be read with; None where none fits."""
    from datetime import datetime

    texts = [text for cell in cells if isinstance(cell, str) and (text := cell.strip())]
    if not texts:
        return None
    for pattern in _DATE_FORMATS:
        try:
            for text in texts:
                datetime.strptime(text, pattern)
        except ValueError:
            continue
        return pattern
    return None


def columns(kind: Kind, header: Sequence[str]) -> dict[str, str]:
    """Which column seems to be which field: equal names first, then known aliases, then names that contain one."""
    found: dict[str, str] = {}
    free = {_plain(name): name for name in reversed(header) if name}
    for matches in (_equal, _alias, _contained):
        for field in FIELDS[kind]:
            if field.name in found:
                continue
            plain = next((plain for plain in free if matches(field, plain)), None)
            if plain is not None:
                found[field.name] = free.pop(plain)
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", search_key(name))


def _equal(field: Field, plain: str) -> bool:
    return plain == _plain(field.name)


def _alias(field: Field, plain: str) -> bool:
    return plain in field.aliases


def _contained(field: Field, plain: str) -> bool:
    return any(len(alias) > 4 and alias in plain for alias in (_plain(field.name), *field.aliases))


def suggest(kind: Kind, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> dict[str, Any]:
    """A whole mapping, as TOML would give it, from a header and the first rows."""
    chosen = columns(kind, header)
    at = {name: list(header).index(column) for name, column in chosen.items()}
    mapping: dict[str, Any] = {"kind": str(kind), "columns": chosen, "round": "half_up"}
    formats = {}
    clean = {}
    amounts: list[Cell] = []
    for field in FIELDS[kind]:
        if field.name not in at:
            continue
        cells = [row[at[field.name]] for row in rows if len(row) > at[field.name]]
        if field.value in {Value.MONEY, Value.QUANTITY}:
            amounts += cells
        elif field.value in {Value.DATE, Value.INSTANT}:
            if pattern := date_format(cells):
                formats[field.name] = pattern
        elif field.value == Value.NUMBER and _are_floats(cells):
            clean[field.name] = "integer"
    mapping["decimal"] = decimal_sign(amounts)
    mapping |= {"format": formats, "clean": clean}
    if kind == Kind.INVOICES:
        mapping["create_missing"] = ["customer", "debtor"]
    return mapping


def _are_floats(cells: Iterable[Cell]) -> bool:
    texts = [text for cell in cells if (text := as_text(cell))]
    return bool(texts) and all(re.fullmatch(r"\d+\.0", text) for text in texts)
