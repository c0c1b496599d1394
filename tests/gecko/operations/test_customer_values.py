"""Values of a customer as they are typed and as they are kept."""

from datetime import date, timedelta

import pytest

from gecko.clock import today
from gecko.errors import Invalid
from gecko.operations import customer_values


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("name", "  Åse \t Ørsted\x00 ", "Åse Ørsted"),
        ("name", "A\u030ase", "Åse"),
        ("city", "   ", None),
        ("email", " Ase@Example.COM ", "ase@example.com"),
        ("email", "", None),
        ("mobile", "20 12 34 56", "+4520123456"),
        ("telephone", "0046 8 123 456 78", "+46812345678"),
        ("postal_code", "dk-2100", "2100"),
        ("postal_code", "SW1A 1AA", "SW1A 1AA"),
        ("birth_date", "1990-02-28", date(1990, 2, 28)),
        ("note", "a\r\nb\x07\u202ec ", "a\nbc"),
        ("clips_left", "3", 3),
        ("gender", "", "unknown"),
    ],
)
def test_what_is_kept(field, typed, kept):
    assert customer_values.clean_one(field, typed) == kept


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", " \x00 "),
        ("name", "x" * 201),
        ("email", "ase(at)example.com"),
        ("mobile", "12"),
        ("postal_code", "21'00"),
        ("birth_date", today() + timedelta(days=1)),
        ("birth_date", "1849-01-01"),
        ("birth_date", "31-02-1990"),
        ("language", "de"),
        ("gender", "x"),
        ("clips_left", -1),
        ("note", "\ud800"),
    ],
)
def test_what_is_refused_names_the_field(field, typed):
    with pytest.raises(Invalid) as caught:
        customer_values.clean_one(field, typed)
    assert caught.value.field == field


def test_only_known_fields_can_be_written():
    with pytest.raises(TypeError):
        customer_values.clean({"password_hash": "x"})
