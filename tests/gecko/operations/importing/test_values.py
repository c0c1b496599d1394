"""Amounts, quantities and dates as files write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecko.clock import local
from gecko.money import format_ore
from gecko.operations.importing import values
from gecko.operations.importing.faults import Refused

POINT, COMMA = values.decimals("."), values.decimals(",")
ORE = st.integers(-(10**13), 10**13)


@pytest.mark.parametrize(
    ("text", "ore"),
    [
        ("145.79999999999998", 14580), ("505.3", 50530), ("-0.005", -1), ("0.005", 1), ("0.004999", 0),
        ("5.684341886080802e-14", 0), ("1e3", 100_000), ("1,234.50", 123_450), (" 1 234.50 ", 123_450),
        ("(12.00)", -1200), ("12.00-", -1200), ("\N{MINUS SIGN}7", -700), ("kr. 3", 300), ("DKK 1,000", 100_000),
        (".5", 50), ("5.", 500), ("+2", 200), ("0", 0), (145.79999999999998, 14580), (3, 300), (-2.5, -250),
    ],
)  # fmt: skip
def test_amounts_with_a_point(text, ore):
    assert values.money(POINT, "half_up")(text) == ore


@pytest.mark.parametrize(
    ("text", "ore"),
    [
        ("1.234,50", 123_450),
        ("1234,5", 123_450),
        ("2,50 kr.", 250),
        ("1.234", 123_400),
        ("-1.000.000,01", -100_000_001),
    ],
)
def test_amounts_with_a_comma(text, ore):
    assert values.money(COMMA, None)(text) == ore


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (POINT, "12,34"), (POINT, "1,23,456"), (POINT, "abc"), (POINT, "-"), (POINT, "."), (POINT, "1.2.3"),
        (POINT, "nan"), (POINT, "inf"), (POINT, "1e999"), (POINT, "١٢"), (COMMA, "1.23"), (COMMA, "12.3456"),
        (POINT, True), (POINT, float("nan")), (POINT, date(2020, 1, 1)), (POINT, "9" * 30),
        (POINT, "1e17"), (POINT, "--5"),
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused(read, text):
    with pytest.raises(Refused):
        values.money(read, "half_up")(text)


def test_without_rounding_an_amount_finer_than_an_ore_is_refused():
    assert values.money(POINT, None)("1.2300") == 123
    with pytest.raises(Refused, match="finer"):
        values.money(POINT, None)("1.234")


def test_half_even():
    assert [values.money(POINT, "half_even")(text) for text in ("0.005", "0.015")] == [0, 2]


@given(ORE, st.sampled_from(["da", "en"]), st.booleans())
def test_what_the_product_writes_it_reads(ore, locale, currency):
    text = format_ore(ore, locale, currency=currency)
    assert values.money(COMMA if locale == "da" else POINT, None)(text) == ore


@given(ORE)
def test_float_noise_does_not_move_an_amount(ore):
    if abs(ore) < 10**11:
        assert values.money(POINT, "half_up")(repr(ore / 100)) == ore
        assert values.money(POINT, "half_up")(ore / 100) == ore


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6))
def test_rounding_equals_decimals_own(amount):
    expected = int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    assert values.money(POINT, "half_up")(format(amount, "f")) == expected


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_refused(text):
    for read in (POINT, COMMA):
        try:
            ore = values.money(read, "half_up")(text)
        except Refused:
            continue
        assert abs(ore) <= 10**15


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2150, 1, 1)),
    st.sampled_from(["%d-%m-%Y %H:%M", "%m/%d/%Y %H:%M", None]),
)
def test_instants_are_read_on_a_danish_clock(moment, pattern):
    moment = moment.replace(second=0, microsecond=0, fold=0)
    text = moment.strftime(pattern) if pattern else moment.isoformat()
    found = values.instant(pattern)(text)
    assert found.tzinfo is UTC
    back = local(found).replace(tzinfo=None)
    # an hour that the clock skips in spring is read as the hour after
    assert abs((back - moment).total_seconds()) <= 3600
    assert values.day(pattern)(text) == moment.date()


@given(st.text(max_size=20), st.sampled_from(["%d-%m-%Y", "%Y%m%d", "%m/%d/%y %H:%M", None]))
def test_any_text_is_a_date_or_refused(text, pattern):
    try:
        values.instant(pattern)(text)
    except Refused:
        return
    assert any(c.isdigit() for c in text)


def test_dates():
    assert values.instant("%m/%d/%y %H:%M")("12/1/09 7:45") == datetime(2009, 12, 1, 6, 45, tzinfo=UTC)
    assert values.instant(None)("2025-06-01T10:00:00+00:00") == datetime(2025, 6, 1, 10, tzinfo=UTC)
    assert values.day(None)("1/2-2025".replace("/", "-")) == date(2025, 2, 1)
    assert values.day(None)(datetime(2025, 2, 1, 23)) == date(2025, 2, 1)
    for wrong in ("19151340", "00000000", ""):
        with pytest.raises(Refused):
            values.day("%Y%m%d")(wrong)


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [("integer", "13085.0", "13085"), ("integer", 13085.0, "13085"), ("integer", "007", "7"), ("integer", "0.0", "0"),
     ("digits", "KN-12 34", "1234"), ("upper", "c12", "C12"), ("lower", "C12", "c12")],
)  # fmt: skip
@pytest.mark.parametrize("sign", [".", ","])
def test_cleaning(rule, text, expected, sign):
    assert values.cleaner(rule, sign)(text) == expected


def test_a_number_with_a_fraction_is_no_integer():
    with pytest.raises(Refused):
        values.cleaner("integer", ".")("13085.5")


@pytest.mark.parametrize(("text", "expected"), [("ja", True), ("Nej", False), ("X", True), (1.0, True), (False, False)])
def test_yes_and_no(text, expected):
    assert values.yes_no(text) is expected


def test_neither_yes_nor_no():
    with pytest.raises(Refused):
        values.yes_no("maybe")


@given(
    st.datetimes(min_value=datetime(1969, 1, 1), max_value=datetime(2068, 12, 31)),
    st.sampled_from(["%m/%d/%y %H:%M", "%d-%m-%Y", "%Y%m%d", "%d.%m.%Y  %H:%M:%S", "%y%m%d%H%M", "%Y-%m-%dT%H:%M"]),
)
def test_patterns_read_what_strptime_reads(moment, pattern):
    text = moment.strftime(pattern)
    assert values.by_pattern(pattern)(text) == datetime.strptime(text, pattern)


@given(st.text("0123456789/ :", max_size=16), st.sampled_from(["%m/%d/%y %H:%M", "%d/%m/%Y", "%H:%M"]))
def test_patterns_refuse_what_strptime_refuses(text, pattern):
    try:
        expected = datetime.strptime(text, pattern)
    except ValueError:
        with pytest.raises(ValueError):
            values.by_pattern(pattern)(text)
    else:
        assert values.by_pattern(pattern)(text) == expected
