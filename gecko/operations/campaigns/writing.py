"""A campaign's messages are written into the outbox, some hundred customers in one transaction.

Each customer has one message for each channel, also one who must not get it: the log says why. The key of a message
names campaign, customer and channel, so that writing anew what was broken off doubles nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from ...clock import now
from ...db import db
from ...errors import NotFound
from ...models.campaigns import Campaign, CampaignState, CampaignText
from ...models.messages import Message, MessageChannel, MessageKind, MessageReason, MessageState
from ..messaging import enqueuing, quiet
from ..messaging.enqueuing import Draft
from ..texts import composing, loading
from ..texts.codes import Part
from ..texts.facts import Facts
from ..texts.reviewing import Source
from . import audience, footers

BATCH = 200
"""Customers in one transaction: what SQLite writes in less than a tenth of a second."""
LIFE = timedelta(days=7)
"""How long a message of a campaign may wait to be sent, pauses included."""
_WRITABLE = (CampaignState.RUNNING, CampaignState.PAUSED)
_COMPOSED = (None, MessageReason.ADDRESS_FAILED)
"""A message to a failed address is written in full: it goes when the address is corrected in time."""


class Over(Exception):
    """The campaign was stopped: nothing more is written."""


@dataclass(frozen=True, slots=True)
class Mailing:
    """A campaign as its messages are written, read once for all."""

    campaign_id: int
    name: str
    is_marketing: bool
    texts: Mapping[tuple[MessageChannel, str], Source]
    not_before: datetime

    @property
    def channels(self) -> list[MessageChannel]:
        """Those over which it says something."""
        return sorted({channel for channel, _language in self.texts})

    def needs(self) -> frozenset[Part]:
        """What has to be loaded about customers."""
        return loading.needed(*self.texts.values())

    def text(self, channel: MessageChannel, language: str) -> tuple[str, Source]:
        """The text in the customer's language, or the one there is."""
        found = {lang: source for (one, lang), source in self.texts.items() if one == channel}
        chosen = language if language in found else next(iter(found))
        return chosen, found[chosen]


def read(campaign_id: int) -> Mailing:
    """What is to be written; raises NotFound."""
    row = db.session.get(Campaign, campaign_id)
    if row is None:
        raise NotFound
    texts = db.session.scalars(
        select(CampaignText).where(CampaignText.campaign_id == campaign_id).order_by(CampaignText.id)
    )
    begins = max(row.send_at or now(), now())
    return Mailing(
        row.id,
        row.name,
        row.is_marketing,
        {(one.channel, one.language): _said(one, row.is_marketing) for one in texts},
        quiet.next_allowed(begins),
    )


def _said(text: CampaignText, is_marketing: bool) -> Source:
    source = Source(text.subject or "", text.body)
    return footers.with_link(source, text.channel, text.language) if is_marketing else source


def write(mailing: Mailing, customer_ids: Iterable[int]) -> int:
    """Write the messages to some hundred customers; returns how many are new. Raises Over for a stopped campaign.

    Who was merged meanwhile is answered for by the survivor. The campaign is held first, so that after it was stopped
    nothing more is written.
    """
    state = db.session.scalar(
        select(Campaign.state).where(Campaign.id == mailing.campaign_id).with_for_update(read=True)
    )
    if state not in _WRITABLE:
        raise Over
    people = enqueuing.hold(customer_ids)
    chosen = sorted({person.id for person in people.values()})
    facts = loading.for_customers(chosen, mailing.needs(), at=now())
    drafts = [
        draft
        for channel in mailing.channels
        for draft in _drafts(mailing, channel, [facts[one] for one in chosen if one in facts])
    ]
    return len(enqueuing.enqueue_all(drafts))


def finish(campaign_id: int) -> None:
    """Note that everybody's messages are written."""
    row = db.session.get(Campaign, campaign_id, with_for_update=True, populate_existing=True)
    if row is not None:
        row.is_written = True
        db.session.flush()


def _drafts(mailing: Mailing, channel: MessageChannel, people: Sequence[Facts]) -> Iterator[Draft]:
    judged = audience.judge(
        [one.customer.id for one in people if one.customer], channel, is_marketing=mailing.is_marketing
    )
    taken = _taken(mailing.campaign_id, channel, [address for address, reason in judged.values() if reason is None])
    for facts in people:
        person = facts.customer
        if person is None or person.id not in judged:
            continue
        address, reason = judged[person.id]
        if reason is None and taken.setdefault(address or "", person.id) != person.id:
            reason = MessageReason.ADDRESS_SHARED
        yield _draft(mailing, channel, facts, person.id, person.language, reason)


def _taken(campaign_id: int, channel: MessageChannel, addresses: Iterable[str | None]) -> dict[str, int]:
    """Who gets the campaign already at each of these addresses."""
    statement = select(Message.recipient, Message.customer_id).where(
        Message.channel == channel,
        Message.recipient.in_({one for one in addresses if one}),
        Message.campaign_id == campaign_id,
        Message.state != MessageState.SUPPRESSED,
    )
    return {row.recipient: row.customer_id or 0 for row in db.session.execute(statement)}


def _draft(
    mailing: Mailing, channel: MessageChannel, facts: Facts, customer_id: int, language: str,
    reason: MessageReason | None,
) -> Draft:  # fmt: skip
    spoken, source = mailing.text(channel, language)
    said = composing.compose(source, facts, channel, spoken) if reason in _COMPOSED else None
    if said is not None and not said.is_sendable:
        said, reason = None, MessageReason.TEXT_UNFIT
    return Draft(
        channel=channel,
        kind=MessageKind.CAMPAIGN,
        dedupe_key=f"bulk:{mailing.campaign_id}:{customer_id}:{channel}",
        subject=said.subject if said else mailing.name,
        body=said.body if said else "",
        html=said.html if said else None,
        customer_id=customer_id,
        language=spoken,
        is_marketing=mailing.is_marketing,
        not_before=mailing.not_before,
        expires_at=mailing.not_before + LIFE,
        campaign_id=mailing.campaign_id,
        hindrance=reason,
    )
