"""The page of the bookkeeping: accounts, a look, a batch, and its file."""

import hashlib

from sqlalchemy import select

from admin_views import bookkeeping
from gecko.db import db
from gecko.models.bookkeeping import LedgerBatch
from gecko.models.jobs import JobRun, JobState
from jobs import runner
from tests import factories, pages

ACCOUNTS = dict.fromkeys(
    ("debtor", "sales", "sales_free", "vat", "bank", "reminder_fee", "interest", "compensation", "write_off"), "1000"
)


def set_up(client):
    form = pages.form_values(client.get("/bookkeeping_accounts/").get_data(as_text=True), having="seen")
    assert client.post("/bookkeeping_accounts/", data=form | ACCOUNTS).status_code == 303


def test_a_batch_is_looked_at_made_once_and_fetched(app, client_as):
    accountant = client_as("accountant")
    factories.invoice(factories.debtor().id, 125_000)
    asked = "/bookkeeping/?format=plain&ends_on=01-01-2100"
    assert "ingen konto" in accountant.get(asked).get_data(as_text=True)
    set_up(accountant)
    html = accountant.get(asked).get_data(as_text=True)
    assert "1.250,00" in html
    form = pages.form_values(html, having="once")
    for _twice in range(2):
        assert accountant.post("/bookkeeping/make", data=form).status_code == 303
    batch = db.session.scalars(select(LedgerBatch)).one()
    answer = accountant.get("/bookkeeping/1/file")
    assert hashlib.sha256(answer.data).hexdigest() == batch.sha256
    assert "bogfoering-00001-plain.csv" in answer.headers["Content-Disposition"]
    assert batch.sha256[:12] in accountant.get("/bookkeeping/").get_data(as_text=True)
    assert accountant.post("/bookkeeping/make", data=form | {"once": "another"}).status_code == 422
    assert accountant.get("/bookkeeping/2/file").status_code == 404


def test_what_was_typed_wrongly_is_said_beside_its_field(sqlite_app, client_as_sqlite):
    accountant = client_as_sqlite("accountant")
    assert "g-field-error" in accountant.get("/bookkeeping/?format=plain&ends_on=x").get_data(as_text=True)
    assert accountant.post("/bookkeeping/make", data={"format": "sie", "ends_on": "01-01-2026"}).status_code == 422
    form = pages.form_values(accountant.get("/bookkeeping_accounts/").get_data(as_text=True), having="seen")
    answer = accountant.post("/bookkeeping_accounts/", data=form | {"vat": "moms"})
    assert "højst ni cifre" in answer.get_data(as_text=True)


def test_who_is_limited_to_groups_sees_no_batch(sqlite_app):
    limited = factories.signed_in(sqlite_app, factories.user("accountant", is_limited=True))
    for path in ("/bookkeeping/", "/bookkeeping/?format=plain&ends_on=01-01-2100", "/bookkeeping/1/file"):
        assert limited.get(path).status_code == 403
    assert 'href="/bookkeeping/"' not in limited.get("/bookkeeping_accounts/").get_data(as_text=True)


def test_many_postings_are_a_job_that_a_form_sent_twice_begins_once(app, client_as, monkeypatch):
    accountant = client_as("accountant")
    set_up(accountant)
    debtor_id = factories.debtor().id
    for ore in (10_000, 20_000):
        factories.invoice(debtor_id, ore)
    monkeypatch.setattr(bookkeeping, "AT_ONCE", 1)
    html = accountant.get("/bookkeeping/?format=plain&ends_on=01-01-2100").get_data(as_text=True)
    assert "300,00" in html
    assert "Lav bundterne" in html
    form = pages.form_values(html, having="once")
    for _twice in range(2):
        assert accountant.post("/bookkeeping/make", data=form).status_code == 303
    [run_id] = db.session.scalars(select(JobRun.id)).all()
    assert "Vis jobbet" in accountant.get("/bookkeeping/").get_data(as_text=True)
    assert runner.execute(run_id) == JobState.DONE
    assert accountant.post("/bookkeeping/make", data=form).status_code == 303  # the same form once more
    assert db.session.scalars(select(LedgerBatch.postings)).all() == [2]
