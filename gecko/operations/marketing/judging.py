"""Who of those an occasion comes to is written to, over which channels, and what keeps the others from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select

from ...channels import MessageChannel
from ...clock import local, now, today
from ...db import db
from ...models.marketing_triggers import MarketingTrigger
from ...models.messages import Message, MessageReason, MessageState
from ..campaigns import audience
from . import occasions

BATCH = 200
_UNREAD = (MessageState.SUPPRESSED, MessageState.CANCELLED, MessageState.EXPIRED)
"""States of what never reached anybody, and counts for no period."""


class Held(StrEnum):
    """What a trigger's own rules keep somebody from."""

    HAD_IT = "had_it"  # this very occurrence
    WAITING = "waiting"
    STANDBY = "standby"


@dataclass(frozen=True, slots=True)
class Judged:
    """A customer whom the occasion comes to: channels to write over, or why not, by channel or at all."""

    customer_id: int
    occurrence: str
    channels: tuple[MessageChannel, ...]
    held: Held | None
    hindrances: tuple[tuple[MessageChannel, MessageReason], ...]


def key(trigger_id: int, customer_id: int, occurrence: str, channel: MessageChannel) -> str:
    """What makes it the same message, whoever writes it."""
    return f"trigger:{trigger_id}:{customer_id}:{occurrence}:{channel}"


def channels_of(trigger: MarketingTrigger) -> list[MessageChannel]:
    """Those it has a template for."""
    given = {MessageChannel.EMAIL: trigger.email_template_id, MessageChannel.SMS: trigger.sms_template_id}
    return [channel for channel, template_id in given.items() if template_id is not None]


def of_day(trigger: MarketingTrigger, day: date) -> list[Judged]:
    """Everybody to whom the occasion comes on a day."""
    found = list(dict(occasions.coming(trigger, day)).items())
    batches = (found[first : first + BATCH] for first in range(0, len(found), BATCH))
    return [one for batch in batches for one in judge(trigger, batch)]


def judge(trigger: MarketingTrigger, coming: Sequence[tuple[int, str]]) -> list[Judged]:
    """The same for some hundred at most."""
    channels, ids = channels_of(trigger), [customer_id for customer_id, _occurrence in coming]
    alone = {channel: audience.judge(ids, channel, is_marketing=True) for channel in channels}
    had, own, others = _had(trigger, coming), *_written(trigger, ids)
    judged = []
    for customer_id, occurrence in coming:
        reasons = {channel: alone[channel][customer_id][1] for channel in channels if customer_id in alone[channel]}
        held = _held(trigger, customer_id, had, own, others)
        open_ = tuple(channel for channel, reason in reasons.items() if reason is None) if held is None else ()
        hindrances = tuple((channel, reason) for channel, reason in reasons.items() if reason is not None)
        judged.append(Judged(customer_id, occurrence, open_, held, hindrances))
    return judged


def _had(trigger: MarketingTrigger, coming: Iterable[tuple[int, str]]) -> set[int]:
    keys = {
        key(trigger.id, customer_id, occurrence, channel): customer_id
        for customer_id, occurrence in coming
        for channel in channels_of(trigger)
    }
    written = db.session.scalars(select(Message.dedupe_key).where(Message.dedupe_key.in_(keys)))
    return {keys[one] for one in written}


def _written(trigger: MarketingTrigger, ids: Sequence[int]) -> tuple[dict[int, datetime], dict[int, datetime]]:
    """When each was last written to by this trigger, and by any other, as far back as its periods reach."""
    longest = max(trigger.waiting_days, trigger.standby_days)
    statement = (
        select(Message.customer_id, Message.trigger_id, func.max(Message.created_at))
        .where(
            Message.customer_id.in_(ids),
            Message.trigger_id.is_not(None),
            Message.created_at >= now() - timedelta(days=longest + 1),
            Message.state.not_in(_UNREAD),
        )
        .group_by(Message.customer_id, Message.trigger_id)
    )
    own: dict[int, datetime] = {}
    others: dict[int, datetime] = {}
    for customer_id, trigger_id, at in db.session.execute(statement):
        into = own if trigger_id == trigger.id else others
        if customer_id is not None:
            into[customer_id] = max(at, into.get(customer_id, at))
    return own, others


def _held(
    trigger: MarketingTrigger, customer_id: int, had: set[int], own: dict[int, datetime], others: dict[int, datetime]
) -> Held | None:
    if customer_id in had:
        return Held.HAD_IT
    if _is_within(own.get(customer_id), trigger.waiting_days):
        return Held.WAITING
    return Held.STANDBY if _is_within(others.get(customer_id), trigger.standby_days) else None


def _is_within(at: datetime | None, days: int) -> bool:
    """Whether it was less than so many days ago, by the calendar: what is written daily does not slip by an hour."""
    return at is not None and local(at).date() > today() - timedelta(days=days)
