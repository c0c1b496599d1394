"""The SMS appointment card: one text message about everything a customer has booked that is still to come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from ...clock import now
from ...db import db
from ...errors import Closed, GeckoError, Invalid
from ...language import _
from ...models.customers import Customer
from ...models.messages import Message, MessageChannel, MessageKind
from ..texts import composing, loading, storing
from ..texts.facts import Facts
from ..texts.parsing import parse
from ..texts.reviewing import Source, unfit_for_sms
from ..texts.shipping import TextKey
from . import enqueuing, single
from .enqueuing import Draft

SMS = MessageChannel.SMS


@dataclass(frozen=True, slots=True)
class Card:
    """A card as it would be sent. refusal: why it is not. bookings: those it tells of, with their starts."""

    recipient: str | None
    body: str
    cost: single.Cost
    bookings: tuple[tuple[int, datetime], ...]
    refusal: GeckoError | None


def card(customer: Customer) -> Card:
    """What the customer would get now, in their language. Raises Closed while SMS is off."""
    if not single.is_open(SMS):
        raise Closed
    source = storing.held(storing.named(TextKey.APPOINTMENT_CARD, SMS, customer.language)).source
    facts = loading.for_customers([customer.id], loading.needed(source), at=now())[customer.id]
    composed = composing.compose(source, facts, SMS, customer.language)
    shown = single.Preview(
        composed,
        single.recipient_of(customer, SMS),
        single.failure_of(customer, SMS),
        (),
        (*composed.unfit, *unfit_for_sms(parse(composed.body), frozenset())),
        cost := single.cost_of(composed.body),
        bookings := _told(source, facts, customer.language, composed.body),
    )
    try:
        _require(customer, shown)
    except Invalid as refusal:
        return Card(shown.recipient, composed.body, cost, bookings, refusal)
    return Card(shown.recipient, composed.body, cost, bookings, None)


def _told(source: Source, facts: Facts, language: str, body: str) -> tuple[tuple[int, datetime], ...]:
    """The bookings without which the text would read otherwise: it may pass over some, such as those of today."""
    person = facts.customer
    if person is None:
        return ()
    found = []
    for one in person.bookings:
        others = tuple(other for other in person.bookings if other.id != one.id)
        following = person.next_booking if person.next_booking in others else None
        without = replace(person, bookings=others, next_booking=following)
        if composing.compose(source, replace(facts, customer=without), SMS, language).body != body:
            found.append((one.id, one.starts_at))
    return tuple(found)


def _require(customer: Customer, shown: single.Preview) -> None:
    single.require_address(customer, SMS, shown.failure)
    if not customer.remind_sms:
        raise Invalid(_("The customer does not want SMS about bookings. Nothing was sent."))
    if not shown.bookings:
        raise Invalid(_("The customer has no active booking that the card tells of. Nothing was sent."))
    single.require_sendable(customer, SMS, shown)


def send(customer: Customer, *, nonce: str) -> Message | None:
    """Queue the card; None where the same confirmation was sent before. Raises Invalid where it must not go."""
    made = card(customer)
    if made.refusal is not None:
        raise made.refusal
    return enqueuing.enqueue(
        Draft(
            channel=SMS,
            kind=MessageKind.APPOINTMENT_CARD,
            dedupe_key=f"card:{customer.id}:{nonce}",
            body=made.body,
            customer_id=customer.id,
            language=customer.language,
            segments=made.cost.size.segments,
            price_ore=made.cost.price_ore,
            bookings=made.bookings,
        )
    )


def latest(customer_id: int) -> Message | None:
    """The card that was written last."""
    wanted = select(Message).where(Message.customer_id == customer_id, Message.kind == MessageKind.APPOINTMENT_CARD)
    return db.session.scalar(wanted.order_by(Message.id.desc()).limit(1))
