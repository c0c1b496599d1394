"""The dates of a sign-up, all counted from its first: after a short month the day of the month comes back."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from ...models.recalls import RecallUnit

_DAYS = {RecallUnit.DAY: 1, RecallUnit.WEEK: 7}


def nth(first_on: date, every: int, unit: RecallUnit, step: int) -> date:
    """The date `step` intervals after the first; a day that the month lacks becomes its last."""
    if unit != RecallUnit.MONTH:
        return first_on + timedelta(days=_DAYS[unit] * every * step)
    months = first_on.month - 1 + every * step
    year, month = first_on.year + months // 12, months % 12 + 1
    return date(year, month, min(first_on.day, monthrange(year, month)[1]))


def following(first_on: date, every: int, unit: RecallUnit, *, step: int, after: date) -> tuple[int, date]:
    """The next date that lies after `after`, with its number, which is greater than `step`."""
    step += 1
    while (found := nth(first_on, every, unit, step)) <= after:
        step += 1
    return step, found
