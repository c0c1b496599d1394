"""The SMS appointment card on the tab Bookings: asked for, refused with the reason, sent once and followed."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from gecko.clock import midnight, today
from gecko.db import db, transaction
from gecko.models.address_failures import Channel
from gecko.models.bookings import Booking, DeletedBy, Service
from gecko.models.messages import Message, MessageChannel, MessageKind, MessageReason, MessageState
from gecko.models.texts import TextOverride
from gecko.modules import Module
from gecko.operations import address_failures, settings
from gecko.operations.messaging import claiming, fencing
from tests import factories, pages
from tests.gecko.operations.messaging.outbox import change


def switch_sms(*, on):
    with transaction():
        settings.put(f"module.{Module.SMS}", on)


@pytest.fixture
def client(app, client_as):
    switch_sms(on=True)
    return client_as("receptionist")


@pytest.fixture
def customer_id(app):
    found = factories.customer(name="Mette", mobile="+4520123456").id
    for days in (3, 10):
        factories.booking(customer_id=found, days=days)
    return found


def tab(client, customer_id, query=""):
    return client.get(f"/customers/{customer_id}/bookings{query}").get_data(as_text=True)


def once(client, customer_id):
    return pages.form_values(tab(client, customer_id, "?card=ask"), having="once")["once"][0]


def confirm(client, customer_id, nonce):
    return client.post(f"/customers/{customer_id}/bookings/card", data={"once": nonce})


def messages():
    db.session.rollback()
    return db.session.scalars(select(Message).order_by(Message.id)).all()


def test_it_is_shown_confirmed_and_sent_about_every_booking_to_come(app, client, customer_id):
    assert "?card=ask" in tab(client, customer_id)
    asked = tab(client, customer_id, "?card=ask")
    assert "20 12 34 56" in asked
    assert "1 SMS-del" in asked
    assert messages() == [], "nothing is sent before it is confirmed"
    answer = confirm(client, customer_id, once(client, customer_id))
    assert answer.status_code == 303
    [message] = messages()
    assert (message.kind, message.channel, message.recipient) == (
        MessageKind.APPOINTMENT_CARD, MessageChannel.SMS, "+4520123456",
    )  # fmt: skip
    assert message.body.count("Kl.") == 2
    assert message.body in asked
    assert (message.segments, message.price_ore) == (1, None)


def test_the_button_follows_the_message_and_shows_sent_with_a_check_mark(app, client, customer_id):
    confirm(client, customer_id, once(client, customer_id))
    [message] = messages()
    waiting = tab(client, customer_id, "?card=sent")
    assert f'hx-get="/messages/{message.id}/card"' in waiting
    assert "Venter" in waiting
    with transaction() as session:
        session.get(Message, message.id).state = MessageState.SENT
    part = client.get(f"/messages/{message.id}/card").get_data(as_text=True)
    assert "#check" in part
    assert "Sendt" in part
    assert "hx-get" not in part
    assert "?card=ask" in tab(client, customer_id), "on the next visit it can be sent again"


def test_one_confirmation_is_one_message(app, client, customer_id):
    nonce = once(client, customer_id)
    for _turn in range(2):
        assert confirm(client, customer_id, nonce).status_code == 303
    assert len(messages()) == 1
    confirm(client, customer_id, "")
    assert len(messages()) == 1
    confirm(client, customer_id, once(client, customer_id))
    assert len(messages()) == 2


def without_number(customer_id):
    change(customer_id, mobile=None)


def unwilling(customer_id):
    change(customer_id, remind_sms=False)


def failed(_customer_id):
    with transaction():
        address_failures.mark(Channel.SMS, "+4520123456", reason="Nummeret er ikke i brug")


def without_bookings(customer_id):
    with transaction() as session:
        for one in session.scalars(select(Booking).where(Booking.customer_id == customer_id)):
            one.deleted_at, one.deleted_by_kind = one.created_at, DeletedBy.SYSTEM


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (without_number, "Kunden har intet mobilnummer. Der er ikke sendt noget."),
        (unwilling, "Kunden ønsker ikke SMS om bookinger. Der er ikke sendt noget."),
        (failed, "Nummeret er ikke i brug. Der er ikke sendt noget."),
        (without_bookings, "Kunden har ingen aktiv booking, som kortet fortæller om. Der er ikke sendt noget."),
    ],
)
def test_what_must_not_go_gives_a_message_and_sends_nothing(app, client, customer_id, spoil, words):
    nonce = once(client, customer_id)
    spoil(customer_id)
    asked = tab(client, customer_id, "?card=ask")
    assert words in asked
    assert 'name="once"' not in asked
    answer = confirm(client, customer_id, nonce)
    assert answer.status_code == 303
    assert words in tab(client, customer_id)
    assert messages() == []


def test_todays_booking_alone_is_not_worth_a_card(app, client):
    customer_id = factories.customer(mobile="+4520123456").id
    begins = midnight(today() + timedelta(days=1)) - timedelta(minutes=1)
    factories.booking(customer_id=customer_id, start_at=begins)
    assert "Kunden har ingen aktiv booking" in tab(client, customer_id, "?card=ask")


def test_a_changed_text_is_sent_as_changed_and_never_names_a_sensitive_service(app, client):
    customer_id = factories.customer(mobile="+4520123456").id
    service = factories.save(
        Service(name="Terapi", shown_minutes=30, reserved_minutes=30, price_ore=0, is_sensitive=True)
    )
    factories.booking(customer_id=customer_id, service_id=service.id)
    body = "[customerFutureBookingsBegin]Vi ses: [YDELSESNAVN] [DATO]\n[customerFutureBookingsEnd]"
    factories.save(TextOverride(key="booking_appointment_card", channel="sms", language="da", body=body))
    confirm(client, customer_id, once(client, customer_id))
    [message] = messages()
    assert message.body.startswith("Vi ses: aftale ")


def test_whoever_opts_out_meanwhile_gets_none(app, client, customer_id):
    confirm(client, customer_id, once(client, customer_id))
    [message] = messages()
    with transaction():
        claiming.claim(MessageChannel.SMS, "test", limit=1)
    change(customer_id, remind_sms=False)
    with transaction():
        assert not fencing.pass_fence(message.id, "test")
    [message] = messages()
    assert (message.state, message.reason) == (MessageState.SUPPRESSED, MessageReason.OPTED_OUT)


def test_without_the_module_or_the_right_there_is_no_card(app, client, client_as, customer_id):
    reviewer = client_as("reviewer")
    assert "card=ask" not in tab(reviewer, customer_id)
    assert "SMS-aftalekort" not in tab(reviewer, customer_id, "?card=ask")
    assert confirm(reviewer, customer_id, "x").status_code == 403
    switch_sms(on=False)
    assert "card=ask" not in tab(client, customer_id)
    assert confirm(client, customer_id, "x").status_code == 404
    assert messages() == []
