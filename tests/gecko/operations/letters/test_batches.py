"""Letters to many as the log keeps them: what cannot go is there with its reason, nothing stands twice."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from gecko.clock import now
from gecko.db import db, transaction
from gecko.models.bookings import Booking
from gecko.models.customers import Customer
from gecko.models.messages import Message, MessageBooking, MessageKind, MessageReason, MessageState
from gecko.operations import customers, sessions
from gecko.operations.letters import addressing, batches, reading
from gecko.operations.letters.batches import Order
from gecko.operations.letters.sheets import Page
from gecko.operations.texts import loading
from gecko.operations.texts.reviewing import Source
from tests import factories

SOURCE = Source("", "Kære [KUNDEFORNAVN][customerFutureBookingsBegin_skipToday]\n[DATO][customerFutureBookingsEnd]")
PLACE = {"address": "Vej 1", "postal_code": "2200", "city": "København N"}


def orders(ids, **values):
    found = loading.for_customers(ids, loading.needed(SOURCE), at=now())
    return [Order(found[one], SOURCE, "da", Page(), f"x:{one}", batch="x", **values) for one in ids]


def write(made):
    with transaction():
        return batches.write(made)


@pytest.fixture
def customer_id(app):
    return factories.customer(name="Åse Ås", **PLACE).id


def test_a_letter_asked_for_again_is_the_one_that_stands(customer_id):
    with transaction():
        made = orders([customer_id], kind=MessageKind.RECALL)
    [message_id] = write(made)
    assert write(made) == []
    message = db.session.scalars(select(Message)).one()
    assert (message.id, message.kind, message.state) == (message_id, MessageKind.RECALL, MessageState.SENT)
    assert reading.by_name("x") == [message_id]
    assert reading.by_name("y") == []


def test_a_letter_that_tells_an_old_time_is_not_made(customer_id):
    booking_id = factories.booking(customer_id, days=3).id
    with transaction():
        made = orders([customer_id])
    with transaction() as session:
        moved = session.get(Booking, booking_id)
        moved.start_at, moved.end_at = moved.start_at + timedelta(days=1), moved.end_at + timedelta(days=1)
    assert write(made) == []
    [left] = reading.skipped("x", sessions.principal(factories.user("office").id), limit=9)
    assert (left.state, left.reason) == (MessageState.SUPPRESSED, MessageReason.BOOKING_CHANGED)
    assert not reading.is_kept(left.id)
    with transaction():
        again = orders([customer_id])
    [message_id] = write(again)
    told = db.session.scalars(select(MessageBooking).where(MessageBooking.message_id == message_id)).one()
    assert told.starts_at == db.session.get(Booking, booking_id).start_at


def test_a_customer_who_is_gone_gets_none(customer_id):
    with transaction():
        made = orders([customer_id])
    with transaction():
        customers.delete(customer_id)
    assert write(made) == []
    assert db.session.scalars(select(Message.reason)).one() == MessageReason.CUSTOMER_GONE
    assert reading.count_skipped("x") == 1


@pytest.mark.parametrize(
    "place",
    [
        PLACE, {}, {"address": "Vej 1"}, {"postal_code": "2200", "city": "København N"}, {"address": " ", "city": "By"},
        {"address": "Vej 1", "city": "By"}, {"address": "Vej 1", "postal_code": "2200"}, {"address": "Ø", "city": " "},
    ],
)  # fmt: skip
def test_the_list_and_the_letter_agree_who_has_an_address(app, place):
    customer_id = factories.customer(name="Bo", **place).id
    person = loading.for_customers([customer_id], frozenset(), at=now())[customer_id].customer
    missing = db.session.scalars(select(Customer.id).where(addressing.is_missing())).all()
    assert (addressing.lines(person) == ()) == (missing == [customer_id])


def test_what_does_not_fit_the_window_is_left_to_the_street(app):
    customer_id = factories.customer(name="Bo  Ib", address="c/o Å\n\nGård 3\nVej 1\nx\ny\nz", city="By").id
    person = loading.for_customers([customer_id], frozenset(), at=now())[customer_id].customer
    assert addressing.lines(person) == ("Bo Ib", "c/o Å", "Gård 3", "Vej 1", "x", "By")
