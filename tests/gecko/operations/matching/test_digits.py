"""Slips of digits, against what they are by definition."""

from hypothesis import example, given
from hypothesis import strategies as st

from gecko.operations.matching.digits import PLACES, digit_slip, may_be_slip, turned_digits

NUMBERS = st.integers(0, 99_999_999)
SLIPS = {digit * 10**place for digit in (*range(1, 10), *range(9, 82, 9)) for place in range(PLACES)}


@given(NUMBERS, st.integers(0, 7), st.integers(0, 9))
def test_one_wrong_digit_is_a_slip(number, place, digit):
    power = 10**place
    other = number + (digit - number // power % 10) * power
    assert digit_slip(number, other) == (number != other)


@given(NUMBERS, st.integers(0, 6))
def test_two_neighbours_that_changed_places_are_a_slip(number, place):
    digits = list(f"{number:08}")
    digits[place : place + 2] = reversed(digits[place : place + 2])
    other = int("".join(digits))
    assert digit_slip(number, other) == turned_digits(number, other) == (number != other)


def test_two_digits_are_a_slip_only_as_neighbours_that_changed_places():
    assert [digit_slip(12345678, other) for other in (12354678, 12345699, 82345671)] == [True, False, False]


@given(NUMBERS, NUMBERS)
@example(0, 81 * 10**7)
@example(0, 10**8)
def test_what_may_be_a_slip_is_told_by_the_difference(one, other):
    assert may_be_slip(one, other) == (abs(one - other) in SLIPS)


def test_every_slip_is_found():
    assert all(may_be_slip(slip, 0) and may_be_slip(0, slip) for slip in SLIPS)
    assert not any(may_be_slip(slip, slip) for slip in SLIPS)
