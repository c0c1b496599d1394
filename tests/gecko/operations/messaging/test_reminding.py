"""Reminders and confirmations: to whom, when, once, and never about a time that is not true."""

import threading
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import insert, select, text

from gecko.clock import from_local, now
from gecko.db import db, transaction
from gecko.models.bookings import Booking, DeletedBy
from gecko.models.customers import Customer
from gecko.models.messages import Message, MessageBooking, MessageReason, MessageState
from gecko.operations import bookings, settings
from gecko.operations.messaging import confirming, reminding
from gecko.operations.texts import storing
from gecko.operations.texts.reviewing import Source
from gecko.operations.texts.shipping import Name, TextKey
from jobs.messages import reminders
from tests import factories
from tests.gecko.operations.messaging.outbox import EMAIL, SMS, change, customer, row
from tests.plans import plan

START = from_local(datetime(2026, 11, 25, 14, 30))  # a Wednesday
BOOKED = START - timedelta(days=20)


def choose(**chosen):
    """Settings, by name with a double underscore for the point; the channels do not rest and SMS is there."""
    values = {"message__quiet_from": "00:00", "message__quiet_until": "00:00", "module__sms": True, **chosen}
    with transaction():
        for name, value in values.items():
            settings.put(name.replace("__", "."), value)


def booking(customer_id=None, *, start_at=START, created_at=BOOKED, **values):
    return factories.booking(customer_id, start_at=start_at, created_at=created_at, **values).id


def remind(**before):
    """What a look writes that much before the start: (channel, place) of each, in order."""
    known = set(db.session.scalars(select(Message.id)))
    with time_machine.travel(START - timedelta(**before), tick=False):
        reminders.remind()
    db.session.rollback()
    rows = db.session.scalars(select(Message).where(Message.id.not_in(known)).order_by(Message.id)).all()
    return [(str(one.channel), int(one.dedupe_key.split(":")[3])) for one in rows]


def messages():
    db.session.rollback()
    return db.session.scalars(select(Message).order_by(Message.id)).all()


ALL = {
    "reminder__email_1": True, "reminder__email_2": True, "reminder__email_2_hours": 3,
    "reminder__sms_1": True, "reminder__sms_1_hours": 30, "reminder__sms_2": True,
}  # fmt: skip


def test_nothing_is_written_before_somebody_switches_it_on(app):
    booking(customer())
    choose()
    assert reminding.rules() == []
    assert remind(hours=20) == []


def test_each_reminder_goes_at_its_hour_once(app):
    choose(**ALL)
    booking(customer())
    assert remind(hours=30, seconds=1) == []
    assert remind(hours=30) == [("sms", 1)]
    assert remind(hours=29) == []
    assert remind(hours=24) == [("email", 1)]
    assert remind(hours=3) == [("email", 2)]
    assert remind(hours=2) == [("sms", 2)]
    assert remind(hours=1) == []


@pytest.mark.parametrize(
    ("before", "written"),
    [
        ({"hours": 26}, [("sms", 1)]),
        ({"hours": 23}, [("email", 1), ("sms", 1)]),
        ({"hours": 2, "minutes": 59}, [("email", 2), ("sms", 1)]),
        ({"minutes": 16}, [("email", 2), ("sms", 2)]),
        ({"minutes": 15}, []),
        ({"minutes": -5}, []),
    ],
)
def test_after_a_while_away_only_what_is_still_of_use_goes(sqlite_app, before, written):
    choose(**ALL)
    booking(customer())
    assert remind(**before) == written
    assert remind(**before) == []


def test_what_it_says_and_until_when(app):
    choose(reminder__email_1=True, reminder__sms_1=True, message__sms_price_ore=35)
    english = customer(name="Ann Smith", language="en", mobile="+4520123457", email="ann@example.dk")
    service_id = factories.service(name="Klipning").id
    danish_booking = booking(customer(name="Åse Ærø"), service_id=service_id)
    booking(english, service_id=service_id)
    assert len(remind(hours=20)) == 4
    mail, english_mail, sms, english_sms = messages()
    assert mail.subject == "Husk din tid onsdag d. 25-11-2026 kl. 14:30"
    assert "Klipning" in mail.body
    assert mail.body.startswith("Hej Åse")
    assert english_mail.subject == "Reminder: Wednesday 25-11-2026 at 14:30"
    assert english_sms.language == "en"
    assert (sms.segments, sms.price_ore, mail.segments, mail.price_ore) == (1, 35, None, None)
    assert (mail.state, mail.expires_at, mail.not_before) == (
        MessageState.QUEUED, START, START - timedelta(hours=20),
    )  # fmt: skip
    told = db.session.scalars(select(MessageBooking).where(MessageBooking.message_id == sms.id)).one()
    assert (told.booking_id, told.starts_at) == (danish_booking, START)


def test_who_gets_none(app):
    choose(reminder__email_1=True)
    group = factories.group(is_active=False)
    nobody = customer()
    change(nobody, deleted_at=now())
    booking(None)
    booking(nobody)
    booking(customer(group_id=group.id))
    booking(customer(), deleted_at=now(), deleted_by_kind=DeletedBy.SYSTEM)
    booking(customer(), created_at=START - timedelta(hours=23))
    assert remind(hours=20) == []
    booking(customer(remind_email=False))
    assert remind(hours=20) == [("email", 1)]
    assert messages()[0].reason == MessageReason.OPTED_OUT


def test_without_the_module_there_is_no_sms(sqlite_app):
    choose(**ALL, module__sms=False)
    booking(customer())
    assert remind(hours=20) == [("email", 1)]


def test_a_moved_booking_is_reminded_of_its_new_time_alone(app):
    choose(reminder__email_1=True)
    booking_id = booking(customer())
    assert remind(hours=24) == [("email", 1)]
    with transaction():
        bookings.move(booking_id, start_at=START + timedelta(hours=2))
    assert remind(hours=24) == []
    assert remind(hours=22) == [("email", 1)]
    with transaction():
        bookings.move(booking_id, start_at=START)
    assert remind(hours=21) == [("email", 1)]
    states = [(one.state, one.expires_at) for one in messages()]
    assert states == [
        (MessageState.CANCELLED, START),
        (MessageState.CANCELLED, START + timedelta(hours=2)),
        (MessageState.QUEUED, START),
    ]


def test_a_booking_that_is_moved_after_it_was_found_due_is_left_alone(app):
    choose(reminder__email_1=True)
    booking_id = booking(customer())
    [rule] = reminding.rules()
    with time_machine.travel(START - timedelta(hours=20), tick=False):
        due = reminding.due(rule, now())
        with transaction():
            bookings.move(booking_id, start_at=START + timedelta(days=30))
        with transaction():
            assert reminding.write(rule, due) == 0
    assert messages() == []


def test_many_at_once_write_it_once(app):
    choose(reminder__email_1=True)
    for _n in range(30):
        booking(customer())
    gate = threading.Barrier(4)
    db.session.remove()

    def one():
        with app.app_context():
            gate.wait()
            try:
                reminders.remind()
            finally:
                db.session.remove()

    with time_machine.travel(START - timedelta(hours=20), tick=True):
        threads = [threading.Thread(target=one) for _n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(messages()) == 30


def test_text_messages_wait_for_the_morning_or_do_not_go(app):
    choose(reminder__sms_1=True, reminder__sms_1_hours=14, message__quiet_from="21:00", message__quiet_until="08:00")
    early = START.replace(hour=7, minute=14)  # 08:14 in Denmark
    booking(customer(), start_at=early)
    booking(customer(mobile="+4520123450"))
    with time_machine.travel(early - timedelta(hours=2), tick=False):
        reminders.remind()
    [message] = messages()
    assert (message.recipient, message.not_before) == ("+4520123450", from_local(datetime(2026, 11, 25, 8)))


@pytest.mark.parametrize(("day", "wall"), [("2027-03-28", "2027-03-27 19:00"), ("2026-10-25", "2026-10-24 21:00")])
def test_hours_are_real_hours_also_over_a_change_of_the_clock(app, day, wall):
    choose(reminder__email_1=True, reminder__email_1_hours=12)
    start_at = from_local(datetime.fromisoformat(f"{day} 08:00"))
    booking(customer(), start_at=start_at, created_at=start_at - timedelta(days=5))
    due = from_local(datetime.fromisoformat(wall))
    assert start_at - due == timedelta(hours=12)
    with time_machine.travel(due - timedelta(seconds=1), tick=False):
        assert reminders.remind() == 0
    with time_machine.travel(due, tick=False):
        assert reminders.remind() == 1
    assert "kl. 08:00" in messages()[0].subject


def test_a_text_that_must_not_go_by_sms_is_not_sent(sqlite_app):
    choose(reminder__sms_1=True)
    with transaction():
        name = Name(TextKey.REMINDER_1, SMS, "da")
        storing.change(name, Source("", "Hej [KUNDECPRNR]"), seen=storing.held(name).mark)
    booking(customer())
    assert remind(hours=20) == []


def test_looking_costs_a_few_queries_by_the_index_of_what_is_to_come(app, statements):
    choose(**ALL)
    one = bookings.find(booking(customer()))
    shared = {name: getattr(one, name) for name in ("calendar_id", "shown_minutes")}
    with transaction() as session:
        others = [Customer(name=f"N {n}", group_id=factories.primary_group().id) for n in range(100)]
        session.add_all(others)
        session.flush()
        rows = [
            {**shared, "customer_id": others[n % 100].id, "start_at": START + timedelta(days=n),
             "end_at": START + timedelta(days=n, minutes=30)}
            for n in range(-1000, 1000) if n
        ]  # fmt: skip
        session.execute(insert(Booking), rows)
        session.execute(text("ANALYZE"))
    assert len(remind(hours=23)) == 2
    with statements(app) as seen:
        assert remind(hours=23) == []
    assert len(seen) <= 16
    assert "ix_booking_start" in plan(*next(one for one in seen if "FROM booking" in one[0]))


def confirm(booking_id):
    with transaction():
        return confirming.confirm(bookings.find(booking_id))


def test_a_confirmation_goes_once_over_each_chosen_channel(app):
    booking_id = factories.booking(customer(), service_id=factories.service().id).id
    choose()
    assert confirm(booking_id) == []
    choose(confirmation__email=True, confirmation__sms=True, message__quiet_from="00:01", message__quiet_until="00:00")
    sent = confirm(booking_id)
    assert confirm(booking_id) == []
    assert {row(one).channel for one in sent} == {EMAIL, SMS}
    assert all(row(one).not_before <= now() for one in sent)
    assert row(sent[0]).expires_at == bookings.find(booking_id).start_at


def test_what_is_over_gone_or_nobodys_is_not_confirmed(sqlite_app):
    choose(confirmation__email=True)
    internal, past = factories.booking().id, factories.booking(customer(), days=-1).id
    gone = factories.booking(customer(), deleted_at=now(), deleted_by_kind=DeletedBy.SYSTEM).id
    assert [confirm(one) for one in (internal, past, gone)] == [[], [], []]
