"""The page of automatic settlement: what it shows is what it settles, once; much becomes a job."""

import re

import pytest

from admin_views import automatic_settlement
from gecko.db import db, transaction
from gecko.models.customer_groups import CustomerGroup
from gecko.models.jobs import JobRun, JobState
from gecko.models.people import StaffUser
from gecko.operations import debtor_links, ledger, settling
from jobs import runner
from jobs.settling import RUN
from tests import factories


@pytest.fixture
def office(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    return factories.signed_in(sqlite_app, factories.user("office"))


def debtor(owed, paid, **values):
    debtor_id = factories.debtor(**values).id
    factories.invoice(debtor_id, owed)
    with transaction():
        ledger.record_payment(debtor_id, paid)
    return debtor_id


def shown(client, **query):
    """What would be settled, by debtor, as the page says."""
    text = client.get("/settling/", query_string={"show": "1", **query}).get_data(as_text=True)
    rows = re.findall(r'name="debtor" value="(\d+)".*?<strong>([\d.,]+)</strong>', text)
    return {int(debtor_id): amount for debtor_id, amount in rows}


def open_of(debtor_id):
    db.session.rollback()
    return sorted((one.remaining_ore for one in settling.open_of(debtor_id)), reverse=True)


def test_nothing_is_listed_before_it_is_asked_for(office):
    debtor(100, 100)
    assert 'name="debtor"' not in office.get("/settling/").get_data(as_text=True)


def test_what_is_shown_is_settled_for_those_ticked_and_only_once(office):
    first, second = debtor(50_000, 20_000), debtor(100, 100)
    assert shown(office) == {first: "200,00", second: "1,00"}
    assert shown(office, zero="1") == shown(office, equal="1") == {second: "1,00"}
    for _turn in range(2):
        assert office.post("/settling/settle", data={"debtor": [first]}).status_code == 303
    assert (open_of(first), open_of(second)) == ([30_000], [100, -100])
    assert shown(office) == {second: "1,00"}


def test_ticks_outside_the_choice_and_no_ticks_settle_nothing(office):
    debtor_id = debtor(500, 100, number="77")
    for query, ticked in (("?equal=1", [debtor_id]), ("?low=78", [debtor_id]), ("", ["x"]), ("", [])):
        assert office.post(f"/settling/settle{query}", data={"debtor": ticked}).status_code == 303
    assert open_of(debtor_id) == [500, -100]


def test_pages_go_on_by_number(office, monkeypatch):
    monkeypatch.setattr(automatic_settlement, "PAGE", 2)
    ids = [debtor(100, 100, number=number) for number in ("8", "9", "10")]
    assert list(shown(office)) == ids[:2]
    assert list(shown(office, after="9")) == ids[2:]


@pytest.mark.parametrize("ticks", [True, False])
def test_much_becomes_a_job_that_settles_for_the_one_who_asked(office, monkeypatch, ticks):
    monkeypatch.setattr(automatic_settlement, "AT_ONCE", 1)
    ids = [debtor(100 + n, 100) for n in range(3)]
    data = {"debtor": ids[:2], "once": "a"} if ticks else {"all": "1", "once": "a"}
    runs = {office.post("/settling/settle?", data=data).location for _turn in range(2)}
    assert len(runs) == 1
    run = db.session.query(JobRun).where(JobRun.kind == RUN).one()
    assert runner.execute(run.id) == JobState.DONE
    assert [open_of(one) for one in ids] == [[], [1], [102, -100] if ticks else [2]]


def test_a_limited_user_settles_only_what_they_see(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    group = factories.group().id
    seen, hidden = debtor(100, 100), debtor(100, 100)
    customer = factories.customer(group_id=group).id
    with transaction():
        debtor_links.link(customer, seen)
    who = factories.user("accountant", is_limited=True)
    with transaction() as session:
        session.get(StaffUser, who.id).groups = [session.get(CustomerGroup, group)]
    client = factories.signed_in(sqlite_app, who)
    assert list(shown(client)) == [seen]
    client.post("/settling/settle", data={"debtor": [seen, hidden]})
    assert (open_of(seen), open_of(hidden)) == ([], [100, -100])
    other = debtor(100, 100)
    client.post("/settling/settle", data={"all": "1"})
    run = db.session.query(JobRun).where(JobRun.kind == RUN).one()
    assert runner.execute(run.id) == JobState.DONE
    assert (open_of(other), open_of(hidden)) == ([100, -100], [100, -100])
