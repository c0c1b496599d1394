"""Columns: what kind of value each shows, how it is written in a cell, and how a list may be sorted by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape
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


def _money(value: Any) -> str:
    return money.format_ore(value, str(get_locale() or "da"), currency=False)


def _number(value: Any) -> str:
    text = f"{value:,}"
    return text.replace(",", ".") if str(get_locale() or "da") == "da" else text


def _instant(value: datetime) -> Markup:
    local = clock.local(value)
    return Markup('<time datetime="{}">{:%d-%m-%Y %H:%M}</time>').format(value.isoformat(), local)


WRITERS: dict[str, Callable[[Any], Any]] = {
    "money": _money,
    "number": _number,
    "date": lambda value: value.strftime("%d-%m-%Y") if isinstance(value, date) else value,
    "instant": _instant,
    "boolean": lambda value: _("Yes") if value else _("No"),
    "phone": phones.display,
}


def written(kind: str, value: Any, words: dict[str, Any] | None = None) -> Any:
    """A value as a cell shows it; `words` names the values of a choice."""
    if value is None or value == "":
        return ""
    if isinstance(value, Enum):
        return (words or {}).get(value.value, value.value)
    if words and str(value) in words:
        return words[str(value)]
    writer = WRITERS.get(kind)
    if writer is not None:
        return writer(value)
    return value if isinstance(value, Markup) else escape(str(value))
