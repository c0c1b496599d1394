"""The pages of reports: what is shown is what the file holds, and every number leads to what is behind it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import pytest

from gecko.clock import today
from gecko.db import db, transaction
from gecko.models.jobs import JobRun, JobState
from gecko.models.postings import PostingKind
from gecko.operations import ledger, prepaying, settling
from jobs import runner
from reports import REPORTS
from tests import factories
from tests.gecko.operations.dunning import making
from tests.reports import ledgers

on_sqlite = pytest.mark.parametrize("app", ["sqlite"], indirect=True)


def post(debtor_id, ore, on, due=None):
    with transaction():
        return ledger.post(debtor_id, PostingKind.INVOICE, ore, posted_on=on, due_on=due, text="x").id


def text_of(answer):
    assert answer.status_code == 200
    return answer.get_data(as_text=True).replace("\xa0", " ")


def hidden(page):
    form = page[page.index('/start"') :]
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)}


@pytest.mark.parametrize("key", list(REPORTS))
def test_what_is_shown_is_what_the_file_holds(app, client_as, key):
    made = ledgers.make()
    with transaction():
        settling.settle(made.anna_debtor, [one.posting_id for one in settling.open_of(made.anna_debtor)])
    making.remind(made.anna_debtor)
    with transaction():
        prepaying.pay_in(made.anna_debtor, 12_345)
    client = client_as("accountant", language="en")
    page = text_of(client.get(f"/reports/{key}/", query_string={"debtor": made.anna_debtor}))
    rows = int(re.search(r'data-rows="(\d+)"', page)[1])
    answer = client.post(f"/reports/{key}/start", data=hidden(page))
    assert answer.status_code == 303
    run_id = int(answer.location.rsplit("/", 1)[1])
    assert runner.execute(run_id) is JobState.DONE
    run = db.session.get(JobRun, run_id)
    assert run.result["rows"] == rows > 0
    assert f"DKK {run.result['control_ore'] / 100:,.2f}" in page.replace("-DKK ", "DKK -")


@on_sqlite
def test_the_list_names_what_one_may_look_at(app, client_as):
    page = text_of(client_as("accountant").get("/reports/"))
    assert all(f'href="/reports/{key}/"' in page for key in REPORTS)
    assert "/reports/balance-list/" not in text_of(client_as("receptionist").get("/reports/"))


@on_sqlite
def test_a_bar_a_bucket_and_a_debtor_lead_to_the_open_items(app, client_as):
    debtor_id = factories.debtor().id
    day = date(2024, 3, 1)
    for days, ore in ((0, 100), (1, 2_000), (45, 30_000)):
        post(debtor_id, ore, day - timedelta(days=days), day - timedelta(days=days))
    client = client_as("accountant", language="en")
    page = text_of(client.get("/reports/balance-list/?as_of=01-03-2024"))
    links = [unescape(link) for link in re.findall(r'href="(/reports/open-items/[^"]+)"', page)]
    for bucket, ore in ((0, 100), (1, 2_000), (2, 30_000)):
        behind = [link for link in links if f"bucket={bucket}" in link]
        assert [link for link in behind if f"debtor={debtor_id}" in link]
        assert [link for link in behind if "debtor=" not in link]
        for link in behind:
            items = text_of(client.get(link))
            assert 'data-rows="1"' in items
            assert f"DKK {ore / 100:,.2f}" in items.partition("<tfoot>")[2]


@on_sqlite
def test_todays_list_is_exported_as_of_the_day_it_was_shown(app, client_as):
    post(factories.debtor().id, 100, today())
    client = client_as("accountant")
    form = hidden(text_of(client.get("/reports/balance-list/")))
    run_id = int(client.post("/reports/balance-list/start", data=form).location.rsplit("/", 1)[1])
    assert db.session.get(JobRun, run_id).parameters["as_of"] == today().isoformat()


@on_sqlite
@pytest.mark.parametrize("typed", ["60, 30", "x", "0, 30", "1,2,3,4,5,6,7,8,9,10"])
def test_buckets_that_are_none_are_refused_in_words(app, client_as, typed):
    page = text_of(
        client_as("accountant", language="en").get("/reports/balance-list/", query_string={"buckets": typed})
    )
    assert "data-rows" not in page
    assert 'id="buckets-error"' in page


@on_sqlite
def test_who_may_look_but_not_export_gets_no_file(app, client_as):
    ledgers.make()
    client = client_as(factories.role_with("debtor.view"))
    page = text_of(client.get("/reports/balance-list/"))
    assert "data-rows" in page
    assert "/start" not in page
    assert client.post("/reports/balance-list/start", data={"token": "0" * 32}).status_code == 403
