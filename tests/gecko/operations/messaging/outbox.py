"""The outbox as the tests drive it: every step in a transaction of its own, as an edge would."""

import threading
from datetime import timedelta

from sqlalchemy import select, update

from gecko.clock import now
from gecko.db import db, transaction
from gecko.errors import GeckoError
from gecko.models.customers import Customer
from gecko.models.messages import Message, MessageChannel, MessageEvent, MessageKind
from gecko.operations.messaging import claiming, enqueuing, fencing, recording, sweeping
from tests import factories

EMAIL, SMS = MessageChannel.EMAIL, MessageChannel.SMS


def customer(**values):
    return factories.customer(**{"email": "kunde@example.dk", "mobile": "+4520123456", **values}).id


def draft(key="k", **values):
    defaults = {
        "channel": EMAIL,
        "kind": MessageKind.MANUAL,
        "dedupe_key": key,
        "subject": "Hej",
        "body": "Hej med dig",
    }
    return enqueuing.Draft(**{**defaults, **values})


def enqueue(*drafts):
    with transaction():
        return enqueuing.enqueue_all(drafts)


def claim(owner="a", channel=EMAIL, limit=10):
    with transaction():
        return [one.id for one in claiming.claim(channel, owner, limit=limit)]


def fence(message_id, owner="a"):
    with transaction():
        return fencing.pass_fence(message_id, owner)


def answer(how, message_id, owner="a", **values):
    with transaction():
        return getattr(recording, how)(message_id, owner, **values)


def sweep():
    with transaction():
        return sweeping.sweep()


def row(message_id):
    db.session.rollback()
    return db.session.get(Message, message_id, populate_existing=True)


def shift(message_id, **by):
    """Move times of a message: seconds from now."""
    with transaction() as session:
        values = {name: now() + timedelta(seconds=seconds) for name, seconds in by.items()}
        session.execute(update(Message).where(Message.id == message_id).values(values))


def change(customer_id, **values):
    with transaction() as session:
        session.execute(update(Customer).where(Customer.id == customer_id).values(values))


def steps(message_id):
    statement = select(MessageEvent).where(MessageEvent.message_id == message_id).order_by(MessageEvent.id)
    return [(str(one.state), str(one.phase) if one.phase else None) for one in db.session.scalars(statement)]


def meet(app, first, second):
    """Run `first` up to its commit, start `second` meanwhile, then let it commit; what the second gave or raised."""
    outcome, started = [], threading.Event()
    db.session.remove()

    def later():
        with app.app_context():
            started.set()
            try:
                outcome.append(second())
            except GeckoError as error:
                outcome.append(type(error))
            finally:
                db.session.remove()

    thread = threading.Thread(target=later)
    with transaction():
        first()
        thread.start()
        started.wait()
        thread.join(0.3)  # long enough to reach the lock that the first one holds
        assert outcome == []
    thread.join()
    return outcome[0]
