"""The page of one case: what it shows, and what each decision does."""

import re

import pytest
from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.models.duplicates import DuplicateCase, DuplicateDecision, DuplicatePair, PairState, Verdict
from gecko.models.merges import Merge
from tests import factories, pages


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def form_of(client, case_id, **arguments):
    """What a browser would send, one value a name or several."""
    return pages.form_values(client.get(f"/duplicates/{case_id}", query_string=arguments).text, having="survivor")


def decide(client, case_id, decision, sent=None, **more):
    data = {**(sent or form_of(client, case_id)), "decision": decision, **more}
    return client.post(f"/duplicates/{case_id}/decide", data=data)


def living(*ids):
    db.session.rollback()
    return [db.session.get(Customer, one).deleted_at is None for one in ids]


def state_of_pairs():
    db.session.rollback()
    return set(db.session.scalars(select(DuplicatePair.state)))


def merges():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Merge))


@pytest.fixture
def client(app, client_as):
    return client_as("reviewer", language="en")


def test_the_page_says_what_differs_why_and_what_would_move(app, client):
    case_id = factories.duplicate_case(address="Søndergade 9", note="Kommer med hund")
    first = factories.members(case_id)[0]
    with transaction() as session:
        session.get(Customer, first).note = "Betaler kontant"
    shown = client.get(f"/duplicates/{case_id}")
    page = shown.get_data(as_text=True)
    assert shown.status_code == 200
    assert "Surely the same person" in page
    assert "Søndergade 9" in page
    assert page.count("is-different") >= 2
    assert "Betaler kontant\n\nKommer med hund" in page
    assert "Two of one household" in page
    assert re.search(r"[+−]\d+\.\d", page), "weights"
    assert "What a merge moves" in page


def test_a_merge_takes_the_chosen_values_and_goes_on_to_the_next_case(app, client):
    one, two = factories.duplicate_case(address="Søndergade 9"), factories.duplicate_case()
    sent = form_of(client, one)
    survivor = int(sent["survivor"][0])
    other = next(member for member in factories.members(one) if member != survivor)
    chosen = {"choice-address": str(other)}
    answer = decide(client, one, "merge", {**sent, **chosen})
    assert answer.status_code == 303
    assert answer.location == f"/duplicates/{two}"
    assert living(survivor, other) == [True, False]
    addresses = {survivor: "address", other: "address"}
    wanted = {one: getattr(db.session.get(Customer, one), column) for one, column in addresses.items()}
    assert wanted[survivor] == wanted[other]
    decision = db.session.scalars(select(DuplicateDecision)).one()
    assert (decision.verdict, decision.seconds is not None) == (Verdict.SAME, True)


def test_different_is_remembered_and_undone(app, client):
    case_id = factories.duplicate_case()
    answer = decide(client, case_id, "different")
    assert answer.location == "/duplicates/"
    assert state_of_pairs() == {PairState.DIFFERENT}
    decision_id = db.session.scalars(select(DuplicateDecision.id)).one()
    again = client.post("/duplicates/undo", data={"decision_id": decision_id})
    assert again.location == f"/duplicates/{case_id}"
    assert state_of_pairs() == {PairState.OPEN}


def test_later_changes_nothing_but_the_order(app, client):
    one, two = factories.duplicate_case(), factories.duplicate_case()
    first = client.get("/duplicates/start").location
    here, there = (one, two) if first.endswith(f"/{one}") else (two, one)
    assert decide(client, here, "later").location == f"/duplicates/{there}"
    assert client.get("/duplicates/start").location == f"/duplicates/{there}"
    assert state_of_pairs() == {PairState.OPEN}
    assert merges() == 0


def test_undo_of_a_merge_brings_the_case_back(app, client):
    case_id = factories.duplicate_case()
    people = factories.members(case_id)
    decide(client, case_id, "merge")
    assert sorted(living(*people)) == [False, True]
    page = client.get("/duplicates/history").get_data(as_text=True)
    assert "One person" in page
    decision_id = db.session.scalars(select(DuplicateDecision.id)).one()
    answer = client.post("/duplicates/undo", data={"decision_id": decision_id})
    assert living(*people) == [True, True]
    reopened = int(answer.location.rsplit("/", 1)[1])
    assert set(factories.members(reopened)) == set(people)


def test_a_double_submit_merges_once_and_says_nothing_wrong(app, client):
    case_id = factories.duplicate_case()
    sent = form_of(client, case_id)
    first, second = decide(client, case_id, "merge", sent), decide(client, case_id, "merge", sent)
    assert (first.status_code, second.status_code) == (303, 303)
    assert merges() == 1
    one_more = factories.duplicate_case()
    sent = form_of(client, one_more)
    assert [decide(client, one_more, "different", sent).status_code for _n in range(2)] == [303, 303]


@pytest.mark.parametrize("decision", ["merge", "different"])
def test_who_changed_meanwhile_is_shown_again_with_what_was_chosen(app, client, decision):
    case_id = factories.duplicate_case(address="Søndergade 9")
    sent = form_of(client, case_id)
    survivor = int(sent["survivor"][0])
    other = next(member for member in factories.members(case_id) if member != survivor)
    with transaction() as session:
        session.get(Customer, other).note = "Ny oplysning"
    answer = decide(client, case_id, decision, {**sent, "choice-address": str(other)})
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "Nothing was done" in page
    assert "Ny oplysning" in page
    kept = pages.form_values(page, having="survivor")
    assert kept["choice-address"] == [str(other)]
    assert merges() == 0
    assert state_of_pairs() == {PairState.OPEN}


@pytest.mark.parametrize("decision", ["merge", "different"])
def test_a_case_that_a_colleague_decided_meanwhile_leads_on(app, client, client_as, decision):
    case_id, following = factories.duplicate_case(), factories.duplicate_case()
    sent = form_of(client, case_id)
    colleague = client_as("reviewer")
    assert decide(colleague, case_id, "different").status_code == 303
    answer = decide(client, case_id, decision, sent)
    assert answer.location == f"/duplicates/{following}"
    assert "Nothing was done" in text(client.get(answer.location))
    assert merges() == 0


def test_a_cluster_can_leave_one_out_who_stays_in_the_queue(app, client):
    case_id = factories.duplicate_case(times=2)
    people = factories.members(case_id)
    out = people[-1]
    sent = form_of(client, case_id, survivor=people[0], out=out)
    assert sent["out"] == [str(out)]
    assert sorted(map(int, sent["member"])) == people[:-1]
    answer = decide(client, case_id, "merge", sent)
    assert living(*people) == [True, False, True]
    again = int(answer.location.rsplit("/", 1)[1])
    assert set(factories.members(again)) == {people[0], out}


def test_another_survivor_is_a_link(app, client):
    case_id = factories.duplicate_case()
    people = factories.members(case_id)
    for survivor in people:
        assert form_of(client, case_id, survivor=survivor)["survivor"] == [str(survivor)]
    part = client.get(f"/duplicates/{case_id}?survivor={people[1]}", headers={"HX-Target": "g-case"}).text
    assert part.lstrip().startswith("<div id=")


def test_two_debtors_ask_first(app, client):
    original, _payer = factories.linked(name="Åse Ærø", email="aase@post.example", mobile="+4520123456")
    original_id = original.id
    other, _payer = factories.linked(name="Åse Ærø", email="aase@post.example", mobile="+4520123456")
    case_id = factories.found_case(other.id)
    page = client.get(f"/duplicates/{case_id}").get_data(as_text=True)
    options = re.findall(r'name="answer-debtor" value="(\d+)"', page)
    assert len(options) == 2
    assert decide(client, case_id, "merge").status_code == 422
    assert merges() == 0
    assert decide(client, case_id, "merge", **{"answer-debtor": options[1]}).status_code == 303
    assert sum(living(original_id, other.id)) == 1


def test_without_the_right_to_merge_one_may_only_part_and_put_off(app, client_as):
    case_id = factories.duplicate_case()
    client = client_as(factories.role_with("duplicate.review", "customer.view"), language="en")
    page = client.get(f"/duplicates/{case_id}").get_data(as_text=True)
    assert "Yes, merge" not in page
    assert decide(client, case_id, "merge").status_code == 403
    assert decide(client, case_id, "later").status_code == 303


def test_a_limited_user_meets_no_case_with_a_foreign_customer(app, client_as):
    mine, other = factories.group(), factories.group()
    own = factories.person(group_id=mine.id)
    factories.registered_again(own, group_id=other.id)
    case_id = factories.found_case(own.id)
    client = client_as("reviewer", is_limited=True, groups=[mine], language="en")
    assert client.get(f"/duplicates/{case_id}").status_code == 404
    for path in (f"/duplicates/{case_id}/decide", f"/duplicates/{case_id}/take", f"/duplicates/{case_id}/give"):
        assert client.post(path, data={"decision": "later"}).status_code == 404
    assert f"/duplicates/{case_id}" not in client.get("/duplicates/").get_data(as_text=True)
    assert client.get("/duplicates/start").location == "/duplicates/"


def test_filters_travel_from_case_to_case(app, client):
    one, two = factories.duplicate_case(), factories.duplicate_case()
    answer = client.get("/duplicates/start?lane=sure&minimum=90&who=nobody")
    assert answer.location.endswith("?lane=sure&minimum=90&who=nobody")
    here = one if f"/{one}?" in answer.location else two
    sent = form_of(client, here, lane="sure", minimum="90", who="nobody")
    following = client.post(
        f"/duplicates/{here}/decide?lane=sure&minimum=90&who=nobody", data={**sent, "decision": "later"}
    )
    assert following.location == f"/duplicates/{two if here == one else one}?lane=sure&minimum=90&who=nobody"


def test_few_queries_a_case(app, client, queries):
    case_id = factories.duplicate_case(times=3)
    client.get(f"/duplicates/{case_id}")
    with queries(app) as seen:
        assert client.get(f"/duplicates/{case_id}").status_code == 200
    assert len([one for one in seen if one.startswith("SELECT")]) <= 40, seen
    assert db.session.scalar(select(func.count()).select_from(DuplicateCase)) == 1
