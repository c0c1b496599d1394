"""One message that staff write to one customer: shown as it will be, refused with the reason, queued once.

A social security number in it is always masked: what is shown is what is sent, and neither way is sealed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ...clock import now
from ...errors import Closed, Invalid, NotFound
from ...language import _
from ...models.address_failures import AddressFailure, Channel
from ...models.customers import Customer
from ...models.messages import Message, MessageChannel, MessageKind
from ...modules import Module
from ...permissions import Principal
from .. import address_failures, settings
from ..texts import composing, loading, storing
from ..texts.composing import Composed
from ..texts.facts import Facts
from ..texts.parsing import Problem
from ..texts.reviewing import Source, review
from . import costs, enqueuing
from .enqueuing import Attachment, Draft

CHANNELS = (MessageChannel.EMAIL, MessageChannel.SMS)


@dataclass(frozen=True, slots=True)
class Writing:
    """What staff typed. booking_id: the booking that codes about a booking speak of."""

    channel: MessageChannel
    language: str
    source: Source
    booking_id: int | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """A message as it will be. failure: why it is not sent. problems: codes that are written as nothing.

    bookings: those it speaks of, with their starts.
    """

    composed: Composed
    recipient: str | None
    failure: AddressFailure | None
    problems: tuple[Problem, ...]
    cost: costs.Cost | None
    bookings: tuple[tuple[int, datetime], ...]


def is_open(channel: MessageChannel) -> bool:
    """Whether this installation may write over a channel."""
    return channel == MessageChannel.EMAIL or (
        channel == MessageChannel.SMS and str(Module.SMS) in settings.switched_on()
    )


def recipient_of(customer: Customer, channel: MessageChannel) -> str | None:
    """Where the customer is reached."""
    return customer.email if channel == MessageChannel.EMAIL else customer.mobile


def failure_of(customer: Customer, channel: MessageChannel) -> AddressFailure | None:
    """The mark on that address."""
    address = recipient_of(customer, channel)
    key = (Channel(str(channel)), address or "")
    return address_failures.find([key]).get(key) if address else None


def preview(customer: Customer, writing: Writing, *, principal: Principal) -> Preview:
    """The message as this customer would get it; fails on nothing that was typed. Raises NotFound and Closed.

    Codes about what `principal` may not see elsewhere are written as nothing, as they will be when it is sent.
    """
    if not is_open(writing.channel):
        raise Closed
    facts = _facts(customer, writing, principal)
    composed = composing.compose(writing.source, facts, writing.channel, writing.language)
    return Preview(
        composed,
        recipient_of(customer, writing.channel),
        failure_of(customer, writing.channel),
        review(writing.source, writing.channel, facts.sensitive_fields).problems,
        costs.of(composed.body) if writing.channel == MessageChannel.SMS else None,
        ((facts.booking.id, facts.booking.starts_at),) if facts.booking else (),
    )


def send(customer: Customer, writing: Writing, *, nonce: str, principal: Principal) -> Message | None:
    """Queue the message; None where the same form was sent before. Raises Invalid where it must not go."""
    source = storing.checked(writing.source, writing.channel)
    shown = preview(customer, replace(writing, source=source), principal=principal)
    require_sendable(customer, writing.channel, shown)
    if writing.attachments and writing.channel != MessageChannel.EMAIL:
        raise Invalid(_("Files go with e-mails only."), field="files")
    return enqueuing.enqueue(
        Draft(
            channel=writing.channel,
            kind=MessageKind.MANUAL,
            dedupe_key=f"single:{customer.id}:{nonce}",
            subject=shown.composed.subject,
            body=shown.composed.body,
            html=shown.composed.html,
            customer_id=customer.id,
            language=writing.language,
            attachments=writing.attachments,
            bookings=shown.bookings,
        )
    )


def require_sendable(customer: Customer, channel: MessageChannel, shown: Preview) -> None:
    """Refuse with the reason what must not go: no address, a failed one, nothing to say, what an SMS must not say."""
    require_address(customer, channel, shown.failure)
    if not shown.composed.body.strip():
        raise Invalid(_("With its codes filled in, the text is empty."), field="body")
    if channel == MessageChannel.EMAIL and not shown.composed.subject:
        raise Invalid(_("With its codes filled in, the subject is empty."), field="subject")
    if shown.composed.unfit:
        first = shown.composed.unfit[0]
        raise Invalid(
            _("“%(typed)s” must not go by SMS: %(reason)s."), field="body", typed=first.typed, reason=first.reason
        )


def require_address(customer: Customer, channel: MessageChannel, failure: AddressFailure | None) -> None:
    """Refuse where the customer cannot be reached that way."""
    address = recipient_of(customer, channel)
    if address is None and channel == MessageChannel.EMAIL:
        raise Invalid(_("The customer has no e-mail address. Nothing was sent."))
    if address is None:
        raise Invalid(_("The customer has no mobile number. Nothing was sent."))
    if failure is not None:
        raise Invalid(
            _("The last attempt to reach %(address)s failed: %(reason)s. Nothing was sent."),
            address=address,
            reason=failure.reason,
        )


def _facts(customer: Customer, writing: Writing, principal: Principal) -> Facts:
    parts = loading.permitted(loading.needed(writing.source), principal)
    if writing.booking_id is None:
        return loading.for_customers([customer.id], parts, at=now())[customer.id]
    found = loading.for_bookings([writing.booking_id], parts, at=now()).get(writing.booking_id)
    if found is None or found.customer is None or found.customer.id != customer.id:
        raise NotFound
    return found
