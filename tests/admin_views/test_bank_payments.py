"""Payments from the bank in the browser: a file is read, suggestions are accepted, taken back, set aside."""

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy import text as sql

from gecko import fik
from gecko.clock import today
from gecko.db import db, transaction
from gecko.models.bank import BankAccount, BankDecision, BankEntry, BankFile, EntryState
from gecko.models.postings import DebtorPosting
from gecko.operations import ledger, periods, settling
from gecko.operations.bank import accounts
from gecko.operations.checking import bank as checking_bank
from jobs.chaos.tampering import unguarded
from tests import factories
from tests.gecko.operations.bank import files

DAY = today().isoformat()


@pytest.fixture
def office(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    with transaction():
        values = {"name": "Drift", "registration_no": files.REGISTRATION, "account_no": files.NUMBER}
        accounts.create(values)
    return factories.signed_in(sqlite_app, factories.user("office"))


def text(answer):
    return answer.get_data(as_text=True)


def send(client, content, name="konto.xml"):
    account_id = db.session.scalar(select(BankAccount.id))
    data = {"account": account_id, "file": (io.BytesIO(content.encode()), name)}
    return client.post("/bank-payments/upload", data=data)


def invoiced(ore):
    """A debtor's id, an invoice's posting, and the reference that pays it."""
    document = factories.invoice(factories.debtor(company_name="Ærø Blomster ApS").id, ore)
    posting = db.session.scalars(select(DebtorPosting).where(DebtorPosting.document_id == document.id)).one()
    return posting.debtor_id, posting.id, fik.reference(int(document.number))


def one_entry(client, ore, **details):
    assert send(client, files.camt(files.entry(ore, files.transaction(**details), day=DAY))).status_code == 303
    return db.session.scalars(select(BankEntry.id)).one()


def fields(html, entry_id):
    """The hidden fields of the button that accepts a suggestion."""
    form = re.search(rf'<form method="post" action="/bank-payments/{entry_id}/accept">(.*?)</form>', html, re.S)[1]
    return {name: value for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form) if name != "csrf_token"}


def test_a_file_is_read_and_its_suggestion_accepted_with_one_click_once(office):
    debtor_id, posting_id, reference = invoiced(12_500)
    entry_id = one_entry(office, 12_500, reference=reference, name="Ærø Blomster")
    page = text(office.get("/bank-payments/?f_state=open"))
    for shown in ("Ærø Blomster ApS", "Sikker", "125,00", "FIK-referencen"):
        assert shown in page
    button = fields(page, entry_id)
    assert (button["debtor"], button["posting"]) == (str(debtor_id), str(posting_id))
    for _turn in range(2):
        answer = office.post(f"/bank-payments/{entry_id}/accept", data=button)
        assert (answer.status_code, answer.location) == (303, "/bank-payments/?f_state=open")
    assert ledger.outstanding(debtor_id) == 0
    assert "Ærø Blomster ApS" in text(office.get(f"/bank-payments/details/?id={entry_id}"))
    assert len(db.session.scalars(select(BankDecision)).all()) == 1
    assert "Accept" not in text(office.get(f"/bank-payments/{entry_id}/accept"))


def test_what_somebody_else_decided_meanwhile_is_said(office):
    debtor_id, _posting_id, reference = invoiced(12_500)
    entry_id = one_entry(office, 12_500, reference=reference)
    button = fields(text(office.get("/bank-payments/?f_state=open")), entry_id)
    office.post(f"/bank-payments/{entry_id}/ignore", data={"reason": "Ikke os", "once": "x"})
    office.post(f"/bank-payments/{entry_id}/accept", data=button)
    assert "En anden har i mellemtiden taget stilling" in text(office.get("/bank-payments/"))
    assert ledger.outstanding(debtor_id) == 12_500


def test_another_debtor_is_chosen_and_its_postings_ticked_and_all_taken_back(office):
    debtor_id, posting_id, _reference = invoiced(12_500)
    entry_id = one_entry(office, 20_000, text="Tak")
    page = text(office.get(f"/bank-payments/details/?id={entry_id}&debtor={debtor_id}"))
    assert f'name="posting" value="{posting_id}"' in page
    form = {"debtor": debtor_id, "posting": posting_id, "once": "a"}
    assert office.post(f"/bank-payments/{entry_id}/accept", data=form).status_code == 303
    assert ledger.outstanding(debtor_id) == -7_500
    for _turn in range(2):
        assert office.post(f"/bank-payments/{entry_id}/reopen", data={"once": "b"}).status_code == 303
    assert ledger.outstanding(debtor_id) == 12_500
    assert db.session.get(BankEntry, entry_id).state == EntryState.OPEN


def test_setting_aside_needs_a_reason(office):
    entry_id = one_entry(office, 500)
    office.post(f"/bank-payments/{entry_id}/ignore", data={"reason": ""})
    assert db.session.get(BankEntry, entry_id).state == EntryState.OPEN
    db.session.rollback()
    office.post(f"/bank-payments/{entry_id}/ignore", data={"reason": "Renter af kontoen"})
    assert "Renter af kontoen" in text(office.get(f"/bank-payments/details/?id={entry_id}"))


def test_everything_that_is_sure_is_accepted_at_once(office):
    sure, other = invoiced(12_500), invoiced(900)
    rows = [files.entry(12_500, files.transaction(reference=sure[2]), day=DAY), files.entry(901, day=DAY)]
    send(office, files.camt(*rows))
    data = {"action": "accept", "all": "1", "query": "f_state=open", "confirmed": "1"}
    assert office.post("/bank-payments/bulk", data=data).status_code == 303
    assert (ledger.outstanding(sure[0]), ledger.outstanding(other[0])) == (0, 900)


CSV = f'"Dag";"Hvad";"Kroner"\n"{today():%d-%m-%Y}";"Faktura";"125,00"\n"i går";"Te";"1,00"\n'


def test_the_columns_of_a_csv_file_are_asked_for_once(office):
    asked = send(office, CSV, "konto.csv")
    page = text(office.get(asked.location))
    assert "Hvad" in page
    assert "Hvad" in text(office.post(asked.location, data={"date": "Dag", "text": "Hvad"}))
    assert db.session.scalar(select(BankFile.id)) is None
    read = office.post(asked.location, data={"date": "Dag", "text": "Hvad", "amount": "Kroner", "decimal": ","})
    assert read.location == "/bank-payments/files"  # a row was refused: it says which and why
    assert "Række 3: “i går” er ikke en dato" in text(office.get(read.location))
    assert db.session.scalar(select(BankEntry.amount_ore)) == 12_500
    assert send(office, CSV.replace("Te", "Kaffe"), "mere.csv").location == "/bank-payments/files"  # not asked again
    assert len(db.session.scalars(select(BankFile)).all()) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<Document/>", "camt.053"),
        ("<", "XML"),
        (files.camt(files.entry(100), iban="DK5099990000000001"), "anden konto"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(office, content, said):
    assert send(office, content).status_code == 303
    assert said in text(office.get("/bank-payments/"))
    assert db.session.scalar(select(BankFile.id)) is None


def test_the_same_file_is_not_read_twice(office):
    for _turn in range(2):
        send(office, files.camt(files.entry(500, day=DAY)))
    assert "Filen er indlæst før" in text(office.get("/bank-payments/"))
    assert len(db.session.scalars(select(BankEntry)).all()) == 1


def test_nobody_reads_the_columns_of_anothers_file(sqlite_app, office):
    asked = send(office, CSV, "konto.csv")
    other = factories.signed_in(sqlite_app, factories.user("office"))
    assert other.get(asked.location).status_code == 404


def test_a_bank_account_is_not_for_users_who_see_some_customers_only(sqlite_app, office):
    entry_id = one_entry(office, 500)
    limited = factories.signed_in(sqlite_app, factories.user("office", is_limited=True))
    for path in ("/bank-payments/", f"/bank-payments/details/?id={entry_id}", "/bank-payments/files"):
        assert limited.get(path).status_code == 403, path
    assert limited.post(f"/bank-payments/{entry_id}/ignore", data={"reason": "x"}).status_code == 403
    assert "/bank-payments/" not in text(limited.get("/"))


def test_a_payment_of_a_closed_day_is_posted_on_the_first_open_one(office):
    _debtor_id, posting_id, reference = invoiced(12_500)
    other_id = factories.debtor().id
    other = factories.invoice(other_id, 9_000)
    ticked = db.session.scalars(select(DebtorPosting.id).where(DebtorPosting.document_id == other.id)).one()
    entry_id = one_entry(office, 12_500, reference=reference)
    day, first_open = today() - timedelta(days=9), today() - timedelta(days=4)
    with unguarded() as connection:
        connection.execute(sql("UPDATE bank_entry SET booked_on = :day"), {"day": day})
    early = fields(text(office.get("/bank-payments/")), entry_id)
    with transaction():
        periods.close(first_open - timedelta(days=1), reason="Slut", seen=0)
    answer = office.post(f"/bank-payments/{entry_id}/accept", data=early | {"debtor": other_id, "posting": ticked})
    html = text(office.get(answer.headers["Location"]))  # what was chosen is still there, and the day is offered
    assert f'value="{first_open:%d-%m-%Y}"' in html
    assert re.search(rf'value="{ticked}" id="p{ticked}" checked', html)
    assert "Den første åbne dag er" in html
    for wrong in ("i går", f"{day - timedelta(days=1):%d-%m-%Y}"):
        office.post(f"/bank-payments/{entry_id}/accept", data=early | {"on": wrong})
        assert db.session.get(BankEntry, entry_id, populate_existing=True).state == EntryState.OPEN
    offered = fields(text(office.get("/bank-payments/")), entry_id)
    assert offered["on"] == f"{first_open:%d-%m-%Y}"
    assert office.post(f"/bank-payments/{entry_id}/accept", data=offered).status_code == 303
    payment = db.session.scalars(select(DebtorPosting).where(DebtorPosting.kind == "payment")).one()
    assert payment.posted_on == first_open
    assert settling.remaining([posting_id]) == {posting_id: 0}
    assert checking_bank.entries().problems == []
