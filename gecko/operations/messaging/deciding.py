"""What staff decide: of messages nobody can say were sent, and of those that still wait."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from ... import audit
from ...clock import now
from ...db import db
from ...errors import Conflict
from ...language import _
from ...models.campaigns import Campaign, CampaignState
from ...models.messages import Message, MessageChannel, MessageReason, MessageState
from . import channels, events

AGAIN_WITHIN = timedelta(days=1)


def send_again(message_id: int) -> None:
    """Queue a message of which nobody knows whether it was sent; the customer may get it twice."""
    moment = now()
    stopped = (
        select(Campaign.id)
        .join(Message, Message.campaign_id == Campaign.id)
        .where(Message.id == message_id, Campaign.state == CampaignState.STOPPED)
    )
    if db.session.scalar(stopped) is not None:
        raise Conflict(_("The newsletter that the message belongs to was stopped."))
    message = _move(
        message_id, MessageState.UNKNOWN, MessageState.QUEUED, not_before=moment, expires_at=moment + AGAIN_WITHIN
    )
    _note("message.sent_again", message)


def count_as_sent(message_id: int) -> None:
    """Take a message of which nobody knows as sent."""
    message = _move(message_id, MessageState.UNKNOWN, MessageState.SENT, sent_at=now())
    _note("message.counted_as_sent", message)


def withdraw(message_id: int) -> None:
    """Take a message that still waits out of the queue."""
    message = _move(message_id, MessageState.QUEUED, MessageState.CANCELLED, reason=MessageReason.WITHDRAWN)
    _note("message.withdrawn", message)


def wake_channel(channel: MessageChannel) -> None:
    """Let a resting channel go on at once: somebody has removed the cause."""
    channels.works(channel)
    audit.record("channel.woken", entity="channel_state", entity_id=channel)


def _move(message_id: int, before: MessageState, after: MessageState, **values: Any) -> Message:
    moved = db.session.scalar(
        update(Message)
        .where(Message.id == message_id, Message.state == before)
        .values(state=after, phase=None, **values)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    if moved is None:
        raise Conflict(_("The message is in another state by now."))
    events.append([message_id], after, reason=values.get("reason"))
    statement = select(Message).where(Message.id == message_id).execution_options(populate_existing=True)
    return db.session.scalars(statement).one()


def _note(action: str, message: Message) -> None:
    audit.record(
        action,
        entity="message",
        entity_id=message.id,
        customer_id=message.customer_id,
        facts={"channel": str(message.channel), "kind": str(message.kind)},
    )
