"""The export pages: what the preview says is what comes out, once, for those who may."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.models.jobs import JobRun, JobState
from gecko.models.postings import DebtorPosting
from gecko.operations import settings
from jobs import runner
from tests.reports import ledgers

on_sqlite = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
PAGES = ("/reports/debtor-postings/", "/reports/purchase-history/")


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the form that starts the export."""
    form = page[page.index("/start") :]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


def start(client, page: str, **filters):
    shown = client.get(page, query_string=filters).get_data(as_text=True)
    return shown, hidden(shown)


@pytest.mark.parametrize("page", PAGES)
def test_the_preview_is_what_comes_out(app, client_as, page):
    made = ledgers.make()
    client = client_as("accountant", language="en")
    shown, form = start(client, page, customer=made.anna, starts_on="01-02-2024", format="csv")
    rows = int(re.search(r'data-rows="(\d+)"', shown)[1])
    answer = client.post(page + "start", data=form)
    assert answer.status_code == 303
    run_id = int(answer.location.rsplit("/", 1)[1])
    assert runner.execute(run_id) is JobState.DONE
    run = db.session.get(JobRun, run_id)
    assert run.result["rows"] == rows > 0
    assert run.parameters["starts_on"] == "2024-02-01"
    assert run.result["file"].endswith(".csv")
    listed = client.get("/exports/").get_data(as_text=True)
    assert run.result["file"] in listed
    fetched = client.get(f"/jobs/{run_id}/file")
    assert fetched.data.startswith(b"\xef\xbb\xbf")
    assert len(fetched.data.splitlines()) == rows + 1
    fetched.close()


@on_sqlite
def test_the_control_total_is_that_of_the_ledger(app, client_as):
    ledgers.make()
    total = db.session.scalar(select(func.sum(DebtorPosting.amount_ore)))
    shown = client_as("accountant", language="en").get(PAGES[0]).get_data(as_text=True).replace("\xa0", " ")
    assert f"DKK {total / 100:,.2f}" in shown


@on_sqlite
def test_a_form_sent_twice_starts_one_job_even_after_it_ended(app, client_as):
    ledgers.make()
    client = client_as("accountant")
    _shown, form = start(client, PAGES[0])
    first = client.post(PAGES[0] + "start", data=form).location
    runner.execute(int(first.rsplit("/", 1)[1]))
    assert client.post(PAGES[0] + "start", data=form).location == first
    assert db.session.scalar(select(func.count(JobRun.id))) == 1


@on_sqlite
def test_a_period_that_ends_before_it_begins_is_refused(app, client_as):
    ledgers.make()
    client = client_as("accountant", language="en")
    wrong = {"starts_on": "02-02-2024", "ends_on": "01-02-2024"}
    assert "The period ends before it begins." in client.get(PAGES[0], query_string=wrong).get_data(as_text=True)
    _shown, form = start(client, PAGES[0])
    assert client.post(PAGES[0] + "start", data=form | wrong).status_code == 422
    assert client.post(PAGES[0] + "start", data=form | {"token": "x"}).status_code == 422
    assert client.post(PAGES[0] + "start", data=form | {"kind": "nonsense"}).status_code == 422
    assert db.session.scalar(select(func.count(JobRun.id))) == 0


@on_sqlite
@pytest.mark.parametrize("page", PAGES)
def test_only_those_who_may(app, client_as, page):
    client = client_as("receptionist")
    assert client.get(page).status_code == 403
    assert client.post(page + "start", data={}).status_code == 403


@on_sqlite
def test_closed_gates_are_not_found(app, client_as):
    client = client_as("super")
    with transaction():
        settings.put("feature.invoices", False)
    assert client.get(PAGES[0]).status_code == 404
    assert client.get(PAGES[1]).status_code == 200
    with transaction():
        settings.put("module.cash_register", False)
    assert client.get(PAGES[1]).status_code == 404


@on_sqlite
def test_forged_posts_are_refused(app, client_as):
    client = client_as("super", csrf=True)
    assert client.post(PAGES[0] + "start", data={"token": "0" * 32}).status_code == 400


@on_sqlite
def test_a_grid_links_with_its_filters(app, client_as):
    made = ledgers.make()
    client = client_as("accountant")
    link = client.get("/exports/", query_string={"report": "debtor-postings", "debtor": made.bo_debtor})
    assert link.status_code == 302
    assert link.location == f"/reports/debtor-postings/?debtor={made.bo_debtor}"
    assert 'data-rows="1"' in client.get(link.location).get_data(as_text=True)


@on_sqlite
def test_a_limited_user_sees_their_own_numbers(app, client_as):
    from gecko.models.customer_groups import CustomerGroup
    from gecko.models.people import StaffUser

    made = ledgers.make()
    client = client_as("accountant", is_limited=True)
    with transaction() as session:
        user = session.scalars(select(StaffUser)).one()
        user.groups.append(session.get(CustomerGroup, made.other_group))
    assert 'data-rows="2"' in client.get(PAGES[1]).get_data(as_text=True)
    denied = client.get(PAGES[1], query_string={"customer": made.anna}).get_data(as_text=True)
    assert "data-rows" not in denied
