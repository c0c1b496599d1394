"""The pages beside the queue: quality and thresholds, placeholder values, searches."""

from __future__ import annotations

import re

import pytest

from gecko.db import db, transaction
from gecko.models.customer_groups import CustomerGroup
from gecko.models.jobs import JobRun, JobState
from gecko.models.matching import MatchPlaceholder, PlaceholderState
from gecko.models.people import StaffUser
from gecko.operations import matching
from gecko.operations.duplicates import deciding, placeholders, thresholds
from jobs import runner
from tests import factories
from tests.gecko.operations.duplicates.pairs import found, open_cases, pair, people, record, reviewer


def newest():
    db.session.rollback()
    return db.session.query(JobRun).order_by(JobRun.id.desc()).first()


def hidden(page, action):
    """The hidden fields of the form with this action."""
    form = re.search(rf'<form method="post" action="{action}".*?</form>', page, re.DOTALL)[0]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def test_quality_shows_decisions_and_applies_what_was_looked_at(client_as_sqlite):
    client = client_as_sqlite("office", language="en")
    assert "No decisions yet" in client.get("/duplicates/quality/").text
    a, b = people(2)
    record(found(a, b))
    key, who = pair(a, b).id, reviewer()
    with transaction():
        deciding.different([key], principal=who)
    text = client.get("/duplicates/quality/").text
    assert "1 pair that somebody looked at" in text
    assert "more decisions are needed" in text
    assert "Apply these thresholds" not in text  # nothing is suggested, nothing was asked for
    before = thresholds.in_force()
    looked = client.get("/duplicates/quality/?sure=99.5&probable=61").text
    assert thresholds.in_force() == before
    given = hidden(looked, "/duplicates/quality/apply")
    answer = client.post("/duplicates/quality/apply", data=given)
    assert answer.status_code == 303
    now = thresholds.in_force()
    assert (now.sure, now.probable) == (0.995, 0.61)
    assert (newest().kind, answer.location) == ("duplicates.scan", f"/jobs/{newest().id}")
    runs = db.session.query(JobRun).count()
    assert client.post("/duplicates/quality/apply", data=given).status_code == 303  # looked at before it changed
    assert thresholds.in_force() == now
    assert db.session.query(JobRun).count() == runs


def test_nonsense_is_told_and_a_reviewer_applies_nothing(client_as_sqlite):
    client = client_as_sqlite("reviewer", language="en")
    assert "as percentages" in client.get("/duplicates/quality/?sure=x&probable=50").text
    assert "Apply these thresholds" not in client.get("/duplicates/quality/?sure=99&probable=61").text
    assert client.post("/duplicates/quality/apply", data={"sure": "99", "probable": "61"}).status_code == 403


@pytest.fixture
def shared(sqlite_app):
    """Two people whose only likeness is a telephone number and a date, and the number on the list."""
    values = {"name": "Anna Sofie Thorup", "mobile": "+4522334455"}
    ids = {factories.customer(**values).id, factories.customer(**values).id}
    row = MatchPlaceholder(kind="phone", value="22334455", customers=80, surnames=60)
    return ids, factories.save(row).id


def test_a_learned_value_is_judged_and_everybody_compared_anew(client_as_sqlite, shared):
    ids, placeholder_id = shared
    client = client_as_sqlite("office", language="en")
    page = client.get("/duplicates/placeholders/").text
    assert "22334455" in page
    assert "Learned" in page
    address = f"/duplicates/placeholders/{placeholder_id}/decide"
    assert client.post(address, data={"state": "confirmed", "seen": "learned"}).status_code == 303
    assert db.session.query(JobRun).count() == 0  # it counted as unknown before
    client.post(address, data={"state": "rejected", "seen": "confirmed"})
    row = db.session.get(MatchPlaceholder, placeholder_id, populate_existing=True)
    assert (row.state, row.decided_by_id is not None) == (PlaceholderState.REJECTED, True)
    assert newest().kind == "duplicates.values"
    assert runner.execute(newest().id) == JobState.DONE
    assert set(open_cases()) == {frozenset(ids)}
    stale = client.post(address, data={"state": "confirmed", "seen": "learned"}, follow_redirects=True)
    assert "Somebody else" in stale.text
    client.post(address, data={"state": "confirmed", "seen": "rejected"})
    assert runner.execute(newest().id) == JobState.DONE
    levels = [found_.levels for found_ in matching.check(min(ids))]
    assert all(one[4] == "0" for one in levels)  # the number says nothing any more


def test_values_are_added_as_the_matcher_reads_them(client_as_sqlite):
    client = client_as_sqlite("office", language="en")
    given = [
        ("phone", "+45 22 33 44 56", "22334456"),
        ("email", "Bo.Holm@Firma.dk", "bo.holm@firma.dk"),
        ("birth_date", "01-02-1970", "1970-02-01"),
    ]
    for kind, value, stored in given:
        assert client.post("/duplicates/placeholders/add", data={"kind": kind, "value": value}).status_code == 303
        assert db.session.query(MatchPlaceholder).filter_by(kind=kind, value=stored).one().state == "confirmed"
    for kind, value in (("phone", "00000000"), ("email", "no address"), ("colour", "red")):
        client.post("/duplicates/placeholders/add", data={"kind": kind, "value": value})
    assert db.session.query(MatchPlaceholder).count() == 3


def test_bearers_are_found_in_whichever_field(sqlite_app):
    a = factories.customer(telephone="+4522334455").id
    b = factories.customer(mobile="+4522334455").id
    factories.customer(mobile="+4522334456")
    assert list(placeholders.bearers("phone", "22334455")) == [[a, b]]


def test_searches_are_started_once_and_shown(client_as_sqlite):
    client = client_as_sqlite("office", language="en")
    assert "No searches yet" in client.get("/duplicates/scans/").text
    for _twice in range(2):
        assert client.post("/duplicates/scans/start", data={"scope": "whole"}).status_code == 303
    assert db.session.query(JobRun).count() == 1
    assert "Waiting" in client.get("/duplicates/scans/").text
    assert runner.execute(newest().id) == JobState.DONE
    text = client.get("/duplicates/scans/").text
    assert "Everything is up to date." in text
    assert "Pairs compared" in text
    assert client.post("/duplicates/scans/start", data={"scope": "nonsense"}).status_code == 400


def test_a_limited_user_searches_the_own_groups_only(client_as_sqlite, sqlite_app):
    mine, other = factories.primary_group().id, factories.group().id
    who = factories.user("office", is_limited=True)
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    with transaction() as session:
        session.get(StaffUser, who.id).groups = [session.get(CustomerGroup, mine)]
    client = factories.signed_in(sqlite_app, who)
    assert client.post("/duplicates/scans/start", data={"scope": "whole"}).status_code == 403
    assert client.post("/duplicates/scans/start", data={"scope": "group", "group": str(other)}).status_code == 400
    assert client.post("/duplicates/scans/start", data={"scope": "group", "group": str(mine)}).status_code == 303
