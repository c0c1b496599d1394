"""Social security numbers: dates, centuries, masks."""

from datetime import date

import pytest

from gecko import cpr
from gecko.errors import Invalid


def test_a_number_without_check_digit_is_accepted():
    assert cpr.normalise("010107-5555") == "0101075555"  # fails modulus 11, as numbers since 2007 may


@pytest.mark.parametrize("text", ["310290-1234", "000000-0000", "12345", "010203-12345", "abcdef-1234", ""])
def test_what_is_no_number(text):
    with pytest.raises(Invalid) as caught:
        cpr.normalise(text)
    assert caught.value.field == "cpr"
    assert not cpr.looks_like(text)


@pytest.mark.parametrize(
    ("digits", "born"),
    [
        ("0101901234", date(1990, 1, 1)),
        ("0101054234", date(2005, 1, 1)),
        ("0101504234", date(1950, 1, 1)),
        ("0101575234", date(2057, 1, 1)),
        ("0101585234", date(1858, 1, 1)),
        ("2902005234", date(2000, 2, 29)),
        ("0101369234", date(2036, 1, 1)),
        ("0101379234", date(1937, 1, 1)),
    ],
)
def test_the_seventh_digit_gives_the_century(digits, born):
    assert cpr.birth_date(digits) == born


def test_mask_and_display():
    assert cpr.mask("0102031234") == "010203-****"
    assert cpr.display("0102031234") == "010203-1234"
