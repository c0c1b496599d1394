"""Months and quarters: the ones that days fall into, by the database, and what they are called."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, cast, extract

from gecko.language import _

from .filters import Step

YEAR, NUMBER = "span_year", "span_number"
SHOWN = 24
"""As many steps as a plot has room for, the newest."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A month (`number` 1 to 12) or a quarter (1 to 4) of a year."""

    year: int
    number: int
    step: Step = Step.MONTH

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number if self.step == Step.MONTH else self.number * 3 - 2, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        month = self.number if self.step == Step.MONTH else self.number * 3
        return date(self.year, month, calendar.monthrange(self.year, month)[1])

    @property
    def label(self) -> Any:
        """`03-2024`, or its quarter in words."""
        if self.step == Step.MONTH:
            return f"{self.number:02d}-{self.year}"
        return _("Q%(quarter)d %(year)d", quarter=self.number, year=self.year)


def columns(day: Any, step: Step = Step.MONTH) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Year, and month or quarter, of a day."""
    month = cast(extract("month", day), Integer)
    number = month if step == Step.MONTH else (month + 2) // 3
    return cast(extract("year", day), Integer).label(YEAR), cast(number, Integer).label(NUMBER)
