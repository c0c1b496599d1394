"""The columns of an export: what they hold, and how each kind looks in Danish and in English.

No pandas here: pages know the columns of a report without paying for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

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
