"""The page of reminders, the tick on the booking form, and what a message's page says of bookings."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from gecko.clock import local, now
from gecko.db import db, transaction
from gecko.models.bookings import Booking
from gecko.models.messages import Message, MessageKind, MessageState
from gecko.operations import bookings, settings
from gecko.operations.messaging import fencing
from gecko.operations.texts import storing
from gecko.operations.texts.reviewing import Source
from gecko.operations.texts.shipping import Name, TextKey
from tests import factories, pages
from tests.gecko.operations.messaging.outbox import EMAIL, SMS, claim, draft, enqueue


@pytest.fixture
def office(sqlite_app, client_as_sqlite):
    return client_as_sqlite("office", language="en")


def form_of(client, address="/reminders/", having="seen", **changes):
    values = pages.form_values(client.get(address).text, having=having)
    flat = {name: value[0] if isinstance(value, list) else value for name, value in (values | changes).items()}
    return {name: value for name, value in flat.items() if value is not None}


def switch(**chosen):
    with transaction():
        for name, value in chosen.items():
            settings.put(name.replace("__", "."), value)


def messages():
    db.session.rollback()
    return db.session.scalars(select(Message).order_by(Message.id)).all()


def test_what_is_chosen_is_kept_and_shown(office):
    given = form_of(office, reminder_email_1="y", reminder_email_1_hours="48", confirmation_sms="y")
    assert office.post("/reminders/", data=given).status_code == 303
    assert settings.get("reminder.email_1") is True
    assert settings.get("reminder.email_1_hours") == 48
    assert settings.get("reminder.email_2") is False
    again = form_of(office)
    assert (again["reminder_email_1_hours"], again["confirmation_sms"]) == ("48", "y")
    assert "reminder_sms_1" not in again
    assert "Closed while the module SMS is off" in office.get("/reminders/").text


def test_what_cannot_be_is_refused_beside_its_field(office):
    wrong = form_of(office, reminder_sms_1="y", reminder_sms_2="y", reminder_sms_2_hours="24")
    shown = office.post("/reminders/", data=wrong).text
    assert 'id="reminder_sms_2_hours-error"' in shown
    assert "The second reminder comes after the first" in shown
    assert 'id="reminder_email_1_hours-error"' in office.post(
        "/reminders/", data=form_of(office, reminder_email_1_hours="0")
    ).text  # fmt: skip
    assert settings.get("reminder.sms_1") is False


def test_a_form_filled_in_over_anothers_change_is_shown_again(office):
    mine = form_of(office, reminder_email_1="y")
    assert office.post("/reminders/", data=form_of(office, reminder_email_2_hours="5")).status_code == 303
    refused = office.post("/reminders/", data=mine)
    assert refused.status_code == 409
    assert "Somebody else changed the settings meanwhile" in refused.text
    assert settings.get("reminder.email_1") is False


def test_the_page_warns_of_a_text_that_will_not_be_sent(office):
    warning = "the text holds what must not go by SMS"
    assert warning not in office.get("/reminders/").text
    with transaction():
        name = Name(TextKey.REMINDER_2, SMS, "da")
        storing.change(name, Source("", "Hej [KUNDECPRNR]"), seen=storing.held(name).mark)
    assert office.get("/reminders/").text.count(warning) == 1


def booking_form(client, **changes):
    start = local(now() + timedelta(days=3))
    given = {
        "calendar_id": str(factories.calendar().id),
        "service_id": str(factories.service().id),
        "start_at": f"{start:%d-%m-%Y} 10:00",
        "customer_id": str(factories.customer(email="kunde@example.dk").id),
        **changes,
    }
    return form_of(client, "/bookings/new/", "calendar_id", **given)


def test_a_booking_is_confirmed_where_the_tick_stands(office):
    assert "confirm" not in booking_form(office)
    switch(confirmation__email=True)
    given = booking_form(office)
    assert given["confirm"] == "y"
    assert "By: E-mail" in office.get("/bookings/new/").text
    assert office.post("/bookings/new/", data=given).status_code == 303
    assert office.post("/bookings/new/", data=given).status_code == 303  # sent twice: one booking, one message
    [message] = messages()
    assert (message.kind, message.channel, message.state) == (MessageKind.CONFIRMATION, EMAIL, MessageState.QUEUED)
    assert office.post("/bookings/new/", data=booking_form(office, confirm=None)).status_code == 303
    assert len(messages()) == 1
    assert db.session.query(Booking).count() == 2


@pytest.fixture
def told(sqlite_app):
    """Ids of a booking and of a message that speaks of it."""
    who, service = factories.customer(email="kunde@example.dk"), factories.service(name="Klipning, dame")
    row = factories.booking(who.id, service_id=service.id)
    booking_id, told = row.id, ((row.id, row.start_at),)
    return booking_id, enqueue(draft(customer_id=who.id, bookings=told))[0]


def test_a_message_shows_the_bookings_it_spoke_of(office, told):
    booking_id, message_id = told
    for address in (f"/messages/{message_id}", f"/messages/{message_id}/lines"):
        shown = office.get(address).text
        assert "Klipning, dame" in shown
        assert f'href="/bookings/{booking_id}"' in shown
        assert "moved or cancelled since" not in shown
    with transaction():
        bookings.delete(booking_id)
    assert "moved or cancelled since" in office.get(f"/messages/{message_id}").text


def test_a_move_and_a_deletion_are_refused_while_a_message_leaves(office, told):
    booking_id, message_id = told
    assert claim() == [message_id]
    with transaction():
        assert fencing.pass_fence(message_id, "a")
    given = form_of(office, f"/bookings/{booking_id}/move", "start_at", start_at="01-12-2027 10:00")
    refused = office.post(f"/bookings/{booking_id}/move", data=given)
    assert refused.status_code == 422
    assert "is being sent this very moment" in refused.text
    edited = form_of(office, f"/bookings/edit/?id={booking_id}", "start_at", start_at="01-12-2027 10:00")
    assert "is being sent this very moment" in office.post(f"/bookings/edit/?id={booking_id}", data=edited).text
    given = form_of(office, f"/bookings/delete/?id={booking_id}", "row_version")
    assert office.post("/bookings/delete/", data={**given, "id": booking_id}).status_code == 303
    assert "is being sent this very moment" in office.get("/bookings/").text
    assert bookings.find(booking_id).deleted_at is None
