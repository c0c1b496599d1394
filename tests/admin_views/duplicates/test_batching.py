"""Merging the sure lane in one go: only after a sample, only once, and everything stays undoable."""

import re

import pytest
from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.models.duplicates import BatchState, DuplicateBatch, DuplicateCase
from gecko.models.merges import Merge
from gecko.operations import debtor_links
from jobs import runner
from tests import factories

from .test_reviewing import text


@pytest.fixture
def client(app, client_as):
    return client_as("office", language="en")


def draw(client, size=5, **more):
    answer = client.post("/duplicates/batches/draw", data={"size": size, **more})
    return int(answer.location.rsplit("/", 1)[1]) if answer.location[-1].isdigit() else None


def judge(client, batch_id, decision):
    page = client.get(f"/duplicates/batches/{batch_id}").text
    case_id = re.search(r'name="case_id" value="(\d+)"', page)[1]
    return client.post(f"/duplicates/batches/{batch_id}/judge", data={"case_id": case_id, "decision": decision})


def state(batch_id):
    db.session.rollback()
    return db.session.get(DuplicateBatch, batch_id).state


def merges():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Merge))


def test_a_right_sample_opens_the_way_and_the_job_merges_once(app, client):
    for _n in range(6):
        factories.duplicate_case()
    batch_id = draw(client)
    for n in range(5):
        page = text(client.get(f"/duplicates/batches/{batch_id}"))
        assert "Sample: is this the same person?" in page
        assert f"{n} of 5" in page
        assert client.post(f"/duplicates/batches/{batch_id}/merge").location == "/duplicates/", (
            "not before it is looked at"
        )
        judge(client, batch_id, "same")
    assert merges() == 0
    page = client.get(f"/duplicates/batches/{batch_id}").text
    assert "Merge 6 cases" in page
    first = client.post(f"/duplicates/batches/{batch_id}/merge").location
    second = client.post(f"/duplicates/batches/{batch_id}/merge").location
    assert re.fullmatch(r"/jobs/\d+", first)
    assert second == first, "twice is once"
    runner.execute(int(first.rsplit("/", 1)[1]))
    assert merges() == 6
    assert state(batch_id) == BatchState.FINISHED
    done = text(client.get(f"/duplicates/batches/{batch_id}"))
    assert "Cases merged 6" in done
    assert "Done" in text(client.get("/duplicates/batches/"))


def test_before_the_batch_is_started_it_says_what_moves(app, client):
    case_id = factories.duplicate_case()
    kept, absorbed = factories.members(case_id)
    debtor = factories.debtor()
    for customer_id, count in ((kept, 3), (absorbed, 2)):
        with transaction():
            debtor_links.link(customer_id, debtor.id)
        for _n in range(count):
            factories.invoice(debtor.id, 100, customer_id=customer_id)
    batch_id = draw(client)
    judge(client, batch_id, "same")
    page = text(client.get(f"/duplicates/batches/{batch_id}"))
    told = page.split("What moves with those who are absorbed")[1].split("Merge 1 case")[0]
    assert "Invoices and credit notes 2" in told
    assert "Links to debtors 1" in told
    assert "Markings" not in told


def test_one_wrong_case_stops_the_batch(app, client):
    for _n in range(5):
        factories.duplicate_case()
    batch_id = draw(client)
    judge(client, batch_id, "same")
    judge(client, batch_id, "different")
    assert state(batch_id) == BatchState.FAILED
    assert "nothing is merged in one go" in text(client.get(f"/duplicates/batches/{batch_id}"))
    client.post(f"/duplicates/batches/{batch_id}/merge")
    assert merges() == 0
    still_open = select(func.count()).select_from(DuplicateCase).where(DuplicateCase.closed_at.is_(None))
    assert db.session.scalar(still_open) == 4


def test_a_sample_without_cases_or_of_a_strange_size_is_refused(app, client):
    assert draw(client) is None
    assert "There are no such cases" in text(client.get("/duplicates/"))
    factories.duplicate_case()
    for size in ("1", "9999", "x", ""):
        assert draw(client, size=size) is None
    assert db.session.scalar(select(func.count()).select_from(DuplicateBatch)) == 0


def test_a_sample_shows_what_a_batch_would_keep_and_lets_nobody_choose(app, client):
    factories.duplicate_case(address="Søndergade 9")
    batch_id = draw(client)
    page = client.get(f"/duplicates/batches/{batch_id}").text
    assert "Søndergade 9" in page
    assert 'name="choice-' not in page
    assert "Keep this one" not in page


def test_batches_are_for_those_who_may(app, client, client_as):
    factories.duplicate_case()
    batch_id = draw(client)
    reviewer = client_as("reviewer")
    for path in ("/duplicates/batches/", f"/duplicates/batches/{batch_id}"):
        assert reviewer.get(path).status_code == 403
    for act in ("judge", "merge"):
        assert reviewer.post(f"/duplicates/batches/{batch_id}/{act}", data={"decision": "same"}).status_code == 403
    assert "/duplicates/batches/" not in reviewer.get("/duplicates/").text
