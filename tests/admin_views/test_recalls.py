"""The pages of recalls: sign-up on the profile, the list of what is due, templates, settings, and the red icon."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from gecko.clock import today
from gecko.db import db, transaction
from gecko.models.jobs import JobRun
from gecko.models.messages import MessageKind, MessageState
from gecko.models.recalls import Recall, RecallState, RecallTemplate
from gecko.models.texts import MessageTemplate
from gecko.operations import settings
from tests import factories
from tests.gecko.operations.messaging import outbox
from tests.gecko.operations.recalls import office
from tests.gecko.operations.recalls.office import EMAIL, LETTER, opened, recall, run, sign_up, turn
from tests.pages import form_values


@pytest.fixture(autouse=True)
def _opened(app):
    opened()


def days_on(days):
    return (today() + timedelta(days=days)).strftime("%d-%m-%Y")


def typed(**values):
    return {
        "template_id": office.template(), "service_id": factories.service().id, "first_on": days_on(30), "every": "6",
        "unit": "month", "until_on": "", "times": "", "note": "Ring først", "once": "n1", **values,
    }  # fmt: skip


def test_a_customer_is_signed_up_once_however_often_the_form_is_sent(client_as):
    who, client = factories.customer().id, client_as("receptionist", language="en")
    assert "No sign-ups yet" in client.get(f"/customers/{who}/recalls").text
    data = typed()
    for _n in range(2):
        assert client.post(f"/customers/{who}/recalls/sign-up", data=data).status_code == 303
    [row] = db.session.scalars(select(Recall).where(Recall.customer_id == who)).all()
    assert (row.next_on, row.every, str(row.unit), row.note) == (today() + timedelta(days=30), 6, "month", "Ring først")
    shown = client.get(f"/customers/{who}/recalls").text
    assert days_on(30) in shown
    assert "every 6 months" in shown
    assert 'Recall <span class="g-count">1</span>' in shown


def test_a_booking_leads_to_a_sign_up_for_its_service(client_as):
    who, client = factories.customer().id, client_as("receptionist", language="en")
    factories.service(name="Aaa")
    second = factories.service(name="Bbb").id
    office.template()
    booking_id = factories.booking(who, service_id=second).id
    shown = client.get(f"/bookings/{booking_id}").text
    url = re.search(r'href="([^"]*)"><svg[^>]*>(?:(?!</a>).)*Sign up for recall', shown, re.DOTALL)[1]
    assert form_values(client.get(url).text, having="first_on")["service_id"] == [str(second)]
    with transaction():
        settings.put("feature.recall", False)
    assert "Sign up for recall" not in client.get(f"/bookings/{booking_id}").text


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(client_as):
    who, client = factories.customer().id, client_as("receptionist", language="en")
    for wrong in ({"first_on": days_on(-1)}, {"every": "0"}, {"until_on": days_on(1)}, {"first_on": "31-02-2027"}):
        answer = client.post(f"/customers/{who}/recalls/sign-up", data=typed(**wrong))
        assert answer.status_code == 422
        assert "Ring først" in answer.text
        assert "is-invalid" in answer.text
    assert db.session.scalar(select(Recall.id)) is None


def test_a_sign_up_is_changed_paused_and_ended_over_what_was_seen(client_as):
    who, client = factories.customer().id, client_as("receptionist", language="en")
    recall_id = sign_up(who, days=30)
    form = {name: values[0] for name, values in form_values(
        client.get(f"/customers/{who}/recalls").text, having="next_on"
    ).items()}  # fmt: skip
    saved = client.post(f"/customers/{who}/recalls/change", data={**form, "every": "3", "note": "Ny note"})
    assert saved.status_code == 303
    assert (recall(recall_id).every, recall(recall_id).note) == (3, "Ny note")
    client.post(f"/customers/{who}/recalls/change", data={**form, "note": "Over en andens"})
    assert recall(recall_id).note == "Ny note"
    for act, state in (("pause", "paused"), ("resume", "active"), ("end", "ended")):
        data = {"recall": recall_id, "row_version": recall(recall_id).row_version}
        client.post(f"/customers/{who}/recalls/{act}", data=data)
        assert recall(recall_id).state == state
    assert "Ended" in client.get(f"/customers/{who}/recalls").text


def test_a_sign_up_of_somebody_else_is_not_there(client_as):
    mine, theirs = factories.customer().id, factories.customer().id
    recall_id, client = sign_up(theirs), client_as("receptionist")
    data = {"recall": recall_id, "row_version": 1}
    assert client.post(f"/customers/{mine}/recalls/cancel", data=data).status_code == 404
    assert recall(recall_id).state == RecallState.ACTIVE


def test_the_list_shows_who_is_due_with_the_reason_and_takes_decisions(client_as):
    client = client_as("receptionist", language="en")
    silent, reached = factories.customer(name="Åse Uden Mail").id, outbox.customer(name="Bo Med Mail")
    of_silent, of_reached = sign_up(silent, EMAIL), sign_up(reached, LETTER, EMAIL)
    run()
    shown = client.get("/recalls/?f_state=due").text
    assert "Åse Uden Mail" in shown
    assert "No address" in shown
    assert "Bo Med Mail" not in shown  # without a postal address the letter gave way to the e-mail
    assert "Bo Med Mail" in client.get("/recalls/?f_state=written").text
    refused = post_bulk(client, "send", turn(of_silent).id)
    assert "Nothing was sent: No address." in refused
    outbox.change(silent, email="aase@example.dk")
    post_bulk(client, "send", turn(of_silent).id)
    assert office.messages(silent)[0].state == MessageState.QUEUED
    later = today() + timedelta(days=40)
    saved = client.post(
        f"/recalls/edit/?id={turn(of_silent).id}",
        data={"turn_on": later.strftime("%d-%m-%Y"), "row_version": turn(of_silent).row_version},
    )
    assert saved.status_code == 303
    assert (turn(of_silent).state, recall(of_silent).next_on) == ("postponed", later)
    post_bulk(client, "skip", turn(of_silent).id)
    assert (turn(of_silent).state, recall(of_silent).done) == ("skipped", 1)
    post_bulk(client, "end", turn(of_reached).id)
    assert recall(of_reached).state == RecallState.ENDED


def post_bulk(client, action, *ids):
    data = {"action": action, "ids": [str(one) for one in ids]}
    assert client.post("/recalls/bulk", data=data).status_code == 200
    answer = client.post("/recalls/bulk", data={**data, "confirmed": "1"}, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def test_letters_are_printed_together_logged_and_counted_as_sent(client_as):
    client = client_as("receptionist", language="en")
    at_home = {"address": "Nørregade 1", "postal_code": "8000", "city": "Aarhus C"}
    people = [factories.customer(name=name, **at_home).id for name in ("Åse Ærø", "Bo Berg")]
    recall_ids = [sign_up(one, LETTER) for one in people]
    nowhere = sign_up(factories.customer(name="Uden Adresse").id, LETTER)
    run()
    assert [turn(one).reason for one in (*recall_ids, nowhere)] == ["letter", "letter", "no_address"]
    shown = post_bulk(client, "letter", *(turn(one).id for one in (*recall_ids, nowhere)))
    assert "no postal address" in shown
    for one, who in zip(recall_ids, people, strict=True):
        [letter] = office.messages(who)
        assert (letter.channel, letter.state, letter.kind) == (LETTER, MessageState.SENT, MessageKind.RECALL)
        assert recall(one).service.name in letter.body
        assert (turn(one).state, turn(one).message_id, recall(one).done) == ("sent", letter.id, 1)
    url = re.search(r'href="(/recalls/letters[^"]*)">The letters as PDF', shown)[1].replace("&amp;", "&")
    chosen, of_today = client.get(url), client.get(f"/recalls/letters?on={today()}")
    assert chosen.mimetype == "application/pdf"
    assert chosen.data == of_today.data
    assert "Letters of today" in client.get("/recalls/").text
    assert client.get("/recalls/letters?on=2020-01-01").status_code == 404
    again = post_bulk(client, "letter", turn(recall_ids[0]).id)
    assert "settled by now" in again


def test_the_list_is_read_with_few_queries_and_filters_by_what_belongs_to_the_sign_up(app, client_as, queries):
    client = client_as("office")
    of_mine, service_id = office.template(LETTER), factories.service().id
    for n in range(12):
        sign_up(factories.customer(name=f"Kunde {n:02}").id, template_id=of_mine, service_id=service_id)
    alone = sign_up(factories.customer(name="Alene").id, LETTER)
    run()
    client.get("/recalls/?f_state=due")
    of_alone = recall(alone).template_id
    with queries(app) as few:
        client.get(f"/recalls/?f_template={of_alone}")
    with queries(app) as many:
        shown = client.get(f"/recalls/?f_template={of_mine}&f_service={service_id}").text
    assert "Alene" not in shown
    assert shown.count("Kunde ") >= 12
    assert len(many) <= len(few) + 1  # the name of the other filter's service


def test_somebody_who_may_starts_a_run(client_as):
    sign_up(outbox.customer())
    assert client_as("receptionist").post("/recalls/run").status_code == 403
    client = client_as("office")
    answer = client.post("/recalls/run")
    run_id = db.session.scalars(select(JobRun.id).where(JobRun.kind == "recalls.run")).one()
    assert answer.location.endswith(f"/jobs/{run_id}")
    client.post("/recalls/run")
    assert len(db.session.scalars(select(JobRun.id).where(JobRun.kind == "recalls.run")).all()) == 1


def test_templates_are_made_and_changed_with_services_and_texts(client_as):
    client = client_as("office", language="en")
    own = factories.save(MessageTemplate(name="Tandrens", channel=EMAIL, language="da", subject="Tænder", body="Kom!"))
    service_id, text_id = factories.service(name="Tandrens").id, own.id
    data = {
        "name": "Kontrol", "tolerance_days": "60", "first_channel": "letter", "second_channel": "", "third_channel":
        "email", "service_ids": [str(service_id)], "text_email_da": str(text_id), "text_email_en": "0",
    }  # fmt: skip
    assert client.post("/recall-templates/new/", data=data).status_code == 303
    row = db.session.scalars(select(RecallTemplate)).one()
    assert ([str(one) for one in row.channels], [one.id for one in row.services]) == (["letter", "email"], [service_id])
    template_id = row.id
    form = form_values(client.get(f"/recall-templates/edit/?id={template_id}").text, having="tolerance_days")
    assert form["text_email_da"] == [str(text_id)]
    twice = client.post(f"/recall-templates/edit/?id={template_id}", data={**form, "second_channel": "letter"})
    assert "Each channel stands once." in twice.text
    form["text_email_da"] = ["0"]
    assert client.post(f"/recall-templates/edit/?id={template_id}", data=form).status_code == 303
    db.session.rollback()
    assert db.session.get(RecallTemplate, template_id).texts == []
    sign_up(factories.customer().id, template_id=template_id, service_id=service_id)
    client.post("/recall-templates/delete/", data={"id": template_id, "confirmed": "1"})
    db.session.rollback()
    assert db.session.get(RecallTemplate, template_id).deleted_at is None


def test_the_settings_say_how_early_and_whether_the_icon_is_shown(client_as):
    client = client_as("office", language="en")
    form = form_values(client.get("/recall_settings/").text, having="offset_days")
    assert form["offset_days"] == ["10"]
    form["offset_days"] = ["30"]
    form.pop("show_icon", None)
    assert client.post("/recall_settings/", data=form).status_code == 303
    db.session.rollback()
    assert (settings.get("recall.offset_days"), settings.get("recall.show_icon")) == (30, False)


def test_who_has_no_active_sign_up_is_marked_with_one_query_for_a_page(app, client_as, queries):
    client = client_as("receptionist", language="en")
    without, having, rests = (factories.customer(name=f"{name} Kunde").id for name in ("A", "B", "C"))
    sign_up(having)
    office.put("pause", sign_up(rests))
    client.get("/customers/")
    with queries(app) as few:
        shown = client.get("/customers/").text
    assert marked(shown) == {without, rests}
    assert "No active recall" in client.get(f"/customers/{without}/").text
    assert "No active recall" not in client.get(f"/customers/{having}/").text
    for n in range(15):
        factories.customer(name=f"D{n} Kunde")
    with queries(app) as more:
        assert len(marked(client.get("/customers/").text)) == 17
    assert len(more) == len(few)
    with transaction():
        settings.put("recall.show_icon", False)
    assert marked(client.get("/customers/").text) == set()


def marked(shown):
    rows = re.findall(r'<tr[^>]*data-id="(\d+)".*?</tr>', shown, re.DOTALL)
    cells = re.split(r'<tr[^>]*data-id="\d+"', shown)[1:]
    return {int(one) for one, cell in zip(rows, cells, strict=True) if "g-recall-mark" in cell.split("</tr>")[0]}


def test_while_the_feature_is_off_nothing_of_it_is_there(client_as):
    who, client = factories.customer().id, client_as("office")
    with transaction():
        settings.put("feature.recall", False)
    for path in ("/recalls/", "/recall-templates/", "/recall_settings/", f"/customers/{who}/recalls"):
        assert client.get(path).status_code == 404
    assert marked(client.get("/customers/").text) == set()
    assert "/recalls" not in client.get(f"/customers/{who}/").text
