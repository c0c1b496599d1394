"""The pages about payment reminders: preview, run, letters, e-mails, cancelling, disputes and the rules."""

from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from gecko.clock import today
from gecko.db import db, transaction
from gecko.models.customer_groups import CustomerGroup
from gecko.models.debtors import Debtor
from gecko.models.dunning import Dunning, DunningPaper, DunningRun, DunningState
from gecko.models.jobs import JobRun
from gecko.models.messages import Message, MessageState
from gecko.models.people import StaffUser
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.operations import ledger, settings
from gecko.operations.dunning import planning, policy, running, states
from jobs import runner
from tests import factories
from tests.reports.letters import reader


@pytest.fixture
def client(app, client_as):
    return client_as("accountant")


@pytest.fixture
def debtor_id(app):
    found = factories.debtor(company_name="Salon Ravn ApS").id
    factories.invoice(found, 50_000, document_date=today() - timedelta(days=60))
    return found


def text(answer):
    return unescape(answer.get_data(as_text=True))


def asked(**values):
    return {"stage": 1, "to_date": today().isoformat(), "group_id": 0, **values}


def made(client, **values):
    answer = client.post("/dunning_runs/start", data={"once": "enkelt", **asked(**values)})
    assert answer.status_code == 303, text(answer)
    return answer.location


def test_the_preview_says_who_is_reminded_and_who_not(client, debtor_id):
    blocked = factories.debtor(company_name="Uden Rykker A/S", reminder_block=True).id
    factories.invoice(blocked, document_date=today() - timedelta(days=60))
    page = text(client.get("/dunning_runs/", query_string=asked()))
    assert "Salon Ravn ApS" in page
    assert "600,00" in page
    assert "Uden Rykker A/S" in page
    assert "Får ingen rykkere" in page
    assert db.session.query(Dunning).count() == 0


def test_numbers_from_and_to_are_compared_as_numbers(client, debtor_id):
    other = factories.debtor(company_name="Nummer Ni", number="9").id
    factories.invoice(other, document_date=today() - timedelta(days=60))
    page = text(client.get("/dunning_runs/", query_string=asked(first_no="10", last_no="99999")))
    assert "Salon Ravn ApS" in page
    assert "Nummer Ni" not in page


def test_a_day_far_back_is_warned_about_and_one_ahead_refused(client, debtor_id):
    back = client.get("/dunning_runs/", query_string=asked(to_date=(today() - timedelta(days=30)).isoformat()))
    assert "forfalde før i dag" in text(back)
    ahead = client.get("/dunning_runs/", query_string=asked(to_date=(today() + timedelta(days=1)).isoformat()))
    assert ahead.status_code == 422
    assert "fremtiden" in text(ahead)


def test_a_form_sent_twice_makes_the_reminders_once(client, debtor_id):
    assert made(client) == made(client)
    dunning = db.session.scalars(select(Dunning)).one()
    assert ledger.outstanding(debtor_id) == 60_000
    assert db.session.query(DunningRun).count() == 1
    page = text(client.get(f"/dunning/details/?id={dunning.id}"))
    assert "Rykker 1" in page
    assert "600,00" in page


def test_who_is_ticked_to_be_left_out_gets_nothing(client, debtor_id):
    made(client, leave_out=str(debtor_id))
    assert db.session.query(Dunning).count() == 0


def test_the_letter_says_what_is_owed_and_how_to_pay_and_stays_as_it_was(client, debtor_id):
    with transaction():
        for key, value in {"name": "Klinik Nord", "bank_reg_no": "1234", "bank_account_no": "567890"}.items():
            settings.put(f"company.{key}", value)
    made(client)
    dunning_id = db.session.scalars(select(Dunning.id)).one()
    before = client.get(f"/dunning/{dunning_id}/pdf").get_data()
    [page] = reader.pages(before)
    for words in ("Klinik Nord", "Salon Ravn ApS", "Rykker nr. 1", "500,00", "100,00", "600,00", "1234", "567890"):
        assert words in page, words
    with transaction():
        settings.put("company.name", "Et andet navn")
    assert client.get(f"/dunning/{dunning_id}/pdf").get_data() == before


def test_a_damaged_letter_is_not_shown(sqlite_app, client_as_sqlite):
    dunning_id, _run = factories.reminder(factories.debtor().id)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("DROP TRIGGER gecko_immutable_dunning_paper_update")
        connection.exec_driver_sql("UPDATE dunning_paper SET content = x'00'")
        connection.commit()
    answer = client_as_sqlite("accountant").get(f"/dunning/{dunning_id}/pdf", follow_redirects=True)
    assert answer.mimetype == "text/html"
    assert "ændret uden om programmet" in text(answer)


def test_an_e_mail_carries_the_letter_and_its_state_is_the_reminders(client, debtor_id):
    where = made(client)
    for _twice in range(2):
        assert client.post(f"{where}/mail").status_code == 303
    message = db.session.scalars(select(Message)).one()
    dunning = db.session.scalars(select(Dunning)).one()
    [attached] = message.attachments
    paper = db.session.scalars(select(DunningPaper)).one()
    assert attached.content == paper.content
    assert message.customer_id is None
    assert (message.recipient, attached.filename) == (dunning.debtor.email, "rykker-1.pdf")
    assert states.of([dunning.id]) == {dunning.id: DunningState.CREATED}
    for state, expected in ((MessageState.SENT, DunningState.SENT), (MessageState.FAILED, DunningState.FAILED)):
        with transaction():
            db.session.get_one(Message, message.id).state = state
        assert states.of([dunning.id]) == {dunning.id: expected}
    assert "Ikke sendt" in text(client.get("/dunning/?f_state=failed"))
    client.post(f"/dunning/{dunning.id}/mail")
    assert db.session.query(Message).count() == 2


def test_printing_makes_one_pdf_and_counts_as_sent(client, debtor_id):
    other = factories.debtor(language="en", company_name="Harbour Ltd").id
    factories.invoice(other, document_date=today() - timedelta(days=60))
    where = made(client)
    printed = client.post(f"{where}/print")
    first, second = reader.pages(printed.get_data())
    assert printed.mimetype == "application/pdf"
    assert {"Payment reminder no. 1" in page for page in (first, second)} == {True, False}
    assert set(states.of(db.session.scalars(select(Dunning.id))).values()) == {DunningState.SENT}


def test_cancelling_needs_a_reason_and_reverses_the_fee(client, debtor_id):
    made(client)
    dunning_id = db.session.scalars(select(Dunning.id)).one()
    fee_id = db.session.scalars(select(DebtorPosting.id).where(DebtorPosting.kind == PostingKind.REMINDER_FEE)).one()
    client.post(f"/debtors/{debtor_id}/reverse", data={"posting": fee_id})
    assert ledger.outstanding(debtor_id) > 50_000
    assert client.post(f"/dunning/{dunning_id}/cancel", data={"reason": " "}).status_code == 422
    assert client.post(f"/dunning/{dunning_id}/cancel", data={"reason": "Betalt"}).status_code == 303
    assert ledger.outstanding(debtor_id) == 50_000
    assert "Annulleret" in text(client.get(f"/dunning/details/?id={dunning_id}"))
    client.post(f"/dunning/{dunning_id}/mail")
    assert db.session.query(Message).count() == 0


def test_a_disputed_claim_is_parked_and_released(client, debtor_id):
    posting_id = db.session.scalar(select(DebtorPosting.id))
    answer = client.post("/disputed_claims/", data={"posting": posting_id, "reason": "Varen var defekt"})
    assert answer.status_code == 303
    page = text(client.get("/dunning_runs/", query_string=asked()))
    assert "Omtvistet: Varen var defekt" in page
    assert "Ingen skal rykkes" in page
    listed = text(client.get("/disputed_claims/"))
    assert "Varen var defekt" in listed
    assert client.post("/disputed_claims/release", data={"id": 1}).status_code == 303
    assert "Ingen skal rykkes" not in text(client.get("/dunning_runs/", query_string=asked()))


def test_more_than_a_hundred_become_a_job(sqlite_app, client_as_sqlite, monkeypatch):
    from admin_views.dunning import making

    monkeypatch.setattr(making, "AT_ONCE", 1)
    for _debtor in range(3):
        factories.invoice(factories.debtor().id, document_date=today() - timedelta(days=60))
    client = client_as_sqlite("accountant")
    where = made(client)
    job_id = db.session.scalars(select(JobRun.id).where(JobRun.kind == "dunning.run")).one()
    assert db.session.query(Dunning).count() == 0
    runner.execute(job_id)
    assert db.session.query(Dunning).count() == 3
    assert db.session.scalars(select(JobRun)).one().result == {"reminders": 3}
    assert "Send 3 på e-mail" in text(client.get(where))


def test_who_is_limited_to_groups_goes_on_with_their_own_debtors_alone(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    group_id = factories.group().id
    seen, unseen = (factories.linked(group_id=one)[1].id for one in (group_id, factories.primary_group().id))
    for one in (seen, unseen):
        factories.invoice(one, document_date=today() - timedelta(days=60))
    with transaction():
        run_id = running.create(planning.Terms(1, today()), [seen, unseen], key="brudt").id
    who = factories.user("accountant", is_limited=True)
    with transaction() as session:
        session.get(StaffUser, who.id).groups = [session.get(CustomerGroup, group_id)]
    client = factories.signed_in(sqlite_app, who)
    assert "1 debitor i kørslen" in text(client.get(f"/dunning_runs/{run_id}"))
    assert client.post(f"/dunning_runs/{run_id}/go-on").status_code == 303
    assert db.session.scalars(select(Dunning.debtor_id)).all() == [seen]


def test_a_run_counts_its_letters_without_reading_them(client, debtor_id):
    without = factories.debtor().id
    factories.invoice(without, document_date=today() - timedelta(days=60))
    with transaction() as session:
        session.get_one(Debtor, without).email = None
    where = made(client)
    page = text(client.get(where))
    assert "Send 1 på e-mail" in page
    assert "Udskriv 2 på papir" in page
    client.post(f"{where}/mail")
    page = text(client.get(where))
    assert "på e-mail" not in page
    assert "Udskriv 1 på papir" in page


def rules(client, **values):
    page = client.get("/dunning_rules/")
    chosen = policy.Policy()
    data = {"claim_kind": "civil", "fee_ore": "100", "fees_per_claim": 3, "days_between": 10, "days_to_pay": 10}
    data |= {f"text_{n}_{code}": f"Betal [BELØB] {chosen.fee_ore}" for n in (1, 2, 3) for code in ("da", "en")}
    data["seen"] = text(page).partition('name="seen" type="hidden" value="')[2].partition('"')[0]
    return client.post("/dunning_rules/", data={**data, **values})


def test_the_rules_refuse_what_the_law_does(client):
    answer = rules(client, fee_ore="100,01")
    assert answer.status_code == 200
    assert "højst 100 kr." in text(answer)
    assert "ingen kode [FOO]" in text(rules(client, text_2_en="Pay [FOO]"))
    assert rules(client, fee_ore="75").status_code == 303
    assert policy.read().fee_ore == 7_500


def test_rates_are_entered_in_per_cent(client):
    answer = client.post("/reference-rates/new/", data={"starts_on": "01-07-2030", "percent_milli": "2,15"})
    assert answer.status_code == 303, text(answer)
    assert "2,15" in text(client.get("/reference-rates/"))
    wrong = client.post("/reference-rates/new/", data={"starts_on": "02-07-2031", "percent_milli": "2"})
    assert wrong.status_code == 422
    assert "1. januar eller 1. juli" in text(wrong)
