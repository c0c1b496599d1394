"""The fence: the last look before the point of no return, and what becomes of a message that does not pass.

Passing is one statement that changes the row only while everything still holds. Whoever changes what a message speaks
of therefore finds it either not handed yet, and can withdraw it, or handed, and has to wait (see withdrawing). The
lease begins anew with it, so that it covers the wait for the answer.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, bindparam, exists, not_, or_, select, update

from ...clock import now
from ...db import db
from ...models.campaigns import Campaign, CampaignState
from ...models.customers import Customer
from ...models.messages import Message, MessageChannel, MessagePhase, MessageReason, MessageState
from . import addresses, claiming, enqueuing, events, holding, speaking


def pass_fence(message_id: int, owner: str) -> bool:
    """Whether the holder may hand the message over now; on no, nothing may leave and the row says why."""
    return bool(pass_fences(holding.hold([message_id], owner), owner))


def pass_fences(message_ids: Collection[int], owner: str) -> set[int]:
    """Which of several messages that the holder holds (`holding.hold`) may leave now, each on a way of its own."""
    if not message_ids:
        return set()
    moment = now()
    ids = holding.places(message_ids)
    values = {**ids, "owner": owner, "moment": moment, "until": moment + claiming.LEASE}
    handed = set(db.session.connection().execute(_pass(len(ids)), values).scalars())
    events.append(sorted(handed), MessageState.SENDING, phase=MessagePhase.HANDED, owner=owner)
    for message_id in sorted(set(message_ids) - handed):
        _settle(message_id, owner)
    return handed


@cache
def _pass(width: int) -> Any:
    """Built once, and past the session: every message asks it."""
    moment: Any = bindparam("moment", type_=Message.lease_until.type)
    return (
        update(cast(Any, Message.__table__))
        .where(
            holding.is_among(width),
            _is_held(bindparam("owner"), moment),
            Message.expires_at > moment,
            *_still_right(),
        )
        .values(phase=MessagePhase.HANDED, lease_until=bindparam("until"))
        .returning(Message.id)
    )


def _is_held(owner: Any, moment: Any) -> ColumnElement[bool]:
    return and_(
        Message.lease_owner == owner,
        Message.state == holding.constant(MessageState.SENDING),
        Message.phase == holding.constant(MessagePhase.CLAIMED),
        Message.lease_until > moment,
    )


def _still_right() -> list[ColumnElement[bool]]:
    return [
        not_(addresses.is_failed()),
        or_(and_(Message.customer_id.is_(None), not_(Message.is_marketing)), exists().where(_is_willing())),
        not_(speaking.is_untrue()),
        or_(Message.campaign_id.is_(None), exists().where(_runs())),
    ]


def _runs() -> ColumnElement[bool]:
    return and_(Campaign.id == Message.campaign_id, Campaign.state == holding.constant(CampaignState.RUNNING))


def _is_willing() -> ColumnElement[bool]:
    """SQL: the message's customer is there and wants a message of this kind (see enqueuing.unwilling)."""
    by_mail = Message.channel == holding.constant(MessageChannel.EMAIL)
    agreed = or_(and_(by_mail, Customer.accepts_marketing_email), and_(not_(by_mail), Customer.accepts_marketing_sms))
    reminded = or_(and_(by_mail, Customer.remind_email), and_(not_(by_mail), Customer.remind_sms))
    return and_(
        Customer.id == Message.customer_id,
        Customer.deleted_at.is_(None),
        or_(not_(Message.is_marketing), agreed),
        or_(and_(*(Message.kind != holding.constant(kind) for kind in enqueuing.OF_BOOKINGS)), reminded),
    )


def _settle(message_id: int, owner: str) -> None:
    """End a message that was held and is not right any more; one that is somebody else's by now is left alone."""
    message = db.session.scalar(
        select(Message)
        .where(Message.id == message_id, _is_held(owner, now()))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if message is None:
        return
    state, reason = _why_not(message)
    message.state, message.phase, message.reason = state, None, reason
    if state == MessageState.QUEUED:
        message.attempt -= 1  # nothing was tried
    if reason == MessageReason.BOOKING_CHANGED:
        message.dedupe_key = speaking.given_up(message.dedupe_key, message.reference)
    db.session.flush()
    events.append([message_id], state, reason=reason, owner=owner)


def _why_not(message: Message) -> tuple[MessageState, MessageReason | None]:
    if message.expires_at <= now():
        return MessageState.EXPIRED, None
    if message.campaign_id is not None and _is_stopped(message.campaign_id):
        return MessageState.CANCELLED, MessageReason.WITHDRAWN
    if message.recipient and addresses.failed([(message.channel, message.recipient)]):
        return MessageState.SUPPRESSED, MessageReason.ADDRESS_FAILED
    if db.session.scalar(select(Message.id).where(Message.id == message.id, speaking.is_untrue())) is not None:
        return MessageState.CANCELLED, MessageReason.BOOKING_CHANGED
    person = db.session.get(Customer, message.customer_id) if message.customer_id is not None else None
    if message.customer_id is not None and (person is None or person.deleted_at is not None):
        return MessageState.CANCELLED, MessageReason.CUSTOMER_GONE
    unwilling = enqueuing.unwilling(message.channel, message.kind, message.is_marketing, person)
    if unwilling is not None:
        return MessageState.SUPPRESSED, unwilling
    return MessageState.QUEUED, None  # its campaign pauses, or it was wrong a moment ago and is right again: it waits


def _is_stopped(campaign_id: int) -> bool:
    return db.session.scalar(select(Campaign.state).where(Campaign.id == campaign_id)) == CampaignState.STOPPED
