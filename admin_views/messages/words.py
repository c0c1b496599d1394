"""What channels, kinds, states and reasons of messages are called, and how they look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext
from markupsafe import Markup

from gecko import phones
from gecko.clock import now
from gecko.language import _
from gecko.models.address_failures import AddressFailure, Channel
from gecko.models.messages import (
    Message,
    MessageChannel,
    MessageEvent,
    MessageKind,
    MessagePhase,
    MessageReason,
    MessageState,
)
from gecko.operations import address_failures

from ..assets import icon
from ..formats import instant

CHANNELS = ((MessageChannel.EMAIL, _("E-mail")), (MessageChannel.SMS, _("SMS")), (MessageChannel.LETTER, _("Letter")))
CHANNEL_ICONS = {MessageChannel.EMAIL: "mail", MessageChannel.SMS: "message", MessageChannel.LETTER: "file-text"}
KINDS = (
    (MessageKind.MANUAL, _("Written by staff")),
    (MessageKind.APPOINTMENT_CARD, _("Appointment card")),
    (MessageKind.CONFIRMATION, _("Confirmation")),
    (MessageKind.REMINDER, _("Reminder")),
    (MessageKind.RECALL, _("Recall")),
    (MessageKind.CAMPAIGN, _("Newsletter")),
    (MessageKind.DOCUMENT, _("Invoice or credit note")),
    (MessageKind.DUNNING, _("Payment reminder")),
    (MessageKind.STATEMENT, _("Statement of account")),
)
STATES = (
    (MessageState.QUEUED, _("Waiting")),
    (MessageState.SENDING, _("Being sent")),
    (MessageState.SENT, _("Sent")),
    (MessageState.DELIVERED, _("Delivered")),
    (MessageState.FAILED, _("Failed")),
    (MessageState.SUPPRESSED, _("Not sent")),
    (MessageState.CANCELLED, _("Called off")),
    (MessageState.EXPIRED, _("Too late")),
    (MessageState.UNKNOWN, _("Needs a decision")),
)
COLOURS = {
    MessageState.QUEUED: "blue",
    MessageState.SENDING: "teal",
    MessageState.SENT: "green",
    MessageState.DELIVERED: "green",
    MessageState.FAILED: "red",
    MessageState.SUPPRESSED: "orange",
    MessageState.CANCELLED: "secondary",
    MessageState.EXPIRED: "yellow",
    MessageState.UNKNOWN: "purple",
}
REASONS = (
    (MessageReason.NO_ADDRESS, _("the customer has no such address")),
    (MessageReason.ADDRESS_FAILED, _("the address failed before")),
    (MessageReason.OPTED_OUT, _("the customer does not want reminders this way")),
    (MessageReason.NO_CONSENT, _("the customer has not agreed to newsletters this way")),
    (MessageReason.CUSTOMER_GONE, _("the customer was deleted")),
    (MessageReason.BOOKING_CHANGED, _("the booking was moved or cancelled")),
    (MessageReason.GROUP_INACTIVE, _("the customer's group is not active")),
    (MessageReason.ADDRESS_SHARED, _("somebody else with the same address gets it")),
    (MessageReason.TEXT_UNFIT, _("the text says nothing to this customer, or what must not go by SMS")),
    (MessageReason.WITHDRAWN, _("withdrawn by staff")),
    (MessageReason.REJECTED, _("refused by the receiving side")),
    (MessageReason.GAVE_UP, _("given up after several attempts")),
)
# What the outbox itself writes beside an event; anything else is what the other side said, and stands as it came.
DETAILS = {
    "address corrected": _("the address was corrected"),
    "daily cap of the address": _("the address got as many messages as it may within a day"),
    "given back": _("put back before anything was sent"),
    "its holder went silent before sending": _("the sending program stopped before anything was sent"),
    "its holder went silent while sending": _("the sending program stopped while the message was handed over"),
}
SOON = timedelta(minutes=1)
FOLLOWED_FOR = timedelta(minutes=5)
"""How long a page that shows a new message keeps asking what became of it."""
_CHANNEL_WORDS, _STATE_WORDS, _REASON_WORDS, _KIND_WORDS = map(dict, (CHANNELS, STATES, REASONS, KINDS))


def channel(which: MessageChannel) -> Markup:
    """The channel's sign, and its name for those who do not see it."""
    return icon(CHANNEL_ICONS[which], label=str(_CHANNEL_WORDS[which]))


def channel_name(which: MessageChannel) -> str:
    """The channel in words."""
    return str(_CHANNEL_WORDS[which])


def kind(which: MessageKind) -> str:
    """What the message is for, in words."""
    return str(_KIND_WORDS[which])


def recipient(message: Message) -> str:
    """Who it goes to, as people write it."""
    if message.channel == MessageChannel.LETTER:
        return ", ".join((message.recipient or "").split("\n")[1:])  # the name stands beside it
    is_number = message.channel == MessageChannel.SMS
    return (phones.display(message.recipient) if is_number else message.recipient) or ""


def failures(messages: Sequence[Message]) -> dict[int, AddressFailure]:
    """The marks on the addresses of several messages, by message."""
    keys = {
        one.id: (Channel(str(one.channel)), one.recipient)
        for one in messages
        if one.recipient and one.channel != MessageChannel.LETTER
    }
    found = address_failures.find(keys.values())
    return {message_id: found[key] for message_id, key in keys.items() if key in found}


def reason(which: MessageReason | None) -> str:
    """Why it was not sent; empty where there is no reason."""
    return str(_REASON_WORDS[which]) if which else ""


def badge(state: MessageState) -> Markup:
    """The state in plain words."""
    return Markup('<span class="badge g-badge g-badge-{}">{}</span>').format(COLOURS[state], _STATE_WORDS[state])


def standing(message: Message) -> Markup:
    """The state, and why where it was not sent."""
    if message.reason is None:
        return badge(message.state)
    said = reason(message.reason)
    cut = Markup('{} <span class="g-message-why g-message-cut" title="{}">{}</span>')
    return cut.format(badge(message.state), said, said)


def waits_until(message: Message) -> str:
    """When a message goes that waits for its hour; empty for any other."""
    if message.state != MessageState.QUEUED or message.not_before <= now() + SOON:
        return ""
    return gettext("goes %(at)s", at=instant(message.not_before))


def is_followed(message: Message, *, at: datetime | None = None) -> bool:
    """Whether the message is about to be sent: a page that shows it asks again until it is."""
    moment = at or now()
    moving = message.state == MessageState.SENDING or (
        message.state == MessageState.QUEUED and message.not_before <= moment + SOON
    )
    return moving and moment - message.created_at < FOLLOWED_FOR


def step(event: MessageEvent) -> str:
    """What an event says, in words."""
    if event.phase == MessagePhase.CLAIMED:
        return gettext("Taken up to be sent")
    if event.phase == MessagePhase.HANDED:
        return gettext("Handed over")
    return str(_STATE_WORDS[event.state])


def detail(event: MessageEvent) -> str:
    """What was said beside an event: its reason, or the other side's own words."""
    said: Any = DETAILS.get(event.detail, event.detail) if event.detail else None
    return "; ".join(str(part) for part in (reason(event.reason), said) if part)
