"""Newsletters in the pages: from a group or a list of customers over the dry run to what became of them."""

from html import unescape

import pytest
from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.models.campaigns import Campaign, CampaignState
from gecko.models.customer_groups import CustomerGroup
from gecko.models.customers import Customer
from gecko.models.messages import Message, MessageKind
from gecko.models.people import StaffUser
from gecko.operations import job_runs
from jobs import runner
from tests import factories, pages
from tests.gecko.operations.campaigns.mailings import awake, standing, willing

BODY = "Kære [KUNDEFORNAVN], nu er det forår."


@pytest.fixture
def client(app, client_as):
    awake()
    return client_as("office", email="kontor@example.dk")


def text(answer):
    return unescape(answer.get_data(as_text=True))


def campaign():
    db.session.rollback()
    return db.session.scalars(select(Campaign).order_by(Campaign.id.desc())).first()


def make(client, query="", **values):
    page = client.get(f"/campaigns/new/{query}").get_data(as_text=True)
    form = {name: value[0] for name, value in pages.form_values(page, having="is_marketing").items()}
    return client.post("/campaigns/new/", data={**form, "name": "Forårsnyt", **values})


def choose(client, **rows):
    """What the list of customers does with its form."""
    data = {"action": "newsletter", **rows}
    answer = client.post("/customers/bulk", data=data)
    return client.post(answer.location, data=data) if answer.status_code == 307 else answer


def say(client, body=BODY, channel="email", language="da", **values):
    path = f"/campaigns/{campaign().id}/text/{channel}/{language}"
    page = client.get(path).get_data(as_text=True)
    form = {name: value[0] for name, value in pages.form_values(page, having="seen").items()}
    form |= {"subject": "Forår", "body": body, "act": "save", **values}
    form.pop("_preview", None)
    return client.post(path, data=form)


def start(client):
    row = campaign()
    return client.post(f"/campaigns/{row.id}/start", data={"row_version": row.row_version})


def work():
    """Do every job that waits."""
    for run_id in job_runs.claimable():
        runner.execute(run_id)


def test_from_a_group_to_the_numbers(client):
    group = factories.group(name="Frisør")
    for number in range(3):
        willing(name=f"Kunde {number}", email=f"{number}@example.dk", group_id=group.id)
    factories.customer(name="Uden Samtykke", email="nej@example.dk", group_id=group.id)
    willing(name="En Anden Gruppe", email="x@example.dk")
    assert make(client, group_id=group.id).status_code == 303
    row_id = campaign().id
    assert "Gruppe: Frisør" in text(client.get(f"/campaigns/{row_id}"))
    assert say(client).status_code == 303
    dry = text(client.get(f"/campaigns/{row_id}/recipients"))
    assert ">3</strong> kunder får det" in dry
    assert "Uden Samtykke" in dry
    assert "kunden har ikke sagt ja til nyhedsbreve" in dry
    assert "En Anden Gruppe" not in dry
    assert start(client).status_code == 303
    work()
    assert standing(row_id) == {("queued", None): 3, ("suppressed", "no_consent"): 1}
    shown = text(client.get(f"/campaigns/{row_id}"))
    assert f"f_campaign_id={row_id}&f_channel=email&f_state=queued" in shown
    log = text(client.get(f"/messages/?f_campaign_id={row_id}&f_state=queued"))
    assert log.count("g-message") or "Forår" in log
    state = text(client.get(f"/campaigns/{row_id}/state"))
    assert "0 / 3" in state
    assert "Det, der venter, sendes fra:" not in state


def test_what_waits_for_its_time_says_so(client):
    willing(name="Mette Holm", email="mette@example.dk")
    make(client, group_id=factories.primary_group().id, send_at="01-12-2099 10:00")
    say(client)
    assert start(client).status_code == 303
    work()
    state = text(client.get(f"/campaigns/{campaign().id}/state"))
    assert "01-12-2099 10:00" in state.split("Det, der venter, sendes fra:")[1]


def test_a_form_sent_twice_is_one_draft(client):
    page = client.get("/campaigns/new/").get_data(as_text=True)
    form = {name: value[0] for name, value in pages.form_values(page, having="is_marketing").items()}
    wanted = {**form, "name": "Forårsnyt", "group_id": factories.primary_group().id}
    assert client.post("/campaigns/new/", data=wanted).location == client.post("/campaigns/new/", data=wanted).location
    assert db.session.scalar(select(func.count(Campaign.id))) == 1


def test_a_form_has_no_card_with_nothing_to_see(client):
    shown = client.get("/campaigns/new/").get_data(as_text=True)
    assert shown.count("g-form-grid") == 1
    assert shown.split('class="g-form-grid"')[1].count('<fieldset class="card') == 2


def test_what_the_list_of_customers_shows_or_has_ticked(client):
    anna = willing(name="Anna", email="anna@example.dk", city="Ribe")
    bo = willing(name="Bo", email="bo@example.dk", city="Ribe")
    willing(name="Carl", email="carl@example.dk", city="Vejle")
    everything = choose(client, all="1", query="f_city=Ribe")
    assert everything.status_code == 303
    assert make(client, everything.location.partition("/new/")[2]).status_code == 303
    assert campaign().audience_query == "f_city=Ribe"
    say(client)
    start(client)
    work()
    assert set(db.session.scalars(select(Message.customer_id))) == {anna, bo}
    ticked = choose(client, ids=[str(anna), str(anna)])
    assert make(client, ticked.location.partition("/new/")[2]).status_code == 303
    assert campaign().audience_ids == [anna]
    assert choose(client).location.endswith("/customers/")


def test_a_limited_user_writes_to_those_they_may_see(app, client):
    group = factories.group()
    mine = willing(email="min@example.dk")
    theirs = willing(email="deres@example.dk", group_id=group.id)
    who = factories.user("office", is_limited=True)
    with transaction() as session:
        session.get(StaffUser, who.id).groups = [factories.primary_group()]
    limited = factories.signed_in(app, who)
    assert make(limited, f"?ids={theirs}").status_code == 422
    assert make(limited, "?from_list=1&query=").status_code == 303
    say(limited)
    assert ">1</strong> kunde får det" in text(limited.get(f"/campaigns/{campaign().id}/recipients"))
    start(limited)
    work()
    assert db.session.scalars(select(Message.customer_id)).all() == [mine]


def test_the_start_is_refused_where_the_draft_changed_and_done_once(client):
    willing(email="a@example.dk")
    make(client, "?from_list=1")
    say(client)
    row = campaign()
    seen = {"row_version": row.row_version}
    say(client, body="Noget andet")
    client.post(f"/campaigns/{row.id}/start", data=seen)
    assert campaign().state == CampaignState.DRAFT
    start(client)
    start(client)
    work()
    assert standing(row.id) == {("queued", None): 1}
    assert client.get(f"/campaigns/{row.id}/text/email/da").status_code == 404


def test_pause_go_on_and_stop(client):
    willing(email="a@example.dk")
    make(client, "?from_list=1")
    say(client)
    start(client)
    row_id = campaign().id
    client.post(f"/campaigns/{row_id}/pause")
    work()  # it is written while it pauses
    assert (campaign().state, campaign().is_written) == (CampaignState.PAUSED, True)
    client.post(f"/campaigns/{row_id}/go-on")
    assert campaign().state == CampaignState.RUNNING
    client.post(f"/campaigns/{row_id}/stop")
    work()
    assert standing(row_id) == {("cancelled", "withdrawn"): 1}
    assert "Stoppet" in text(client.get(f"/campaigns/{row_id}"))


def test_two_who_write_see_each_others_text(client):
    make(client, "?from_list=1")
    say(client)
    answer = say(client, body="Min tekst", seen="0" * 16)
    assert answer.status_code == 409
    assert "Min tekst" in text(answer)
    assert BODY in text(answer)
    assert "Min tekst" not in text(client.get(f"/campaigns/{campaign().id}"))


def test_a_test_goes_to_oneself_and_belongs_to_no_campaign(client):
    make(client, "?from_list=1")
    assert "Prøven er på vej" in text(say(client, act="test"))
    assert "Skriv det mobilnummer" in text(say(client, act="test", channel="sms"))
    say(client, act="test", channel="sms", mobile="20 12 34 56")
    rows = db.session.scalars(select(Message).order_by(Message.id)).all()
    assert [(one.recipient, one.campaign_id, one.kind) for one in rows] == [
        ("kontor@example.dk", None, MessageKind.CAMPAIGN), ("+4520123456", None, MessageKind.CAMPAIGN),
    ]  # fmt: skip
    assert campaign().texts == []


def test_a_filter_that_no_longer_holds_widens_nothing(client):
    group = factories.group()
    willing(email="a@example.dk")
    assert make(client, "?from_list=1&query=f_group_id%3D987654").status_code == 422
    make(client, group_id=group.id)
    say(client)
    with transaction() as session:
        session.delete(session.get(CustomerGroup, group.id))
    start(client)
    assert "gælder ikke længere" in text(client.get(f"/campaigns/{campaign().id}/recipients"))
    work()
    assert standing(campaign().id) == {}


def test_without_the_right_there_is_nothing_of_it(app, client_as):
    receptionist = client_as("receptionist")
    assert receptionist.get("/campaigns/").status_code == 403
    assert "newsletter" not in text(receptionist.get("/customers/"))
    assert receptionist.post("/customers/bulk", data={"action": "newsletter", "all": "1"}).status_code == 403


def test_a_message_to_all_needs_its_reason(client):
    make(client, "?from_list=1")
    page = client.get("/campaigns/new/?from_list=1").get_data(as_text=True)
    form = {name: value[0] for name, value in pages.form_values(page, having="is_marketing").items()}
    form.pop("is_marketing")
    answer = client.post("/campaigns/new/", data={**form, "name": "Vi flytter"})
    assert answer.status_code == 422
    answer = client.post("/campaigns/new/", data={**form, "name": "Vi flytter", "service_reason": "Ny adresse"})
    assert answer.status_code == 303
    factories.customer(email="nej@example.dk")
    assert db.session.scalar(select(Customer.accepts_marketing_email)) is False
    say(client)
    start(client)
    work()
    assert standing(campaign().id) == {("queued", None): 1}


def test_who_is_left_out_can_be_exported(app, client):
    factories.customer(name="=Uden", email="nej@example.dk")
    make(client, "?from_list=1")
    say(client)
    answer = client.post(f"/campaigns/{campaign().id}/skipped", data={"channel": "email"})
    assert answer.status_code == 303
    work()
    with client.get(answer.location + "/file") as file:
        assert file.data.startswith(b"PK")


def test_a_writing_that_was_cancelled_is_done_when_it_goes_on(client):
    for number in range(7):
        willing(email=f"{number}@example.dk")
    make(client, "?from_list=1")
    say(client)
    start(client)
    row = campaign()
    with transaction():
        job_runs.request_cancel(row.job_run_id)
    client.post(f"/campaigns/{row.id}/pause")
    client.post(f"/campaigns/{row.id}/go-on")
    work()
    assert standing(row.id) == {("queued", None): 7}
    assert campaign().is_written
