"""Danish wall-clock times around the nights on which the clock is set."""

from datetime import UTC, datetime

import pytest

from gecko import clock


@pytest.mark.parametrize(
    ("naive", "is_skipped"),
    [
        (datetime(2026, 3, 29, 1, 59), False),
        (datetime(2026, 3, 29, 2, 0), True),
        (datetime(2026, 3, 29, 2, 59), True),
        (datetime(2026, 3, 29, 3, 0), False),
        (datetime(2026, 10, 25, 2, 30), False),
        (datetime(2026, 7, 1, 12, 0), False),
    ],
)
def test_only_the_hour_that_is_leapt_over_does_not_exist(naive: datetime, is_skipped: bool) -> None:
    assert clock.is_skipped(naive) == is_skipped


def test_of_a_time_that_comes_twice_the_first_is_meant() -> None:
    assert clock.from_local(datetime(2026, 10, 25, 2, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
