"""Danish banking days against published calendars."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecko import banking_days

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("year", "easter"),
    [(1999, date(1999, 4, 4)), (2008, date(2008, 3, 23)), (2024, date(2024, 3, 31)), (2025, date(2025, 4, 20)),
     (2026, date(2026, 4, 5)), (2027, date(2027, 3, 28)), (2038, date(2038, 4, 25))],
)  # fmt: skip
def test_easter(year, easter):
    assert banking_days.easter_sunday(year) == easter


def test_the_bank_calendar_of_2026():
    assert sorted(banking_days.bank_holidays(2026)) == [
        date(2026, 1, 1), date(2026, 4, 2), date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 14), date(2026, 5, 15),
        date(2026, 5, 25), date(2026, 6, 5), date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 26),
        date(2026, 12, 31),
    ]  # fmt: skip


def test_great_prayer_day_ended_with_2023():
    assert not banking_days.is_banking_day(date(2023, 5, 5))
    assert banking_days.is_banking_day(date(2024, 4, 26))


def test_eight_banking_days_over_christmas():
    assert banking_days.add_banking_days(date(2026, 12, 21), 8) == date(2027, 1, 6)


@given(DAYS, st.integers(0, 60))
def test_a_term_runs_out_on_a_banking_day_after_exactly_so_many(day, count):
    due = banking_days.add_banking_days(day, count)
    between = [date.fromordinal(n) for n in range(day.toordinal() + 1, due.toordinal() + 1)]
    assert sum(map(banking_days.is_banking_day, between)) == count
    assert count == 0 or banking_days.is_banking_day(due)


@given(DAYS)
def test_weekends_are_never_banking_days(day):
    assert not (banking_days.is_banking_day(day) and day.isoweekday() > 5)
