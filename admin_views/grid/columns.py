"""Columns: what kind of value each shows, how it is written in a cell, and how a list may be sorted by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import Boolean as SqlBoolean
from sqlalchemy import Date, Integer, Numeric, inspect
from sqlalchemy.orm import RelationshipProperty

from gecko import clock, money, phones
from gecko.db import UtcDateTime

NUMERIC = frozenset({"money", "number"})
_PHONES = frozenset({"telephone", "mobile", "phone"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a grid. sort: the indexed expression that sorts by it, or None."""

    name: str
    label: Any
    kind: str
    sort: Any = None
    is_inline: bool = False
    relation: str | None = None

    @property
    def css(self) -> str:
        """The class of its cells."""
        return "num" if self.kind in NUMERIC else ""


def kind_of(model: type[Any], name: str) -> str:
    """The kind of value that an attribute holds; text where the model does not say."""
    if name.endswith("_ore"):
        return "money"
    if name in _PHONES:
        return "phone"
    if name == "email":
        return "email"
    attribute = inspect(model).attrs.get(name)
    if isinstance(attribute, RelationshipProperty):
        return "relation"
    if attribute is None:
        return "text"
    kind = attribute.columns[0].type
    for known, word in ((UtcDateTime, "instant"), (Date, "date"), (SqlBoolean, "boolean")):
        if isinstance(kind, known):
            return word
    if isinstance(kind, Integer | Numeric) and name != "id" and not attribute.columns[0].foreign_keys:
        return "number"
    return "text"


def label_of(name: str) -> str:
    """A column's heading where the view states none."""
    return name.removesuffix("_ore").removesuffix("_id").replace("_", " ").replace(".", " ").capitalize()


def _money(locale: str) -> Callable[[Any], Any]:
    return lambda value: money.format_ore(value, locale, currency=False)


def _number(locale: str) -> Callable[[Any], Any]:
    mark = "." if locale == "da" else ","
    return lambda value: f"{value:,}".replace(",", mark)


def _instant(_locale: str) -> Callable[[Any], Any]:
    return lambda value: clock.local(value).strftime("%d-%m-%Y %H:%M") if isinstance(value, datetime) else value


def _date(_locale: str) -> Callable[[Any], Any]:
    return lambda value: value.strftime("%d-%m-%Y") if isinstance(value, date) else value


def _boolean(_locale: str) -> Callable[[Any], Any]:
    yes, no = _("Yes"), _("No")
    return lambda value: yes if value else no


def _phone(_locale: str) -> Callable[[Any], Any]:
    return phones.display


WRITERS: dict[str, Callable[[str], Callable[[Any], Any]]] = {
    "money": _money,
    "number": _number,
    "date": _date,
    "instant": _instant,
    "boolean": _boolean,
    "phone": _phone,
}


def writer_of(kind: str, words: dict[str, Any] | None = None) -> Callable[[Any], Any]:
    """How values of a kind are written in the reader's language, found once for many; `words` names choices."""
    writer = WRITERS[kind](str(get_locale() or "da")) if kind in WRITERS else None
    named = words or {}

    def write(value: Any) -> Any:
        if value is None or value == "":
            return ""
        if isinstance(value, Enum):
            return named.get(value.value, value.value)
        if named and str(value) in named:
            return named[str(value)]
        if isinstance(value, Markup):
            return value
        return str(value) if writer is None else writer(value)

    return write


def written(kind: str, value: Any, words: dict[str, Any] | None = None) -> Any:
    """A value as a cell shows it; `words` names the values of a choice."""
    return writer_of(kind, words)(value)
