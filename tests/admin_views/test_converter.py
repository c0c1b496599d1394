"""A grid's form gets our fields by the columns' types and names, and look-ups that respect the other grid's policy."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from admin_views.base import GridView
from gecko.db import db
from gecko.models.customers import Customer, Gender
from gecko.models.items import Item
from gecko.models.purchases import AdHocPurchase
from gecko.permissions import Permission
from tests import factories
from tests.admin_views import grids
from tests.conftest import Addition


class FormView(GridView):
    """Customers with one field of every kind."""

    model = Customer
    slug = "everything"
    title = "Everything"
    permission = create_permission = edit_permission = Permission.CUSTOMER_EDIT
    column_list = ("name",)
    form_columns = (
        "group_id", "name", "email", "mobile", "birth_date", "gender", "clips_left", "note", "remind_sms", "language",
    )  # fmt: skip
    form_choices = {
        "gender": [(Gender.FEMALE, "Kvinde"), (Gender.MALE, "Mand"), (Gender.UNKNOWN, "Ukendt")],
        "language": [("da", "Dansk"), ("en", "Engelsk")],
    }


class PurchaseView(GridView):
    """A record with a foreign key to one of many customers, and an amount."""

    model = AdHocPurchase
    slug = "bought"
    title = "Bought"
    permission = create_permission = edit_permission = Permission.CUSTOMER_EDIT
    column_list = ("purchased_on",)
    form_columns = ("customer_id", "purchased_on", "total_ore")
    form_lookups = {"customer_id": "people"}


def with_forms(app: Flask) -> None:
    grids.register(app, grids.PeopleView(), FormView(), PurchaseView())


@pytest.fixture(scope="module")
def addition() -> Addition:
    return with_forms


@pytest.fixture
def app(sqlite_app: Flask) -> Flask:
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    return sqlite_app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return factories.signed_in(app, factories.user("office"))


def typed(**changes: str) -> dict[str, str]:
    return {
        "group_id": str(factories.primary_group().id), "name": "  Åse Ørn ", "email": "Aase@EXAMPLE.dk",
        "mobile": "20 12 34 56", "birth_date": "3/4-1980", "gender": "female", "clips_left": "2", "note": "Hej",
        "remind_sms": "y", "language": "da", **changes,
    }  # fmt: skip


def test_every_kind_of_value_is_read_the_danish_way(client: FlaskClient) -> None:
    answer = client.post("/everything/new/", data=typed())
    assert answer.status_code == 303, answer.text
    db.session.rollback()
    row = db.session.scalars(select(Customer)).one()
    assert (row.name, row.email, row.mobile) == ("Åse Ørn", "Aase@example.dk", "+4520123456")
    assert (row.birth_date, row.gender, row.clips_left, row.note) == (date(1980, 4, 3), Gender.FEMALE, 2, "Hej")
    text = client.get(f"/everything/edit/?id={row.id}").text
    for shown in ('value="20 12 34 56"', 'value="03-04-1980"', 'selected value="female">Kvinde', "Hej</textarea>"):
        assert shown in text


def test_what_cannot_be_read_is_named_and_kept(client: FlaskClient) -> None:
    answer = client.post("/everything/new/", data=typed(birth_date="i går", email="x@"))
    assert answer.status_code == 422
    assert 'value="i går"' in answer.text
    assert "“i går” er ikke en dato." in answer.text
    assert 'aria-describedby="birth_date-error"' in answer.text
    db.session.rollback()
    assert db.session.scalar(select(Customer.id)) is None


def test_a_value_outside_the_choices_is_refused(client: FlaskClient) -> None:
    assert client.post("/everything/new/", data=typed(gender="female'")).status_code == 422
    assert client.post("/everything/new/", data=typed(group_id="999")).status_code == 422
    assert client.post("/everything/new/", data=typed(group_id="x")).status_code == 422


def test_a_look_up_takes_an_id_a_number_or_a_name(client: FlaskClient) -> None:
    one = factories.customer(name="Åse Ørn", number="K-100")
    two = factories.customer(name="Bo Ørn")
    amounts = {"purchased_on": "01-02-2026", "total_ore": "1.234,50"}
    for chosen in ({"customer_id": str(one.id)}, {"customer_id-text": "K-100"}, {"customer_id-text": "åse ør"}):
        answer = client.post("/bought/new/", data={**amounts, "customer_id": "", **chosen})
        assert answer.status_code == 303, answer.text
    db.session.rollback()
    rows = [tuple(row) for row in db.session.execute(select(AdHocPurchase.customer_id, AdHocPurchase.total_ore))]
    assert rows == [(one.id, 123450)] * 3
    several = client.post("/bought/new/", data={**amounts, "customer_id-text": "ørn"})
    assert several.status_code == 422
    assert "Flere passer på “ørn”" in several.text
    assert f'<option value="{two.id}">Bo Ørn</option>' in several.text
    nobody = client.post("/bought/new/", data={**amounts, "customer_id-text": "Zacharias"})
    assert "Ingen passer på “Zacharias”." in nobody.text


def test_a_look_up_refuses_who_the_reader_may_not_see(app: Flask) -> None:
    hidden = factories.customer(name="Skjult Person", group_id=factories.group().id)
    limited = factories.user("office", is_limited=True)
    client = factories.signed_in(app, limited)
    for chosen in (
        {"customer_id": str(hidden.id)},
        {"customer_id-text": "Skjult"},
        {"customer_id-text": str(hidden.id)},
    ):
        answer = client.post("/bought/new/", data={"purchased_on": "01-02-2026", "total_ore": "1", **chosen})
        assert answer.status_code == 422
        assert "Skjult Person" not in answer.text


def test_a_look_up_is_searched_by_script(client: FlaskClient) -> None:
    text = client.get("/bought/new/").text
    assert 'data-lookup="/people/lookup"' in text
    assert "required" in text
    one = factories.customer(name="Åse Ørn")
    assert client.get("/people/lookup?q=åse").get_json() == [{"id": str(one.id), "text": "Åse Ørn"}]


def test_money_columns_are_money(client: FlaskClient) -> None:
    assert Item.__table__.c.price_ore.type.python_type is int
    assert "g-money-unit" in client.get("/bought/new/").text
