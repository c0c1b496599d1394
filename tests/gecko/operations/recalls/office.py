"""Recalls as the tests drive them: each step in a transaction of its own, as an edge would."""

from datetime import datetime, time, timedelta

from sqlalchemy import select

from gecko.clock import from_local, today
from gecko.db import db, transaction
from gecko.models.messages import Message, MessageChannel
from gecko.models.recalls import Recall, RecallTurn, RecallUnit
from gecko.operations import bookings, settings
from gecko.operations.recalls import deciding, running, signing_up, templates
from jobs.messages import recalls
from tests import factories
from tests.gecko.operations.messaging import outbox

EMAIL, SMS, LETTER = MessageChannel.EMAIL, MessageChannel.SMS, MessageChannel.LETTER


def opened():
    """The feature on, with SMS, and no quiet hours."""
    with transaction():
        for key in ("feature.recall", "module.sms", "recall.show_icon"):
            settings.put(key, True)
        settings.put("message.quiet_until", "21:00")


def template(*channels, **values):
    channels = channels or (EMAIL,)
    wanted = {"name": f"Kontrol {next(factories._numbers)}", "tolerance_days": 90, **values}
    with transaction():
        return templates.create(wanted | dict(zip(templates.CHANNELS, channels, strict=False))).id


def sign_up(customer_id, *channels, days=5, every=1, unit=RecallUnit.MONTH, **values):
    """A sign-up `days` from today; service and template of its own unless told otherwise."""
    template_id = values.pop("template_id", None) or template(*channels)
    service_id = values.pop("service_id", None) or factories.service().id
    first_on = values.pop("first_on", None) or today() + timedelta(days=days)
    wish = signing_up.Wish(customer_id, template_id, service_id, first_on, every, unit, **values)
    with transaction():
        return signing_up.sign_up(wish).id


def run():
    """One run; what each sign-up that was looked at came to."""
    due = running.due()
    found = {}
    for recall_id in due:
        with transaction():
            found[recall_id] = running.run_one(recall_id)
    return found


def follow():
    return recalls.follow()


def recall(recall_id):
    db.session.rollback()
    return db.session.get(Recall, recall_id, populate_existing=True)


def turns(recall_id):
    """State, reason and date of every time, the oldest first."""
    db.session.rollback()
    wanted = select(RecallTurn).where(RecallTurn.recall_id == recall_id).order_by(RecallTurn.id)
    rows = db.session.scalars(wanted.execution_options(populate_existing=True))
    return [(str(row.state), str(row.reason) if row.reason else None, row.turn_on) for row in rows]


def turn(recall_id):
    """The last time."""
    db.session.rollback()
    wanted = select(RecallTurn).where(RecallTurn.recall_id == recall_id).order_by(RecallTurn.id.desc()).limit(1)
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one()


def messages(customer_id):
    db.session.rollback()
    return list(db.session.scalars(select(Message).where(Message.customer_id == customer_id).order_by(Message.id)))


def book(customer_id, service_id, *, days=5):
    wish = bookings.Wish(factories.calendar().id, noon(days), customer_id, service_id)
    with transaction():
        return bookings.book(wish).id


def noon(days):
    """An instant on the day that lies so far ahead."""
    day = today() + timedelta(days=days)
    return from_local(datetime.combine(day, time(12)))


def send(message_id, channel=EMAIL):
    """Take a message through the gateway, as a sender does."""
    assert message_id in outbox.claim(channel=channel)
    assert outbox.fence(message_id)
    outbox.answer("sent", message_id)


def decide(how, turn_id, *args, **values):
    with transaction():
        getattr(deciding, how)(turn_id, *args, **values)


def put(how, recall_id, **values):
    with transaction():
        getattr(signing_up, how)(recall_id, **values)
