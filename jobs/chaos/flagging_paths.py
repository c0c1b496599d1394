"""Messages over every path that a customer is written to: those that pages and the beat take, and the bulk behind them.

The single message, the appointment card, the confirmation and the reminder are written by their own operations for
some customers each; the many by the outbox itself, as campaigns, recalls, confirmations, reminders and cards write it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from sqlalchemy import func, insert, select

from gecko.clock import now
from gecko.db import db, run_write, transaction
from gecko.errors import Invalid
from gecko.models.bookings import Booking, Calendar
from gecko.models.customer_groups import CustomerGroup
from gecko.models.customers import Customer
from gecko.models.messages import Message, MessageChannel, MessageKind
from gecko.modules import Module
from gecko.operations import settings
from gecko.operations.messaging import cards, confirming, enqueuing, single
from gecko.operations.texts.reviewing import Source
from gecko.permissions import Principal

from ..messages import reminders

EACH = 5
"""Messages a customer gets."""
BY_OPERATION = 200
"""How many customers are written to by the operations of the pages; the others come in bulk."""
BATCH = 500
EMAIL, SMS = MessageChannel.EMAIL, MessageChannel.SMS
BULK = (
    (EMAIL, MessageKind.CAMPAIGN), (EMAIL, MessageKind.RECALL), (EMAIL, MessageKind.CONFIRMATION),
    (SMS, MessageKind.REMINDER), (SMS, MessageKind.APPOINTMENT_CARD),
)  # fmt: skip
_STAFF = Principal(user_id=0, session_id=None, username="trial", name="Trial", is_super=True)


def write_all(messages: int, *, before: Callable[[list[int]], object]) -> int:
    """Make customers, let `before` have a look at their ids, and write about `messages`; returns how many stand."""
    people = _people(max(1, messages // EACH))
    before(people)
    special = people[:BY_OPERATION]
    for customer_id in special:
        _by_hand(customer_id)
    reminders.remind()
    left = messages - (db.session.scalar(select(func.count()).select_from(Message)) or 0)
    db.session.remove()
    rest = _bulk(people[len(special) :] or people, left)
    while batch := [draft for draft, _place in zip(rest, range(BATCH), strict=False)]:
        run_write(lambda batch=batch: enqueuing.enqueue_all(batch))  # type: ignore[misc]
    return db.session.scalar(select(func.count()).select_from(Message)) or 0


def _people(count: int) -> list[int]:
    """Customers who want everything, each with a booking that is reminded of now, and on no day that is today."""
    moment = now().replace(microsecond=0)
    with transaction() as session:
        settings.put("reminder.email_1", True)
        settings.put("reminder.email_1_hours", 48)
        settings.put("confirmation.sms", True)
        settings.put(f"module.{Module.SMS}", True)
        group_id = session.scalars(select(CustomerGroup.id).where(CustomerGroup.is_primary)).one()
        calendar = Calendar(name="Trial")
        people = [
            Customer(
                name=f"Nr. {n}", email=f"{n}@example.dk", mobile=f"+45{20_000_000 + n}", group_id=group_id,
                accepts_marketing_email=True, accepts_marketing_sms=True,
            )
            for n in range(count)
        ]  # fmt: skip
        session.add_all([calendar, *people])
        session.flush()
        start_at = moment + timedelta(hours=36)
        rows = [
            {"customer_id": person.id, "calendar_id": calendar.id, "start_at": start_at, "shown_minutes": 30,
             "end_at": start_at + timedelta(minutes=30), "created_at": moment - timedelta(days=30)}
            for person in people[:BY_OPERATION]
        ]  # fmt: skip
        session.execute(insert(Booking), rows)
        return [person.id for person in people]


def _by_hand(customer_id: int) -> None:
    """What staff send from the profile; a marked address is refused there and then."""
    writing = single.Writing(EMAIL, "da", Source(subject="Til dig", body="Kære [customerName]"))
    booking_id = db.session.scalar(select(Booking.id).where(Booking.customer_id == customer_id))

    def send(work: Callable[[Customer], object]) -> None:
        try:
            run_write(lambda: work(db.session.get_one(Customer, customer_id)))
        except Invalid:
            db.session.rollback()

    send(lambda customer: single.send(customer, writing, nonce="trial", principal=_STAFF))
    send(lambda customer: cards.send(customer, nonce="trial"))
    send(lambda _customer: confirming.confirm(db.session.get_one(Booking, booking_id)))


def _bulk(people: list[int], count: int) -> Iterator[enqueuing.Draft]:
    for number in range(count):
        channel, kind = BULK[number // len(people) % len(BULK)]
        yield enqueuing.Draft(
            channel=channel,
            kind=kind,
            dedupe_key=f"flagged:{number}",
            customer_id=people[number % len(people)],
            subject="Til dig" if channel == EMAIL else None,
            body="Kære kunde",
            is_marketing=kind == MessageKind.CAMPAIGN,
        )
