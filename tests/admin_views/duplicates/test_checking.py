"""Find duplicates on the profile: who is alike and why, at once; compare, or call them different."""

import re

import pytest
from sqlalchemy import func, select

from gecko import clock
from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.models.duplicates import DuplicateDecision, DuplicatePair, PairState
from tests import factories

from .test_reviewing import text


@pytest.fixture
def client(app, client_as):
    return client_as("reviewer", language="en")


PART = {"HX-Target": "g-duplicates-part"}


def two():
    original = factories.person()
    original_id = original.id
    return original_id, factories.registered_again(original, address="Søndergade 9").id


def pairs():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(DuplicatePair))


def test_the_profile_leads_to_those_who_are_alike(app, client):
    one, other = two()
    assert f'href="/duplicates/check/{one}"' in client.get(f"/customers/{one}/").text
    page = client.get(f"/duplicates/check/{one}").text
    assert f'href="/customers/{other}/"' in page
    assert "Surely the same person" in page
    assert "same e-mail" in page
    assert re.search(r"\+\d+\.\d", page), "weights"
    assert pairs() == 0, "looking stores nothing"
    alone = factories.person().id
    assert "No duplicates were found" in text(client.get(f"/duplicates/check/{alone}"))


def shown_in_place(client, customer_id, **headers):
    return client.get(f"/duplicates/check/{customer_id}", headers={"HX-Request": "true", **PART, **headers})


def test_the_profile_shows_them_in_place_as_the_page_does(app, client):
    one, other = two()
    profile = client.get(f"/customers/{one}/").text
    assert 'id="g-duplicates-part"' in profile
    part = shown_in_place(client, one).text
    page = client.get(f"/duplicates/check/{one}").text
    for both in (f'href="/customers/{other}/"', "Surely the same person", "same e-mail", f'value="{other}"'):
        assert both in part, both
        assert both in page, both
    assert 'data-said="1 customer is alike"' in part
    assert "<html" in page
    assert "<html" not in part
    alone = shown_in_place(client, factories.person().id).text
    assert "Nobody is enough like this customer." in alone
    assert "No duplicates were found" in alone


def test_it_takes_as_many_queries_for_many_as_for_one(app, client, queries):
    one, _other = two()
    counts = []
    for _n in range(3):
        shown_in_place(client, one)
        with queries(app) as asked:
            assert shown_in_place(client, one).status_code == 200
        counts.append(len(asked))
        factories.registered_again(db.session.get(Customer, one), mobile=None)
    assert counts == [2] * 3, asked  # beside what the matcher asks the driver itself, see test_scans


def test_who_has_nobody_alike_is_not_read_in_place_and_not_found_once_deleted(app, client, queries):
    alone = factories.person().id
    shown_in_place(client, alone)
    with queries(app) as asked:
        assert "No duplicates were found" in shown_in_place(client, alone).text
    assert not [one for one in asked if "FROM customer" in one], asked
    with transaction():
        db.session.get(Customer, alone).deleted_at = clock.now()
    assert shown_in_place(client, alone).status_code == 404
    assert client.get(f"/duplicates/check/{alone}").status_code == 404
    assert shown_in_place(client, 987654).status_code == 404


def test_different_is_answered_in_place(app, client):
    one, other = two()
    answer = client.post(f"/duplicates/check/{one}/differ", data={"other": other}, headers=PART)
    assert answer.status_code == 200
    assert 'data-said="Remembered: they are different people."' in answer.text
    assert "Decided: different people" in answer.text
    assert "<html" not in answer.text
    assert db.session.scalars(select(DuplicatePair.state)).all() == [PairState.DIFFERENT]
    assert "Remembered" not in client.get("/").text, "nothing is left to be said"


def test_comparing_opens_a_case(app, client):
    one, other = two()
    answer = client.post(f"/duplicates/check/{one}/compare", data={"other": other})
    case_id = int(answer.location.rsplit("/", 1)[1])
    assert factories.members(case_id) == [one, other]
    again = client.post(f"/duplicates/check/{other}/compare", data={"other": one})
    assert again.location == answer.location
    assert pairs() == 1


def test_different_is_remembered_from_here_too(app, client):
    one, other = two()
    for _n in range(2):
        client.post(f"/duplicates/check/{one}/differ", data={"other": other})
    assert db.session.scalars(select(DuplicatePair.state)).all() == [PairState.DIFFERENT]
    assert db.session.scalar(select(func.count()).select_from(DuplicateDecision)) == 1
    page = client.get(f"/duplicates/check/{one}").text
    assert "Decided: different people" in page
    assert 'action="/duplicates/check/' not in page.split("Decided: different people")[1].split("compare")[1]


@pytest.mark.parametrize("other", ["", "x", "987654"])
def test_who_is_not_alike_or_not_there_is_not_found(app, client, other):
    one, stranger = factories.person().id, factories.person().id
    for act in ("compare", "differ"):
        assert client.post(f"/duplicates/check/{one}/{act}", data={"other": other}).status_code == 404
        assert client.post(f"/duplicates/check/{one}/{act}", data={"other": stranger}).status_code == 404
    assert pairs() == 0


def test_a_limited_user_finds_own_customers_only(app, client_as):
    mine, other = factories.group(), factories.group()
    original = factories.person(group_id=mine.id, name="Synlig Sand")
    one = original.id
    foreign = factories.registered_again(original, group_id=other.id, name="Hemmelig Sand").id
    client = client_as("reviewer", is_limited=True, groups=[mine], language="en")
    assert "Hemmelig" not in client.get(f"/duplicates/check/{one}").text
    assert "Hemmelig" not in shown_in_place(client, one).text
    assert shown_in_place(client, foreign).status_code == 404
    assert client.get(f"/duplicates/check/{foreign}").status_code == 404
    assert client.post(f"/duplicates/check/{one}/compare", data={"other": foreign}).status_code == 404


def test_a_case_merged_elsewhere_is_no_longer_to_be_compared(app, client, client_as):
    one, other = two()
    page = client_as("receptionist").get(f"/customers/{one}/").text
    assert "/duplicates/check/" not in page
    client.post(f"/duplicates/check/{one}/compare", data={"other": other})
    assert client_as("receptionist").get(f"/duplicates/check/{one}").status_code == 403
