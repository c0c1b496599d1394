"""Danish banking days: when banks are open, and so when a term of banking days runs out."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

_SATURDAY = 5
# Store Bededag ceased to be a holiday with the year 2024 (lov nr. 214 af 06/03/2023).
_LAST_PRAYER_DAY = 2023


def easter_sunday(year: int) -> date:
    """Easter in the Gregorian calendar (the anonymous algorithm of 1876)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> frozenset[date]:
    """Weekdays and holidays of `year` on which Danish banks are closed, Saturdays and Sundays aside."""
    easter = easter_sunday(year)
    moving = [-3, -2, 1, 39, 40, 50]  # Maundy Thursday, Good Friday, Monday, Ascension, the day after, Whit Monday
    if year <= _LAST_PRAYER_DAY:
        moving.append(26)
    fixed = [(1, 1), (6, 5), (12, 24), (12, 25), (12, 26), (12, 31)]
    return frozenset(
        [easter + timedelta(days=offset) for offset in moving] + [date(year, month, day) for month, day in fixed]
    )


def is_banking_day(day: date) -> bool:
    """Whether banks are open on `day`."""
    return day.weekday() < _SATURDAY and day not in bank_holidays(day.year)


def add_banking_days(day: date, count: int) -> date:
    """The `count`-th banking day after `day`; `day` itself for none."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_banking_day(day)
    return day
