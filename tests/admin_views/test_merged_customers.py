"""Whoever looks for a customer that was merged finds the one who absorbed them; erasing asks first."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.models.documents import SaleDocument
from gecko.operations import merging
from tests import factories
from tests.admin_views.test_searching import hits
from tests.gecko.operations.importing.files import INVOICES, bring_in


@pytest.fixture
def merged(app):
    a = factories.customer(name="Anne Holm", number="42").id
    b = factories.customer(name="Anne Jensen", number="17X", email="aj@example.dk", mobile="+4520123456").id
    c = factories.customer(name="A. Holm", number="9", email="ah@example.dk").id
    with transaction():
        merging.merge(b, [c], choices={})
    with transaction():
        merging.merge(a, [b], choices={"email": a})
    return a, b, c


@pytest.mark.parametrize("typed", ["17x", "17X", "9", "aj@example.dk", "AH@example.dk", "42", "Anne H"])
def test_old_numbers_and_addresses_find_the_survivor(merged, client_as, typed):
    client = client_as("office")
    assert "Anne Holm" in hits(client, typed)
    page = client.get("/customers/", query_string={"q": typed}).text
    assert "Anne Holm" in page
    assert client.get("/customers/lookup", query_string={"q": typed}).json[0]["id"] == str(merged[0])


def test_a_number_that_led_nowhere_still_leads_nowhere(merged, client_as):
    assert client_as("office").get("/customers/lookup", query_string={"q": "17Y"}).json == []


def test_who_may_not_see_the_survivor_does_not_find_it(merged, client_as):
    group = factories.group()
    client = client_as("office", is_limited=True, groups=[group])
    assert "Anne Holm" not in hits(client, "17X")
    assert client.get(f"/customers/{merged[1]}/").status_code == 404


def test_the_old_profile_leads_to_the_new_one(merged, client_as):
    a, b, c = merged
    client = client_as("office")
    for old in (b, c):
        answer = client.get(f"/customers/{old}/log")
        assert (answer.status_code, answer.location) == (302, f"/customers/{a}/log")
    posted = client.post(f"/customers/{b}/information/delete")
    assert (posted.status_code, posted.location) == (303, f"/customers/{a}/")
    assert "flettet ind i denne" in client.get(f"/customers/{a}/").text


def test_it_cannot_be_restored_from_the_list(merged, client_as):
    client = client_as("office")
    answer = client.post("/customers/restore/", data={"id": merged[1]}, follow_redirects=True)
    assert "flettet ind i Anne Holm" in answer.text
    assert db.session.get(Customer, merged[1]).deleted_at is not None


def test_imported_invoices_are_filed_under_the_survivor(merged, tmp_path):
    head = "no,date,customer,qty,total\n"
    rows = "1,12/1/09 7:45,17X,1,10.0\n2,12/1/09 7:45,9,1,10.0\n3,12/1/09 7:45,42,1,10.0\n"
    mapping = {**INVOICES, "clean": {}}
    assert bring_in(tmp_path, head + rows, mapping)["imported"] == 3
    db.session.rollback()
    assert {*db.session.scalars(select(SaleDocument.customer_id))} == {merged[0]}
    assert len(db.session.scalars(select(Customer)).all()) == 3


@pytest.mark.parametrize("update", [False, True])
def test_imported_customers_are_the_survivor_who_keeps_its_number(merged, tmp_path, update):
    mapping = {"kind": "customers", "columns": {"number": "nr", "city": "by"}, "update": update}
    facts = bring_in(tmp_path, "nr,by\n17X,Ribe\n", mapping)
    assert (facts["imported"], facts["existing"]) == ((1, 0) if update else (0, 1))
    db.session.rollback()
    survivor = db.session.get(Customer, merged[0])
    assert (survivor.number, survivor.city) == ("42", "Ribe" if update else None)
    assert len(db.session.scalars(select(Customer)).all()) == 3


def test_a_number_of_two_merged_customers_is_refused(app, tmp_path):
    a, b, c, d = (factories.customer(name=f"K{n}", number=n).id for n in ("1", "2", "3", "3"))
    for survivor, absorbed in ((a, c), (b, d)):
        with transaction():
            merging.merge(survivor, [absorbed])
    facts = bring_in(tmp_path, "no,date,customer,qty,total\n1,12/1/09 7:45,3,1,10.0\n", INVOICES)
    assert facts["refused"] == 1
    assert "Several customers" in facts["reasons"][0]


def test_erasing_says_what_it_means_and_then_does_it(app, client_as):
    who, payer = factories.linked(name="Åse Ørn")
    customer_id = who.id
    factories.invoice(payer.id, customer_id=customer_id)
    client = client_as("office")
    url = f"/customers/{customer_id}/information/erase"
    page = client.post(url)
    assert page.status_code == 200
    assert "Slet Åse Ørn for altid?" in page.text
    assert db.session.get(Customer, customer_id).deleted_at is None
    stale = client.post(url, data={"confirmed": "1", "row_version": "99"})
    assert stale.status_code == 303
    assert db.session.get(Customer, customer_id).name == "Åse Ørn"
    db.session.rollback()
    version = db.session.get(Customer, customer_id).row_version
    assert client.post(url, data={"confirmed": "1", "row_version": version}).location == "/customers/"
    assert db.session.get(Customer, customer_id).name == "***"
    assert client.get(f"/customers/{customer_id}/").status_code == 404


@pytest.mark.parametrize(("role", "status"), [("receptionist", 403), ("reviewer", 403), ("accountant", 403)])
def test_erasing_needs_the_right_to_delete(client_as_sqlite, role, status):
    customer_id = factories.customer().id
    answer = client_as_sqlite(role).post(f"/customers/{customer_id}/information/erase", data={"confirmed": "1"})
    assert answer.status_code == status
