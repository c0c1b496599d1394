"""Statements of account: what they say, one debtor's file and e-mail, and many by a job."""

from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from gecko.clock import today
from gecko.db import db, transaction
from gecko.models.debtors import Debtor
from gecko.models.jobs import JobRun
from gecko.models.messages import Message, MessageKind
from gecko.operations import ledger, settling, statements
from gecko.operations.statements import Form, Wanted
from jobs import runner
from tests import factories
from tests.plans import plan
from tests.reports.letters import reader


def ago(days):
    return today() - timedelta(days=days)


@pytest.fixture
def debtor_id(app):
    """100 kr. that is forty days old and half paid, 300 kr. that is not due, and 20 kr. placed on nothing."""
    found = factories.debtor(company_name="Salon Ravn ApS").id
    old = factories.invoice(found, 10_000, document_date=ago(48))
    factories.invoice(found, 30_000, document_date=ago(1))
    owed = db.session.scalar(select(settling.DebtorPosting.id).filter_by(document_id=old.id))
    with transaction():
        paid = ledger.record_payment(found, 7_000, paid_on=ago(10))
        settling.settle(found, [owed, paid.id], amount_ore=5_000)
    return found


def statement(debtor_id, form, since=30):
    return statements.of(db.session.get_one(Debtor, debtor_id), Wanted(form, ago(since), today()))


def test_movements_lead_from_the_opening_to_the_closing_balance(app, debtor_id):
    found = statement(debtor_id, Form.ACTIVITY)
    assert (found.opening_ore, found.closing_ore) == (10_000, 33_000)
    assert [(row.ore, row.balance_ore) for row in found.rows] == [(-7_000, 3_000), (30_000, 33_000)]
    assert found.closing_ore == ledger.outstanding(debtor_id)


def test_open_items_and_their_ages_come_to_the_same_balance(app, debtor_id):
    found = statement(debtor_id, Form.OPEN)
    assert [row.ore for row in found.rows] == [5_000, -2_000, 30_000]
    assert found.rows[-1].balance_ore == found.closing_ore == 33_000
    assert [ore for _bucket, ore in found.aged] == [30_000, 0, 5_000, 0, 0]
    assert found.credits_ore == -2_000


def test_one_debtors_statement_as_a_file_in_their_language(app, debtor_id, client_as):
    client = client_as("accountant")
    asked = {"form": "activity", "since": ago(30).isoformat(), "to": today().isoformat(), "group_id": 0}
    [page] = reader.pages(client.get(f"/statements/{debtor_id}/pdf", query_string=asked).get_data())
    for words in ("Kontoudtog", "Salon Ravn ApS", "100,00", "330,00", "-70,00", "Ikke udlignet"):
        assert words in page, words
    wrong = client.get(f"/statements/{debtor_id}/pdf", query_string={**asked, "to": ago(60).isoformat()})
    assert wrong.status_code == 422


def test_an_e_mail_is_sent_once_however_often_the_form_is(app, debtor_id, client_as):
    client = client_as("accountant")
    sent = {"once": "x", "form": "open", "since": ago(30).isoformat(), "to": today().isoformat(), "group_id": 0}
    for _twice in range(2):
        assert client.post(f"/statements/{debtor_id}/mail", data=sent).status_code == 303
    message = db.session.scalars(select(Message)).one()
    assert message.attachments[0].media_type == "application/pdf"
    assert message.recipient == db.session.get_one(Debtor, debtor_id).email
    assert message.kind == MessageKind.STATEMENT


def test_who_has_no_address_gets_nothing_and_the_page_says_so(app, debtor_id, client_as):
    with transaction() as session:
        session.get_one(Debtor, debtor_id).email = None
    sent = {"once": "x", "form": "open", "since": ago(30).isoformat(), "to": today().isoformat(), "group_id": 0}
    answer = client_as("accountant").post(f"/statements/{debtor_id}/mail", data=sent, follow_redirects=True)
    assert "Beskeden blev ikke sendt" in unescape(answer.get_data(as_text=True))


def test_the_statements_of_a_batch_are_found_by_their_index(app, request):
    with request.getfixturevalue("statements")(app) as seen:
        assert statements.sent("7") == {}
    assert "ix_statement_message_batch" in plan(*seen[-1], without=("seqscan",))


def test_many_are_sent_by_a_job_that_doubles_nothing(app, debtor_id, client_as):
    other = factories.debtor(company_name="Uden Adresse A/S").id
    factories.invoice(other)
    with transaction() as session:
        session.get_one(Debtor, other).email = None
    factories.debtor(company_name="Skylder Intet ApS")
    client = client_as("accountant")
    sent = {"once": "y", "form": "open", "since": ago(30).isoformat(), "to": today().isoformat(), "group_id": 0}
    where = {client.post("/statements/start", data=sent).location for _twice in range(2)}
    run = db.session.scalars(select(JobRun).where(JobRun.kind == "statements.send")).one()
    run_id = run.id
    runner.execute(run_id)
    with transaction() as session:
        session.get_one(JobRun, run_id).state = "queued"
    runner.execute(run_id)
    assert db.session.query(Message).count() == 2
    page = unescape(client.get(where.pop()).get_data(as_text=True))
    assert not where
    for words in ("Salon Ravn ApS", "Uden Adresse A/S", "Ikke sendt"):
        assert words in page, words
    assert "Skylder Intet" not in page
