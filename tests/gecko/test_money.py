"""Amounts as people type them: what is ambiguous is refused, never guessed."""

import pytest

from gecko.errors import Invalid
from gecko.money import format_ore, parse_ore, vat_included_ore
from gecko.operations.importing import values
from gecko.operations.importing.faults import Refused


@pytest.mark.parametrize(
    ("text", "locale", "ore"),
    [
        ("1.234,50", "da", 123_450), ("1 234,50 kr.", "da", 123_450), ("1\xa0234\u202f567", "da", 123_456_700),
        ("kr. -17", "da", -1_700), ("-kr 17", "da", -1_700), ("\N{MINUS SIGN}0,05", "da", -5), (" 2,5 KR ", "da", 250),
        ("DKK 1,234.50", "en", 123_450), ("1234.5dkk", "en", 123_450),
    ],
)  # fmt: skip
def test_amounts_are_read(text, locale, ore):
    assert parse_ore(text, locale) == ore


@pytest.mark.parametrize("text", ["10 kr 50", "10kr50", "12 34", "1 2345", "1,234", "1.23", "", "kr", "5,-", "1e3"])
def test_what_is_ambiguous_is_no_amount(text):
    with pytest.raises(Invalid):
        parse_ore(text, "da")


@pytest.mark.parametrize("text", ["10 kr 50", "10DKK50", "12 34"])
def test_imports_refuse_it_too(text):
    with pytest.raises(Refused):
        values.decimals(",")(text)


@pytest.mark.parametrize("locale", ["da", "en"])
@pytest.mark.parametrize("ore", [0, 1, -1, 99, -12_345, 10**15])
def test_what_is_written_is_read_again(ore, locale):
    assert parse_ore(format_ore(ore, locale), locale) == ore


def test_vat_is_rounded_half_away_from_zero():
    assert [vat_included_ore(ore, 2_500) for ore in (2, 3, -2, -3, 100)] == [0, 1, 0, -1, 20]
