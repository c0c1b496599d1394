"""The pages of marketing triggers: made, looked at, approved as it was seen, stopped."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from gecko.db import db
from gecko.gateway_settings import GatewaySettings
from gecko.models.marketing_triggers import WEEKDAYS, MarketingTrigger
from gecko.models.messages import Message
from tests import factories
from tests.gecko.operations.marketing.test_marketing import born, messages, run, template, today, trigger


@pytest.fixture
def manager(app, client_as):
    app.config["GECKO"] = replace(
        app.config["GECKO"], gateways=GatewaySettings(public_url="https://booking.example.dk")
    )
    return client_as("office", language="en")


def row(trigger_id):
    return db.session.get(MarketingTrigger, trigger_id, populate_existing=True)


def test_from_a_new_trigger_to_its_first_message(manager):
    form = {"name": "Birthday", "occasion": "birthday", "email_template_id": template(), "waiting_days": "300",
            "standby_days": "7", **dict.fromkeys(WEEKDAYS, "y")}  # fmt: skip
    assert manager.post("/marketing-triggers/new/", data=form).status_code in {302, 303}
    made = db.session.query(MarketingTrigger).one()
    trigger_id, version = made.id, made.row_version
    person = born(today(), name="Åse Ærø")
    other = born(today(), name="Bo Ib", accepts_marketing_email=False)
    page = manager.get(f"/marketing-triggers/today?id={trigger_id}").get_data(as_text=True)
    assert "Gets it: 1. Skipped: 1." in page
    assert "Åse Ærø" in page
    assert "It writes nothing before somebody approves it" in page
    run()
    assert messages(person) == []
    approval = {"id": trigger_id, "row_version": version}
    assert manager.post("/marketing-triggers/approve", data=approval).status_code == 303
    run()
    assert (len(messages(person)), messages(other)) == (1, [])
    assert "Has been written to about this occasion" in manager.get(f"/marketing-triggers/today?id={trigger_id}").text
    stopping = {"id": trigger_id, "row_version": row(trigger_id).row_version}
    assert manager.post("/marketing-triggers/stop", data=stopping).status_code == 303
    assert not row(trigger_id).is_approved
    assert str(messages(person)[0].state) == "cancelled"


def test_what_was_changed_meanwhile_is_not_approved_unseen(manager):
    trigger_id = trigger(approved=False)
    form = {"id": trigger_id, "row_version": row(trigger_id).row_version - 1}
    manager.post("/marketing-triggers/approve", data=form)
    assert not row(trigger_id).is_approved


def test_looking_and_sending_twice_change_nothing(manager):
    trigger_id = trigger(approved=False)
    form = {"id": trigger_id, "row_version": row(trigger_id).row_version}
    manager.get(f"/marketing-triggers/today?id={trigger_id}")
    assert not row(trigger_id).is_approved
    manager.post("/marketing-triggers/approve", data=form)
    at = row(trigger_id).approved_at
    manager.post("/marketing-triggers/approve", data=form)
    assert row(trigger_id).approved_at == at


def test_limited_users_have_those_of_their_groups(app, client_as):
    own, foreign = factories.group(), factories.group()
    mine = trigger(approved=False, group_id=own.id, name="Mine")
    others = [trigger(approved=False, group_id=foreign.id, name="Foreign"), trigger(approved=False, name="Everybody")]
    client = client_as("office", is_limited=True, groups=[own])
    listed = client.get("/marketing-triggers/").get_data(as_text=True)
    assert "Mine" in listed
    assert "Foreign" not in listed
    assert client.get(f"/marketing-triggers/today?id={mine}").status_code == 200
    for one in others:
        assert client.get(f"/marketing-triggers/today?id={one}").status_code == 404
        assert client.post("/marketing-triggers/approve", data={"id": one, "row_version": 1}).status_code == 404


def test_a_trial_goes_once_to_the_address_typed_and_to_no_customer(manager):
    trigger_id = trigger(approved=False)
    form = {"id": trigger_id, "channel": "email", "nonce": "a", "to": "Mig@Example.dk"}
    for _twice in range(2):
        assert manager.post("/marketing-triggers/test", data=form).status_code == 303
    [sent] = db.session.scalars(select(Message))
    assert (sent.recipient, sent.customer_id, sent.is_marketing) == ("mig@example.dk", None, False)
    assert sent.body.startswith("Tillykke Mette!")
    for wrong in ({"to": "ingen"}, {"to": ""}, {"channel": "sms", "to": "20123456"}, {"channel": "x"}):
        manager.post("/marketing-triggers/test", data=form | {"nonce": "b"} | wrong)
    assert len(db.session.scalars(select(Message)).all()) == 1
