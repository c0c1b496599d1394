"""The page Needs a decision: what nobody knows of, and how the channels fare."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from admin_views import badges
from gecko.clock import now
from gecko.db import db, transaction
from gecko.models.audit import AuditEntry
from gecko.models.customer_groups import CustomerGroup
from gecko.models.messages import ChannelState, Message, MessageChannel, MessageState
from gecko.models.people import StaffUser
from gecko.operations.messaging import channels
from tests import factories
from tests.admin_views.test_messages import put, row, unknown

URL = "/message_decisions/"


@pytest.fixture(autouse=True)
def _nothing_is_remembered(monkeypatch):
    monkeypatch.setattr(badges, "_counted", {})


def page(client):
    return client.get(URL).get_data(as_text=True)


def in_menu(client, path="/messages/"):
    found = re.search(r'href="/message_decisions/"[^>]*>.*?</a>', client.get(path).get_data(as_text=True), re.DOTALL)
    count = re.search(r'g-count g-wide">(\d+)', found[0])
    return int(count[1]) if count else 0


def test_what_is_known_stands_beside_the_buttons_and_the_menu_counts(app, client_as):
    client = client_as("office")
    assert "Intet at afgøre" in page(client)
    customer_id = factories.customer(name="Mette", email="mette@example.dk").id
    first = factories.message(customer_id=customer_id, subject="Velkommen")
    unknown(first)
    factories.message(customer_id=customer_id, subject="Venter bare")
    shown = page(client)
    assert "Velkommen" in shown
    assert "Venter bare" not in shown
    assert "no answer after the final dot" in shown
    assert f'action="/messages/{first}/again"' in shown
    assert f'action="/messages/{first}/taken"' in shown
    assert f"/customers/{customer_id}/messages" in shown
    assert in_menu(client, URL) == 1
    answer = client.post(f"/messages/{first}/taken", data={"url": URL})
    assert answer.location == URL
    assert in_menu(client, URL) == 0


def test_the_same_decision_twice_says_so_and_changes_nothing(app, client_as):
    client = client_as("office")
    message_id = factories.message(recipient="a@example.dk")
    unknown(message_id)
    client.post(f"/messages/{message_id}/again", data={"url": URL})
    client.post(f"/messages/{message_id}/taken", data={"url": URL})
    assert row(message_id).state == MessageState.QUEUED
    assert "Beskeden har nu en anden status." in page(client)


def test_a_limited_user_decides_about_ones_own_customers_only(app, client_as):
    foreign = factories.group()
    mine = factories.message(customer_id=factories.customer(email="m@example.dk").id, subject="Min egen")
    theirs = factories.message(customer_id=factories.customer(email="t@example.dk", group_id=foreign.id).id,
                               subject="Naboens")  # fmt: skip
    for message_id in (mine, theirs):
        put(message_id, state=MessageState.UNKNOWN)
    who = factories.user("office", is_limited=True)
    group_id = factories.primary_group().id
    with transaction() as session:
        session.get(StaffUser, who.id).groups = [session.get(CustomerGroup, group_id)]
    app.config["WTF_CSRF_ENABLED"] = False
    client = factories.signed_in(app, who)
    assert "Min egen" in page(client)
    assert "Naboens" not in page(client)
    assert in_menu(client, URL) == 1
    assert client.post(f"/messages/{theirs}/again").status_code == 404
    assert row(theirs).state == MessageState.UNKNOWN


def test_a_resting_channel_says_why_and_is_tried_again_at_once(app, client_as):
    client = client_as("office")
    factories.message(recipient="a@example.dk")
    factories.message(recipient="b@example.dk", not_before=now() + timedelta(days=1))
    with transaction():
        channels.rest(MessageChannel.EMAIL, now() + timedelta(minutes=9), "454 TLS not available")
    shown = page(client)
    assert "454 TLS not available" in shown
    assert "2 beskeder venter" in shown
    assert "1 af dem må sendes nu" in shown
    assert "holder pause" in shown
    assert client.post(f"{URL}channel", data={"channel": "email"}).status_code == 303
    assert db.session.get(ChannelState, MessageChannel.EMAIL).rests_until is None
    noted = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "channel.woken")).all()
    assert [entry.entity_id for entry in noted] == ["email"]
    after = page(client)
    assert "E-mail prøves igen nu." in after
    assert f'action="{URL}channel"' not in after


def test_another_channel_is_refused_and_a_foreign_form_too(app, client_as):
    client = client_as("office")
    assert client.post(f"{URL}channel", data={"channel": "pigeon"}).status_code == 303
    assert "“pigeon” er ikke en af mulighederne" in page(client)
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == "channel.woken")).all() == []
    strict = client_as("office", csrf=True)
    assert strict.post(f"{URL}channel", data={"channel": "email"}).status_code == 400


def test_a_channel_without_a_way_out_says_so(app, client_as):
    shown = page(client_as("office"))
    assert shown.count("ikke sat op") == 2
    assert db.session.scalar(select(Message.id).limit(1)) is None


def test_many_are_shown_in_a_fixed_number_of_queries_and_the_rest_is_counted(app, client_as, statements):
    client = client_as("office")
    customer_id = factories.customer(email="m@example.dk").id
    for _number in range(2):
        put(factories.message(customer_id=customer_id, attachments=()), state=MessageState.UNKNOWN)
    page(client)
    with statements(app) as few:
        page(client)
    for _number in range(50):
        put(factories.message(customer_id=customer_id, attachments=()), state=MessageState.UNKNOWN)
    with statements(app) as many:
        shown = page(client)
    assert len(many) == len(few)
    assert "2 flere følger" in shown
