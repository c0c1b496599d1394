"""What interest comes to: the reference rate of each half-year and 8 percentage points, 30 days a month, 360 a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from .policy import SUPPLEMENT_BP


@dataclass(frozen=True, slots=True)
class Charge:
    """Interest in øre for the days from `start`, included, to `end`, not included."""

    ore: int
    start: date
    end: date


def days_360(start: date, end: date) -> int:
    """Days between two days where every month has thirty (30E/360): a 31st counts as the 30th."""
    return (end.year - start.year) * 360 + (end.month - start.month) * 30 + min(end.day, 30) - min(start.day, 30)


def half_year(day: date) -> date:
    """The 1 January or 1 July from which a day's rate holds."""
    return date(day.year, 7 if day.month > 6 else 1, 1)


def next_half_year(day: date) -> date:
    """The first day of the following half-year."""
    return date(day.year, 7, 1) if day.month <= 6 else date(day.year + 1, 1, 1)


def charge(
    amount_ore: int,
    payments: Sequence[tuple[date, int]],
    start: date,
    end: date,
    rates: Mapping[date, int],
) -> Charge:
    """Interest on a claim, half an øre upwards.

    payments: what was paid of it, by day, in øre above zero; interest on that ends with the day. rates: the reference
    rate of each half-year by its first day, in hundredths of a per cent. Interest stops at the first half-year whose
    rate is not known, so that never too much is charged; the rest follows once it is.
    """
    stops = [day for day, _ore in payments if start < day < end]
    numerator, at = 0, start
    while at < end and half_year(at) in rates:
        until = min([end, next_half_year(at), *(day for day in stops if day > at)])
        principal = amount_ore - sum(ore for day, ore in payments if day <= at)
        rate = max(rates[half_year(at)] + SUPPLEMENT_BP, 0)
        numerator += max(principal, 0) * rate * days_360(at, until)
        at = until
    return Charge((2 * numerator + 3_600_000) // 7_200_000, start, max(at, start))
