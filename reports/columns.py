"""The columns of an export: what they hold, and how each kind looks in Danish and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

COPENHAGEN = "Europe/Copenhagen"
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a text may begin with to be taken for a formula by a spreadsheet."""


class Kind(StrEnum):
    """What a column of a frame holds.

    money: integer øre. quantity: integer thousandths. date: a day. instant: aware UTC, shown on a Danish clock.
    choice: a key of the column's `choices`.
    """

    TEXT = "text"
    MONEY = "money"
    INTEGER = "integer"
    QUANTITY = "quantity"
    DATE = "date"
    INSTANT = "instant"
    BOOLEAN = "boolean"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the frame's key, the heading people read, what it holds; `choices` translate a choice's keys."""

    key: str
    label: Any
    kind: Kind = Kind.TEXT
    choices: Mapping[str, Any] | None = None
    width: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", Kind(self.kind))


@dataclass(frozen=True, slots=True)
class Formats:
    """How one language writes numbers, days and files of values parted by a sign."""

    money: str
    quantity: str
    date: str
    instant: str
    total: str
    delimiter: str
    decimal: str
    csv_date: str
    csv_instant: str


FORMATS: dict[str, Formats] = {
    "da": Formats(
        money="[$-406]#,##0.00", quantity="General", date="[$-406]dd-mm-yyyy", instant="[$-406]dd-mm-yyyy hh:mm",
        total='[$-406]#,##0.00" kr."', delimiter=";", decimal=",", csv_date="%d-%m-%Y", csv_instant="%d-%m-%Y %H:%M:%S",
    ),
    "en": Formats(
        money="[$-809]#,##0.00", quantity="General", date="[$-809]dd-mm-yyyy", instant="[$-809]dd-mm-yyyy hh:mm",
        total='[$-809]"DKK "#,##0.00', delimiter=",", decimal=".", csv_date="%Y-%m-%d", csv_instant="%Y-%m-%d %H:%M:%S",
    ),
}  # fmt: skip
DIVISOR = {Kind.MONEY: 100, Kind.QUANTITY: 1000, Kind.INTEGER: 1}
NUMBERS = frozenset(DIVISOR)


def integers(series: pd.Series[Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any] | None]:
    """The whole numbers of a series and, where some are missing, the mask of those; refuses fractions."""
    if series.dtype == np.int64:
        return series.to_numpy(), None
    nullable = series.astype("Int64")
    missing = nullable.isna().to_numpy()
    whole = nullable.fillna(0).to_numpy(dtype=np.int64)
    return whole, missing if missing.any() else None


def instants(series: pd.Series[Any], kind: Kind) -> pd.Series[Any]:
    """Days as they are, instants on a Danish clock to the second; both without a time zone."""
    if kind is Kind.DATE:
        if series.dtype == object:
            return pd.Series(np.array(series.to_list(), dtype="datetime64[s]"))
        return series
    aware = pd.to_datetime(series, utc=True) if series.dtype == object else series
    return aware.dt.tz_convert(COPENHAGEN).dt.tz_localize(None).dt.floor("s")


def texts(series: pd.Series[Any], column: Column) -> list[str | None]:
    """The texts of a column, choices in words, None where missing."""
    values: list[Any] = series.to_list()
    if column.kind is Kind.CHOICE and column.choices:
        words = {str(key): str(word) for key, word in column.choices.items()}
        return [None if is_absent(value) else words.get(str(value), str(value)) for value in values]
    if series.dtype != object or not all(map(_is_text, values)):
        return [None if is_absent(value) else str(value) for value in values]
    return values


def is_absent(value: Any) -> bool:
    """Whether a frame's value stands for nothing: None, NaN, NaT or NA."""
    return value is None or value is pd.NA or value != value


def _is_text(value: object) -> bool:
    return type(value) is str or value is None
