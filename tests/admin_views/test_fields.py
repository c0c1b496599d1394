"""Fields read and write Danish money, dates, telephone numbers and e-mail addresses, and keep what was typed."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask_babel import force_locale
from werkzeug.datastructures import MultiDict
from wtforms import Form, IntegerField
from wtforms.validators import InputRequired, Length

from admin_views.fields import DanishDateField, EmailField, MoneyField, PhoneField, parse_date


class Sample(Form):
    amount = MoneyField("Amount")
    day = DanishDateField("Day")
    phone = PhoneField("Phone")
    email = EmailField("Email")
    wanted = IntegerField("Wanted", [InputRequired()])
    short = EmailField("Short", [Length(max=5)])


def filled(**values: str) -> Sample:
    form = Sample(MultiDict({"wanted": "1", **values}))
    form.validate()
    return form


@pytest.mark.parametrize(
    ("locale", "typed", "ore", "shown"),
    [
        ("da", "1.234,50", 123450, "1.234,50"),
        ("da", "2,5", 250, "2,50"),
        ("da", " -17 kr. ", -1700, "-17,00"),
        ("en", "1,234.50", 123450, "1,234.50"),
        ("en", "DKK 2.5", 250, "2.50"),
    ],
)
def test_money_is_read_and_written_in_the_readers_language(
    sqlite_app: Flask, locale: str, typed: str, ore: int, shown: str
) -> None:
    with sqlite_app.test_request_context(), force_locale(locale):
        field = filled(amount=typed).amount
        assert (field.data, field._value(), field.errors) == (ore, shown, [])


def test_an_amount_in_the_other_languages_way_is_refused_not_guessed(sqlite_app: Flask) -> None:
    with sqlite_app.test_request_context(), force_locale("da"):
        field = filled(amount="1,234.50").amount
        assert field.data is None
        assert field.errors == ["“1,234.50” er ikke et beløb."]
        assert field._value() == "1,234.50", "what was typed stays in the box"


@pytest.mark.parametrize(
    "typed", ["22-11-2026", "22/11/2026", "22.11.2026", "22/11 2026", "22. 11. 2026", "22112026", "2026-11-22"]
)
def test_dates_are_read_in_every_usual_way(typed: str) -> None:
    assert parse_date(typed) == date(2026, 11, 22)


@pytest.mark.parametrize("typed", ["31-02-2026", "22-11-26", "11", "2026-22-11", "i går", "22-11-0026", "22--11-2026"])
def test_what_is_no_date_is_refused_in_words(sqlite_app: Flask, typed: str) -> None:
    with sqlite_app.test_request_context(), force_locale("da"):
        field = filled(day=typed).day
        assert field.data is None
        assert field.errors == [f"“{typed}” er ikke en dato. Skriv den som 31-12-2026."]
        assert field._value() == typed


@pytest.mark.parametrize("locale", ["da", "en"])
def test_dates_are_written_the_same_in_both_languages(sqlite_app: Flask, locale: str) -> None:
    with sqlite_app.test_request_context(), force_locale(locale):
        assert Sample(day=date(2026, 2, 1)).day._value() == "01-02-2026"


def test_telephone_numbers_are_kept_as_e164(sqlite_app: Flask) -> None:
    with sqlite_app.test_request_context(), force_locale("da"):
        assert filled(phone="20 12 34 56").phone.data == "+4520123456"
        assert filled(phone="0046 8 123 456 78").phone.data == "+46812345678"
        assert Sample(phone="+4520123456").phone._value() == "20 12 34 56"
        assert filled(phone="hallo").phone.errors


def test_an_empty_box_is_none(sqlite_app: Flask) -> None:
    with sqlite_app.test_request_context():
        form = filled(amount=" ", day="", phone="", email="")
        assert [form.amount.data, form.day.data, form.phone.data, form.email.data] == [None] * 4
        assert not form.errors


def test_email_addresses_are_checked_and_normalised(sqlite_app: Flask) -> None:
    with sqlite_app.test_request_context(), force_locale("da"):
        assert filled(email=" Hanne@EXAMPLE.dk ").email.data == "Hanne@example.dk"
        assert filled(email="søren@blåbærgrød.dk").email.data == "søren@blåbærgrød.dk"
        assert filled(email="hanne@").email.errors == ["“hanne@” er ikke en e-mailadresse."]


def test_wtforms_own_words_are_danish_in_every_kind_of_form(sqlite_app: Flask) -> None:
    with sqlite_app.test_request_context(), force_locale("da"):
        form = Sample(MultiDict({"short": "abc@example.dk"}))
        form.validate()
        assert form.wanted.errors == ["Feltet skal udfyldes."]
        assert form.short.errors == ["Feltet må højst være på 5 tegn."]
        assert filled(wanted="x").wanted.errors == ["Ikke et helt tal."]
    with sqlite_app.test_request_context(), force_locale("en"):
        form = Sample(MultiDict({"short": "abc@example.dk"}))
        form.validate()
        assert form.short.errors == ["Field cannot be longer than 5 characters."]
