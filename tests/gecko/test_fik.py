"""References of payment lines: built, read back, and not read where a digit is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecko import fik

numbers = st.integers(1, fik.LARGEST)


def test_the_reference_is_the_number_with_zeros_and_a_check_digit():
    # Luhn by hand: 1 2 3 4 from the right doubled in turn: 8 + 3 + 4 + 1 = 16, and 4 are lacking up to 20.
    assert fik.reference(1234) == "000000000012344"
    assert len(fik.reference(fik.LARGEST)) == 15


@pytest.mark.parametrize("number", [0, -1, 10**14])
def test_a_number_that_does_not_fit_has_no_reference(number):
    with pytest.raises(ValueError):
        fik.reference(number)


@pytest.mark.parametrize(
    "text",
    [
        "000000000012344",
        "+71<000000000012344+12345678<",
        "71<12344",
        "FI-kort +71<000000000012344, tak",
        "Indbetaling\n000000000012344",
    ],
)
def test_what_banks_write_is_read(text):
    assert fik.read(text) == 1234


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12344",
        "000000000012345",
        "0000000000123441",
        "+71<000000000012345+12345678<",
        "000000000000000",
        "+73<000000000012341",
        "171<12344",
    ],
)
def test_nothing_is_read_where_no_right_reference_stands(text):
    assert fik.read(text) is None


@given(numbers)
def test_every_reference_is_read_back(number):
    assert fik.read(f"+71<{fik.reference(number)}+87654321<") == number


@given(numbers, st.integers(0, 14), st.integers(1, 9))
def test_no_wrong_digit_goes_unnoticed(number, at, more):
    right = fik.reference(number)
    wrong = right[:at] + str((int(right[at]) + more) % 10) + right[at + 1 :]
    assert fik.read(wrong) is None
