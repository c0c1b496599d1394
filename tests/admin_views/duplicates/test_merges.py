"""The list of merges and the way back: preview, undo, refusal; the profile of one who absorbed others."""

import re

import pytest

from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.operations.duplicates import deciding
from tests import factories

from .test_reviewing import living, text


@pytest.fixture
def client(app, client_as):
    return client_as("reviewer", language="en")


def merged(**absorbed):
    """A merge of two; the ids of survivor, absorbed and merge."""
    survivor_id = factories.customer(name="Åse Ærø", number="17").id
    absorbed_id = factories.customer(name="Aase Aeroe", number="18", email="aase@post.example", **absorbed).id
    with transaction():
        merge_id = deciding.merge(survivor_id, [absorbed_id], principal=None).id
    return survivor_id, absorbed_id, merge_id


def test_the_list_and_the_merge_say_who_what_and_when(app, client):
    assert "No merges yet" in text(client.get("/merges/"))
    survivor_id, _absorbed_id, merge_id = merged()
    page = text(client.get("/merges/"))
    assert "Åse Ærø" in page
    assert "Aase Aeroe" in page
    assert "in force" in page
    shown = text(client.get(f"/merges/{merge_id}"))
    assert "aase@post.example" in shown
    assert "(empty)" in shown
    assert f"/customers/{survivor_id}/" in client.get(f"/merges/{merge_id}").text


def test_undo_shows_its_effect_first_and_is_done_once(app, client):
    survivor_id, absorbed_id, merge_id = merged()
    with transaction() as session:
        session.get(Customer, survivor_id).email = "ny@post.example"
    preview = text(client.post(f"/merges/{merge_id}/undo"))
    assert "This goes back" in preview
    assert "E-mail was changed since the merge" in preview
    assert living(survivor_id, absorbed_id) == [True, False], "a preview changes nothing"
    done = client.post(f"/merges/{merge_id}/undo", data={"confirmed": "1"})
    assert done.location == f"/merges/{merge_id}"
    assert living(survivor_id, absorbed_id) == [True, True]
    assert "This merge was undone" in text(client.get(f"/merges/{merge_id}"))
    again = client.post(f"/merges/{merge_id}/undo", data={"confirmed": "1"})
    assert again.status_code == 303
    assert "undone" in text(client.get("/merges/"))


def test_a_refusal_comes_with_its_list(app, client):
    survivor_id, _absorbed_id, merge_id = merged()
    third_id = factories.customer(name="Aase Ærø").id
    with transaction():
        later = deciding.merge(third_id, [survivor_id], principal=None).id
    for data in ({}, {"confirmed": "1"}):
        refused = client.post(f"/merges/{merge_id}/undo", data=data)
        assert refused.status_code == 409
        assert f"Merge {later} came later" in text(refused)
    assert "undone" not in text(client.get("/merges/")).split("State")[1]


def test_the_profile_names_whom_it_absorbed_and_the_old_address_leads_there(app, client, client_as):
    survivor_id, absorbed_id, merge_id = merged()
    page = client.get(f"/customers/{survivor_id}/").get_data(as_text=True)
    assert re.search(rf'href="/merges/{merge_id}">Aase Aeroe \(18\)</a>', page)
    answer = client.get(f"/customers/{absorbed_id}/")
    assert answer.location == f"/customers/{survivor_id}/"
    assert "merged into" in text(client.get(answer.location)).lower()
    receptionist = client_as("receptionist", language="en")
    assert "/merges/" not in receptionist.get(f"/customers/{survivor_id}/").text


def test_a_limited_user_sees_merges_of_own_customers_only(app, client_as):
    mine = factories.group()
    _survivor_id, _absorbed_id, merge_id = merged()
    client = client_as("reviewer", is_limited=True, groups=[mine], language="en")
    assert "No merges yet" in text(client.get("/merges/"))
    assert client.get(f"/merges/{merge_id}").status_code == 404
    assert client.post(f"/merges/{merge_id}/undo", data={"confirmed": "1"}).status_code == 404


def test_undoing_is_a_right_of_its_own(app, client_as):
    survivor_id, absorbed_id, merge_id = merged()
    client = client_as(factories.role_with("duplicate.review", "customer.view"), language="en")
    assert "Undo …" not in client.get(f"/merges/{merge_id}").get_data(as_text=True)
    assert client.post(f"/merges/{merge_id}/undo", data={"confirmed": "1"}).status_code == 403
    assert client.post("/duplicates/undo", data={"decision_id": "1"}).status_code == 403
    assert living(survivor_id, absorbed_id) == [True, False]
    db.session.rollback()
