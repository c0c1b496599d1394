"""What a list's export holds: the words that the page shows, without the page's markup."""

from __future__ import annotations

import csv
import re

import pytest

from gecko.db import transaction
from gecko.models.address_failures import Channel
from gecko.operations import address_failures, contacts, markings
from tests import factories
from tests.admin_views.test_grid_defects import finished_file


@pytest.fixture
def office(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    return factories.signed_in(sqlite_app, factories.user("office", language="en"))


def exported(client, app, endpoint, query=""):
    client.post(f"/{endpoint}/export", data={"format": "csv", "query": query, "once": endpoint + query})
    lines = finished_file(app).read_text("utf-8-sig").splitlines()
    return list(csv.DictReader(lines, delimiter=";" if ";" in lines[0] else ","))


def test_a_customers_export_holds_words_not_markup(office, sqlite_app):
    row = factories.customer(
        name="O'Hara & Søn", email="o@example.dk", mobile="+4520123456", important_note="Allergisk"
    )
    with transaction():
        address_failures.mark(Channel.EMAIL, "o@example.dk", reason="Unknown user")
        address_failures.mark(Channel.SMS, "+4520123456", reason="No such number")
        for name in ("VIP", "Ny kunde"):
            markings.put_on(row.id, markings.create({"name": name, "icon": "star", "colour": "blue"}).id, value=None)
    (line,) = exported(office, sqlite_app, "customers")
    assert line["Name"] == "O'Hara & Søn"
    assert line["E-mail"] == "o@example.dk"
    assert line["Mobile"] == "20 12 34 56"
    assert sorted(line["Markings"].split(", ")) == ["Ny kunde", "VIP"]


def test_a_contacts_export_names_the_customers(office, sqlite_app):
    ids = [factories.customer(name=name).id for name in ("Bo", "Åse & Co")]
    with transaction():
        contact = contacts.create({"name": "Ida", "mobile": "20 12 34 56"})
        for customer_id in ids:
            contacts.link(customer_id, contact.id, relation=None, principal=None)
    (line,) = exported(office, sqlite_app, "contacts")
    assert (line["Customers"], line["Mobile"]) == ("Bo, Åse & Co", "20 12 34 56")


def test_an_export_and_a_saved_view_start_at_the_top_of_the_list(office, sqlite_app):
    for n in range(60):
        factories.customer(name=f"Kunde {n:02}", city="Vejle")
    shown = office.get("/customers/").text
    place = re.search(r'rel="next" href="/customers/\?([^"]+)"', shown)[1]
    query = f"f_city=Vejle&letter=K&page=2&{place}"
    assert len(exported(office, sqlite_app, "customers", query)) == 60
    answer = office.post("/customers/views", data={"name": "Vejle", "query": query})
    assert answer.location == "/customers/?f_city=Vejle"
