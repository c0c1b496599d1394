"""The SMS appointment card: one text message about everything a customer has booked that is still to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ...clock import now
from ...db import db
from ...errors import Closed, GeckoError, Invalid
from ...language import _
from ...models.customers import Customer
from ...models.messages import Message, MessageChannel, MessageKind
from ..texts import composing, loading, storing
from ..texts.shipping import TextKey
from . import costs, enqueuing, single, speaking
from .enqueuing import Draft

SMS = MessageChannel.SMS


@dataclass(frozen=True, slots=True)
class Card:
    """A card as it would be sent. refusal: why it is not. bookings: those it tells of, with their starts."""

    recipient: str | None
    body: str
    cost: costs.Cost
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
        cost := costs.of(composed.body),
        bookings := speaking.told(source, facts, SMS, customer.language),
    )
    try:
        _require(customer, shown)
    except Invalid as refusal:
        return Card(shown.recipient, composed.body, cost, bookings, refusal)
    return Card(shown.recipient, composed.body, cost, bookings, None)


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
            bookings=made.bookings,
        )
    )


def latest(customer_id: int) -> Message | None:
    """The card that was written last."""
    wanted = select(Message).where(Message.customer_id == customer_id, Message.kind == MessageKind.APPOINTMENT_CARD)
    return db.session.scalar(wanted.order_by(Message.id.desc()).limit(1))
