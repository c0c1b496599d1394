"""Interest, computed by hand beside each case."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecko.operations.dunning import interest

RATES = {date(2023, 7, 1): 325, date(2024, 1, 1): 375, date(2024, 7, 1): 350}


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (date(2024, 1, 15), date(2024, 2, 15), 30),
        (date(2024, 1, 31), date(2024, 2, 29), 29),
        (date(2024, 1, 30), date(2024, 1, 31), 0),
        (date(2023, 12, 16), date(2024, 1, 1), 15),
        (date(2023, 3, 1), date(2024, 3, 1), 360),
    ],
)
def test_days_are_counted_with_thirty_a_month(start: date, end: date, days: int) -> None:
    assert interest.days_360(start, end) == days


def test_a_change_of_rate_parts_the_interest() -> None:
    """10,000 kr.: 15 days at 11.25 % are 46.875 kr., 60 days at 11.75 % are 195.833 kr.; together 242.71 kr."""
    found = interest.charge(1_000_000, [], date(2023, 12, 16), date(2024, 3, 1), RATES)
    assert found == interest.Charge(24_271, date(2023, 12, 16), date(2024, 3, 1))


def test_what_was_paid_bears_no_interest_from_that_day() -> None:
    """30 days of 10,000 kr. at 11.75 % are 97.9167 kr., then 30 days of 4,000 kr. are 39.1667 kr."""
    found = interest.charge(1_000_000, [(date(2024, 2, 15), 600_000)], date(2024, 1, 15), date(2024, 3, 15), RATES)
    assert found.ore == 13_708


def test_interest_stops_where_no_rate_is_known() -> None:
    """20 days to 1 January 2025 at 11.5 %, of which no more than that is charged: 63.89 kr."""
    found = interest.charge(1_000_000, [], date(2024, 12, 11), date(2025, 3, 1), RATES)
    assert found == interest.Charge(6_389, date(2024, 12, 11), date(2025, 1, 1))
    assert interest.charge(1_000_000, [], date(2025, 2, 1), date(2025, 3, 1), RATES).ore == 0


def test_half_an_ore_is_rounded_up() -> None:
    """One day of 1,531.91 kr. at 11.75 % is 49.9999 øre, of 1,516.60 kr. 49.5001 øre."""
    day = (date(2024, 2, 1), date(2024, 2, 2))
    assert interest.charge(153_191, [], *day, RATES).ore == 50
    assert interest.charge(151_660, [], *day, RATES).ore == 50
    assert interest.charge(151_600, [], *day, RATES).ore == 49


@given(st.dates(date(2023, 7, 1), date(2024, 6, 30)), st.integers(0, 100), st.integers(0, 100))
def test_interest_of_two_stretches_is_that_of_the_whole_to_an_ore(start: date, first: int, second: int) -> None:
    middle, end = (date.fromordinal(start.toordinal() + n) for n in (first, first + second))
    parts = [interest.charge(10_000_000, [], *pair, RATES).ore for pair in ((start, middle), (middle, end))]
    assert abs(sum(parts) - interest.charge(10_000_000, [], start, end, RATES).ore) <= 1
