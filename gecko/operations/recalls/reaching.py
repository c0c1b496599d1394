"""Over which channel a customer is asked back, or why over none; and the message.

The template's channels are tried in their order. A recall that was agreed with the customer is a service and needs no
consent; a win-back is marketing (markedsføringsloven § 10), which the outbox checks again at the last moment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from ...clock import now
from ...db import db
from ...models.customer_groups import CustomerGroup
from ...models.customers import Customer
from ...models.messages import Message, MessageChannel, MessageKind
from ...models.recalls import Recall, RecallTemplateText, TurnReason
from ...models.texts import MessageTemplate
from .. import message_templates
from ..letters import addressing
from ..messaging import addresses, enqueuing, quiet, single
from ..messaging.enqueuing import Draft
from ..texts import composing, loading, storing
from ..texts.facts import Facts, Recalled
from ..texts.reviewing import Source
from ..texts.shipping import Name, TextKey

LETTER, SMS = MessageChannel.LETTER, MessageChannel.SMS


@dataclass(frozen=True, slots=True)
class Reached:
    """The channel that was found, or tried first, and why nothing goes over it; with the message where it does."""

    channel: MessageChannel
    reason: TurnReason | None
    draft: Draft | None = None

    def send(self) -> Message | None:
        """Write the message into the outbox, or find the one that stands there; None where there is none to write."""
        if self.draft is None:
            return None
        standing = select(Message).where(Message.dedupe_key == self.draft.dedupe_key)
        return enqueuing.enqueue(self.draft) or db.session.scalars(standing).one()


def reach(recall: Recall, on: date, *, by_letter: bool = True) -> Reached:
    """The first channel over which the customer can be asked back for `on`; the first one's reason where none can."""
    customer = db.session.get_one(Customer, recall.customer_id, populate_existing=True)
    channels = [one for one in recall.template.channels if by_letter or one != LETTER]
    if not db.session.get_one(CustomerGroup, customer.group_id).is_active:
        return Reached((channels or [LETTER])[0], TurnReason.GROUP_INACTIVE)
    refused: list[Reached] = []
    for channel in channels:
        found = _over(channel, recall, customer, on)
        if found.reason in (None, TurnReason.LETTER):
            return found
        refused.append(found)
    return refused[0] if refused else Reached(LETTER, TurnReason.LETTER)


def _over(channel: MessageChannel, recall: Recall, customer: Customer, on: date) -> Reached:
    hindrance = _hindrance(channel, recall, customer)
    if hindrance is not None:
        return Reached(channel, hindrance)
    draft = _draft(channel, recall, customer, on)
    return Reached(channel, None if draft else TurnReason.NO_TEXT, draft)


def _hindrance(channel: MessageChannel, recall: Recall, customer: Customer) -> TurnReason | None:
    if channel == LETTER:
        person = loading.for_customers([customer.id], frozenset(), at=now())[customer.id].customer
        return TurnReason.LETTER if person and addressing.lines(person) else TurnReason.NO_ADDRESS
    if not single.is_open(channel):
        return TurnReason.CHANNEL_CLOSED
    address = single.recipient_of(customer, channel)
    if address is None:
        return TurnReason.NO_ADDRESS
    if addresses.failed([(channel, address)]):
        return TurnReason.ADDRESS_FAILED
    unwilling = enqueuing.unwilling(channel, MessageKind.RECALL, recall.template.is_win_back, customer)
    return None if unwilling is None else TurnReason.NO_CONSENT


def _draft(channel: MessageChannel, recall: Recall, customer: Customer, on: date) -> Draft | None:
    """The message; None where there is nothing to say, or what must not go by SMS."""
    source, _own = text_for(channel, recall, customer.language)
    composed = composing.compose(source, facts_for(recall, source, on), channel, customer.language)
    if not composed.is_sendable:
        return None
    return Draft(
        channel=channel,
        kind=MessageKind.RECALL,
        dedupe_key=f"recall:{recall.id}:{on.isoformat()}:{channel}",
        subject=composed.subject,
        body=composed.body,
        html=composed.html,
        customer_id=customer.id,
        language=customer.language,
        is_marketing=recall.template.is_win_back,
        not_before=quiet.next_allowed(now()) if channel == SMS else None,
    )


def facts_for(recall: Recall, source: Source, on: date) -> Facts:
    """What a text may say to the customer about this sign-up and date."""
    facts = loading.for_customers([recall.customer_id], loading.needed(source), at=now())[recall.customer_id]
    if facts.customer is None:
        return facts
    recalled = Recalled(on, recall.service.name, recall.service.is_sensitive)
    return replace(facts, customer=replace(facts.customer, recall=recalled))


def text_for(channel: MessageChannel, recall: Recall, language: str) -> tuple[Source, MessageTemplate | None]:
    """What is written over a channel: the template's own text with where it stands, or the product's."""
    own = db.session.scalar(
        select(MessageTemplate)
        .join(RecallTemplateText, RecallTemplateText.message_template_id == MessageTemplate.id)
        .where(
            RecallTemplateText.template_id == recall.template_id,
            RecallTemplateText.channel == channel,
            RecallTemplateText.language == language,
            MessageTemplate.deleted_at.is_(None),
        )
    )
    if own is not None:
        return message_templates.source(own), own
    key = TextKey.WIN_BACK if recall.template.is_win_back else TextKey.RECALL
    return storing.held(Name(key, channel, language)).source, None
