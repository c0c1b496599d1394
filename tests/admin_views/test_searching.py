"""The search over everything: finds by name and number, ranks, and shows nobody what their grids would not."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from admin_views import searching
from gecko.db import db, transaction
from gecko.models.bookings import Booking
from gecko.models.people import Role, RolePermission
from gecko.operations import booking_lists, settings
from gecko.permissions import Permission
from tests import factories
from tests.plans import plan


def hits(client: FlaskClient, typed: str) -> list[str]:
    text = client.get("/search/results", query_string={"q": typed}).text
    return [part.split("</span>")[0].split(" (")[0] for part in text.split('<span class="g-result-text">')[1:]]


def test_danish_letters_are_found_on_both_databases(client_as: Callable[..., FlaskClient]) -> None:
    factories.customer(name="Åse Ørn")
    factories.customer(name="Bo Ibsen")
    client = client_as("office")
    for typed in ("åse", "ÅSE", "aase", "ørn", "Åse Ørn"):
        assert "Åse Ørn" in hits(client, typed), typed
        assert "Bo Ibsen" not in hits(client, typed)


def test_the_best_stands_first(client_as: Callable[..., FlaskClient]) -> None:
    for name, number in (("Karl Jensen", None), ("Jens Karl", None), ("Anders Jens", None), ("Bo", "Jens")):
        factories.customer(name=name, number=number)
    found = hits(client_as("office"), "jens")
    assert [name for name in found if name in {"Bo", "Jens Karl", "Anders Jens", "Karl Jensen"}] == [
        "Bo", "Jens Karl", "Anders Jens", "Karl Jensen",
    ]  # fmt: skip


def test_every_kind_is_found(client_as: Callable[..., FlaskClient]) -> None:
    customer, payer = factories.linked(name="Åse Ørn")
    document = factories.invoice(payer.id, customer_id=customer.id)
    factories.item(name="Hårvask")
    client = client_as("office")
    number, company, row_id = document.number, payer.company_name, customer.id
    assert any(number in hit for hit in hits(client, number))
    assert any(company in hit for hit in hits(client, company))
    assert any("Hårvask" in hit for hit in hits(client, "hårvask"))
    assert f"/customers/{row_id}" in client.get("/search/results?q=åse").text


def test_commands_are_those_the_reader_may_use(client_as: Callable[..., FlaskClient]) -> None:
    assert "Job" in hits(client_as("office"), "")
    assert "Brugere" not in hits(client_as("office"), "brug")
    assert "Brugere" in hits(client_as("super"), "brug")
    assert "Opret kunde" in hits(client_as("office"), "opret kunde")
    assert not hits(client_as("reviewer"), "opret kunde")


def test_rights_gates_and_policy_hold(app: Flask, client_as: Callable[..., FlaskClient]) -> None:
    hidden = factories.group()
    _customer, payer = factories.linked(name="Åse Ørn", group_id=hidden.id)
    company = payer.company_name
    limited = client_as("office", is_limited=True)
    assert "Åse Ørn" not in limited.get("/search/?q=åse").text
    assert company not in hits(limited, company)
    with transaction() as session:
        session.add(Role(key=None, name="Ingenting", permissions=[RolePermission(permission=Permission.ITEM_VIEW)]))
    nobody = client_as()
    assert "Åse Ørn" not in nobody.get("/search/?q=åse").text
    everyone = client_as("office")
    assert company in hits(everyone, company)
    with transaction():
        settings.put("feature.invoices", False)
    assert company not in hits(everyone, company)


def test_nothing_found_says_so_and_hostile_text_is_harmless(client_as: Callable[..., FlaskClient]) -> None:
    client = client_as("office")
    for typed in ("zzzz", '"', "'; --", "%", "\x00", "<b>x</b>", "a" * 5000, "* OR 1", "🦎 ()"):
        answer = client.get("/search/", query_string={"q": typed})
        assert answer.status_code == (400 if "\x00" in typed else 200), typed
        assert "<b>x</b>" not in answer.text
    assert "Der blev ikke fundet noget" in client.get("/search/results?q=zzzz").text


def test_a_search_takes_few_queries(app: Flask, client_as: Callable[..., FlaskClient]) -> None:
    factories.customers([f"Jens {n}" for n in range(60)])
    client = client_as("office")
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if any(f"FROM {view.model.__tablename__}" in statement for view in views):
            seen.append(statement)

    with app.test_request_context():
        views = [view for admin in app.extensions["admin"] for view in admin._views if view.endpoint in searching.HINTS]
    event.listen(db.engine, "before_cursor_execute", note)
    found = hits(client, "jens")
    event.remove(db.engine, "before_cursor_execute", note)
    assert len([hit for hit in found if hit.startswith("Jens ")]) == 6
    assert 1 <= len(seen) <= len(searching.HINTS) + 1


def test_all_debtors_found_are_listed_also_those_who_owe_nothing(app, client_as):
    for n in range(8):
        factories.debtor(company_name=f"Nul {n} ApS")
    client = client_as("office")
    shown = client.get("/search/results?q=Nul").get_data(as_text=True)
    more = re.search(r'g-result-more[^>]*href="([^"]+)"', shown)[1].replace("&amp;", "&")
    assert client.get(more).get_data(as_text=True).count("<tr data-id=") == 8


def test_bookings_are_found_by_their_customer_and_their_number(client_as):
    customer, other = factories.customer(name="Åse Ørn"), factories.customer(name="Bo Ibsen")
    later, sooner = factories.booking(customer.id, days=3), factories.booking(customer.id, days=2)
    past, foreign = factories.booking(customer.id, days=-2), factories.booking(other.id, days=1)
    ids = [one.id for one in (sooner, later, past, foreign)]

    def found(client, typed):
        page = client.get("/search/results", query_string={"q": typed}).text
        return [int(one) for one in re.findall(r'href="/bookings/(\d+)"', page)]

    client = client_as("office")
    assert found(client, "åse") == ids[:2]
    assert found(client, str(ids[2]))[0] == ids[2]
    assert set(found(client_as("office", is_limited=True), "åse")) == set()


def test_bookings_are_found_along_indexes(app, statements):
    ids = [factories.customer(name=f"Åse {n}").id for n in range(3)]
    with statements(app) as seen:
        assert not db.session.scalars(booking_lists.found(select(Booking), ids, "7").limit(6)).all()
    way = plan(*seen[-1], without=["seqscan"])
    assert "ix_booking_customer" in way
    assert "SCAN booking" not in way.replace("SCAN booking USING INDEX", "")
