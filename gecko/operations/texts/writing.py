"""How values are written: dates, times, money and the like in the text's language, with a code's suffix."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from babel.dates import format_date

from ...clock import local
from ...models.customer_fields import FieldType
from ...money import format_ore
from .facts import Answer

_PLACE = re.compile("YYYY|YY|MM|DD")
_DATE = re.compile(f"(?:{_PLACE.pattern})(?:[-/.](?:{_PLACE.pattern})){{0,2}}")
_BREAKS = re.compile(r"\s*[\r\n]+\s*")
_LONG = {"da": "EEEE 'den' d. MMMM y", "en": "EEEE d MMMM y"}
_WEEKDAY = {"da": "EEEE", "en": "EEEE"}
_YES = {"da": ("Nej", "Ja"), "en": ("No", "Yes")}
_GENDERS = {
    "da": {"female": "Kvinde", "male": "Mand", "other": "Andet"},
    "en": {"female": "Woman", "male": "Man", "other": "Other"},
}


class Kind(StrEnum):
    """What a code's value is, which decides the suffixes it takes."""

    TEXT = "text"
    LINES = "lines"  # a text of several lines
    NUMBER = "number"
    PART = "part"  # a day or a month of its own
    DATE = "date"
    WEEKDAY = "weekday"
    TIME = "time"
    MONEY = "money"
    FLAG = "flag"
    GENDER = "gender"
    ANSWER = "answer"  # to a custom field, whose type decides how it is written


SHOWN_SUFFIXES: dict[Kind, tuple[str, ...]] = {
    Kind.LINES: ("_NOBREAK",),
    Kind.PART: ("_DD", "_MM"),
    Kind.DATE: ("_DD-MM-YYYY", "_YYYY-MM-DD", "_LONG"),
    Kind.ANSWER: ("_NOBREAK", "_DD-MM-YYYY", "_YYYY-MM-DD", "_LONG"),
}
"""The suffixes that the documentation names; dates take any other order of DD, MM, YY and YYYY, too."""


def takes(kind: Kind, suffix: str) -> bool:
    """Whether a value of this kind can be written with the suffix (upper case, without its underscore)."""
    if kind in {Kind.TEXT, Kind.LINES}:
        return suffix == "NOBREAK"
    if kind == Kind.PART:
        return suffix in {"DD", "MM"}
    is_date = suffix == "LONG" or _DATE.fullmatch(suffix) is not None
    return (kind in {Kind.DATE, Kind.ANSWER} and is_date) or (kind == Kind.ANSWER and suffix == "NOBREAK")


def write(kind: Kind, value: Any, suffix: str, language: str) -> str:
    """The value in words; nothing for None. A suffix that does not fit the value is passed over."""
    return "" if value is None else _WRITERS[kind](value, suffix, language)


def _text(value: str, suffix: str, _language: str) -> str:
    return _BREAKS.sub(" ", value).strip() if suffix == "NOBREAK" else value


def _number(value: int, _suffix: str, _language: str) -> str:
    return str(value)


def _part(value: int, suffix: str, _language: str) -> str:
    return f"{value:02d}" if suffix else str(value)


def _date(value: date, suffix: str, language: str) -> str:
    if suffix == "LONG":
        return _spoken(value, _LONG[language], language)
    if not _DATE.fullmatch(suffix):
        suffix = "DD-MM-YYYY"
    year = f"{value.year:04d}"
    places = {"YYYY": year, "YY": year[2:], "MM": f"{value.month:02d}", "DD": f"{value.day:02d}"}
    return _PLACE.sub(lambda match: places[match[0]], suffix)


def _weekday(value: date, _suffix: str, language: str) -> str:
    return _spoken(value, _WEEKDAY[language], language)


@lru_cache(maxsize=4096)
def _spoken(value: date, pattern: str, language: str) -> str:
    return format_date(value, pattern, locale=language)


def _time(value: datetime, _suffix: str, _language: str) -> str:
    return local(value).strftime("%H:%M")


def _money(value: int, _suffix: str, language: str) -> str:
    return format_ore(value, language)


def _flag(value: bool, _suffix: str, language: str) -> str:
    return _YES[language][value]


def _gender(value: str, _suffix: str, language: str) -> str:
    return _GENDERS[language].get(value, "")


def _answer(value: Answer, suffix: str, language: str) -> str:
    if value.type == FieldType.DATE:
        return _answered_date(value.value, suffix, language)
    if value.type == FieldType.YES_NO:
        return _flag(value.value == "1", suffix, language)
    if value.type == FieldType.NUMBER:
        return value.value.replace(".", ",") if language == "da" else value.value
    return _text(value.value, suffix, language)


def _answered_date(stored: str, suffix: str, language: str) -> str:
    try:
        return _date(date.fromisoformat(stored), suffix, language)
    except ValueError:  # stored by another program
        return stored


_WRITERS: dict[Kind, Callable[[Any, str, str], str]] = {
    Kind.TEXT: _text,
    Kind.LINES: _text,
    Kind.NUMBER: _number,
    Kind.PART: _part,
    Kind.DATE: _date,
    Kind.WEEKDAY: _weekday,
    Kind.TIME: _time,
    Kind.MONEY: _money,
    Kind.FLAG: _flag,
    Kind.GENDER: _gender,
    Kind.ANSWER: _answer,
}
