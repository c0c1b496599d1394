"""The dates of a sign-up: month ends come back, changes of the clock take no day, each date is later than the last."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecko.models.recalls import RecallUnit
from gecko.operations.recalls import dates

DAY, WEEK, MONTH = RecallUnit.DAY, RecallUnit.WEEK, RecallUnit.MONTH
DATES = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("first", "every", "unit", "expected"),
    [
        (date(2026, 1, 31), 1, MONTH, [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]),
        (date(2027, 11, 30), 3, MONTH, [date(2028, 2, 29), date(2028, 5, 30), date(2028, 8, 30)]),
        (date(2024, 2, 29), 12, MONTH, [date(2025, 2, 28), date(2026, 2, 28), date(2027, 2, 28)]),
        (date(2026, 12, 15), 1, MONTH, [date(2027, 1, 15), date(2027, 2, 15), date(2027, 3, 15)]),
        (date(2026, 3, 22), 1, WEEK, [date(2026, 3, 29), date(2026, 4, 5), date(2026, 4, 12)]),
        (date(2026, 10, 18), 7, DAY, [date(2026, 10, 25), date(2026, 11, 1), date(2026, 11, 8)]),
    ],
)
def test_dates_over_month_ends_and_changes_of_the_clock(first, every, unit, expected):
    assert [dates.nth(first, every, unit, step) for step in (1, 2, 3)] == expected


@given(first=DATES, every=st.integers(1, 40), unit=st.sampled_from(RecallUnit), step=st.integers(0, 60))
def test_the_next_date_is_the_first_of_the_series_after_a_day(first, every, unit, step):
    after = dates.nth(first, every, unit, step) + timedelta(days=step % 45)
    number, found = dates.following(first, every, unit, step=step, after=after)
    assert found == dates.nth(first, every, unit, number) > after
    assert number == step + 1 or dates.nth(first, every, unit, number - 1) <= after


@given(first=DATES, every=st.integers(1, 24), step=st.integers(0, 100))
def test_months_keep_the_day_or_take_the_last_one(first, every, step):
    found = dates.nth(first, every, MONTH, step)
    assert (found.year - first.year) * 12 + found.month - first.month == every * step
    is_last = (found + timedelta(days=1)).day == 1
    assert found.day == first.day or (is_last and found.day < first.day)
