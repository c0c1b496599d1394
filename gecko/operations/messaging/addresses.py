"""What a failed address means for messages: nothing goes to it, on any path, until it is corrected or confirmed."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, case, exists, select, update

from ...clock import now
from ...db import db
from ...models.address_failures import AddressFailure, Channel
from ...models.campaigns import Campaign, CampaignState
from ...models.customers import Customer
from ...models.messages import Message, MessageChannel, MessageReason, MessageState
from . import events

_CHANNELS = {MessageChannel.EMAIL: Channel.EMAIL, MessageChannel.SMS: Channel.SMS}


def failed(wanted: Iterable[tuple[MessageChannel, str]]) -> set[tuple[MessageChannel, str]]:
    """Which of these addresses are marked, in one query; letters have none."""
    asked = {(_CHANNELS[channel], address) for channel, address in wanted if channel in _CHANNELS}
    if not asked:
        return set()
    statement = select(AddressFailure.channel, AddressFailure.address).where(
        AddressFailure.channel.in_(Channel), AddressFailure.address.in_({address for _channel, address in asked})
    )
    found = {(row.channel, row.address) for row in db.session.execute(statement)} & asked
    return {(MessageChannel(str(channel)), address) for channel, address in found}


def is_failed() -> ColumnElement[bool]:
    """SQL: the message's address is marked."""
    return exists().where(AddressFailure.channel == Message.channel, AddressFailure.address == Message.recipient)


def suppress(channel: Channel, address: str) -> int:
    """Take every message that waits for a marked address out of the queue; returns how many."""
    return _suppress(and_(Message.channel == MessageChannel(str(channel)), Message.recipient == address))


def suppress_all() -> int:
    """The same for every marked address: what was written while the mark was being made."""
    return _suppress(is_failed())


def _suppress(which: ColumnElement[bool]) -> int:
    ids = list(
        db.session.scalars(
            update(Message)
            .where(Message.state == MessageState.QUEUED, which)
            .values(state=MessageState.SUPPRESSED, reason=MessageReason.ADDRESS_FAILED)
            .returning(Message.id)
            .execution_options(synchronize_session=False)
        )
    )
    events.append(ids, MessageState.SUPPRESSED, reason=MessageReason.ADDRESS_FAILED)
    return len(ids)


def release() -> int:
    """Queue again what waits for an address that is right now, and is not too late; returns how many.

    Right: the customer has another address today, which is not marked, or the mark is gone. A message that was
    addressed by hand, or whose customer is gone, goes to the address it was written to or not at all; one of a
    campaign that was stopped does not go.
    """
    own = case((Message.channel == MessageChannel.EMAIL, Customer.email), else_=Customer.mobile)
    marked = exists().where(AddressFailure.channel == Message.channel, AddressFailure.address == own)
    stopped = exists().where(Campaign.id == Message.campaign_id, Campaign.state == CampaignState.STOPPED)
    statement = (
        select(Message.id, own.label("address"))
        .join(Customer, Customer.id == Message.customer_id)
        .where(
            Message.state == MessageState.SUPPRESSED,
            Message.reason == MessageReason.ADDRESS_FAILED,
            Message.expires_at > now(),
            Customer.deleted_at.is_(None),
            own.is_not(None),
            ~marked,
            ~stopped,
        )
        .with_for_update(of=Message, skip_locked=True)
    )
    found = db.session.execute(statement).all()
    for message_id, address in found:
        db.session.execute(
            update(Message)
            .where(Message.id == message_id)
            .values(state=MessageState.QUEUED, reason=None, recipient=address)
            .execution_options(synchronize_session=False)
        )
    events.append([row.id for row in found], MessageState.QUEUED, detail="address corrected")
    return len(found)
