"""Taking due messages: each goes to one holder, under a lease, within what the channel may send.

What waits stands in lines: what is said to one customer in one, each campaign in its own. Only the lines of campaigns
that run are looked at, so that pausing one takes a single row, and a hundred thousand messages that are held cost a
claim nothing. The index `ix_message_due` leads with the line. What is said to one customer goes first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select, update

from ...clock import now
from ...db import db
from ...models.campaigns import Campaign, CampaignState
from ...models.messages import ChannelState, Message, MessageChannel, MessagePhase, MessageState
from .. import settings
from . import addresses, channels, events, quiet

LEASE = timedelta(seconds=120)
"""How long a holder keeps what it took. Longer than the slowest answer that a gateway waits for."""
CAP_WINDOW = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message as its holder got it; attempt counts from 1."""

    id: int
    attempt: int


def claim(channel: MessageChannel, owner: str, *, limit: int) -> list[Claimed]:
    """Take up to `limit` due messages of a channel, the longest waiting first; none while the channel rests."""
    moment = now()
    allowed = min(limit, channels.allowance(channel, moment))
    if allowed < 1:
        return []
    taken: list[Any] = []
    for line in _lines(moment):
        taken += _take(_due(channel, line, moment).limit(allowed - len(taken)), owner, moment)
        if len(taken) >= allowed:
            break
    over = _over_the_cap(channel, {row.recipient for row in taken}, moment)
    _postpone([row.id for row in taken if row.recipient in over], moment + timedelta(hours=1))
    kept = [row for row in taken if row.recipient not in over]
    channels.spend(channel, len(kept))
    events.append([row.id for row in kept], MessageState.SENDING, phase=MessagePhase.CLAIMED, owner=owner)
    return sorted((Claimed(row.id, row.attempt) for row in kept), key=lambda one: one.id)


def _lines(moment: datetime) -> Iterator[int | None]:
    """The lines that move: None for what is said to one customer, then running campaigns, outside the quiet hours."""
    yield None
    running = db.session.scalars(
        select(Campaign.id).where(Campaign.state == CampaignState.RUNNING).order_by(Campaign.id)
    ).all()
    if running and quiet.next_allowed(moment) == moment:
        yield from running


def _due(channel: MessageChannel, line: int | None, moment: datetime) -> Select[Any]:
    return (
        select(Message.id)
        .where(
            Message.channel == channel,
            Message.campaign_id.is_(None) if line is None else Message.campaign_id == line,
            Message.state == MessageState.QUEUED,
            Message.not_before <= moment,
            Message.expires_at > moment,
        )
        .order_by(Message.not_before, Message.id)
    )


def _take(wanted: Select[Any], owner: str, moment: datetime) -> list[Any]:
    due = wanted.where(~addresses.is_failed()).with_for_update(skip_locked=True).cte("due")
    statement = (
        update(Message)
        .where(Message.id.in_(select(due.c.id)), Message.state == MessageState.QUEUED)
        .values(
            state=MessageState.SENDING,
            phase=MessagePhase.CLAIMED,
            lease_owner=owner,
            lease_until=moment + LEASE,
            attempt=Message.attempt + 1,
        )
        .returning(Message.id, Message.attempt, Message.recipient)
        .execution_options(synchronize_session=False)
    )
    return list(db.session.execute(statement))


def _over_the_cap(channel: MessageChannel, recipients: set[str | None], moment: datetime) -> set[str]:
    """Who got as many messages within a day as one may."""
    most = int(settings.get("message.daily_cap"))
    counted = (
        select(Message.recipient)
        .where(
            Message.channel == channel,
            Message.recipient.in_(recipients),
            Message.sent_at > moment - CAP_WINDOW,
        )
        .group_by(Message.recipient)
        .having(func.count() >= most)
    )
    return {address for address in db.session.scalars(counted) if address is not None} if recipients else set()


def _postpone(message_ids: list[int], until: datetime) -> None:
    if not message_ids:
        return
    db.session.execute(
        update(Message)
        .where(Message.id.in_(message_ids))
        .values(state=MessageState.QUEUED, phase=None, not_before=until, attempt=Message.attempt - 1)
        .execution_options(synchronize_session=False)
    )
    events.append(message_ids, MessageState.QUEUED, detail="daily cap of the address")


def release(message_ids: list[int], owner: str) -> None:
    """Give back what a holder took and will not send now (it is asked to stop, or its channel rests)."""
    given = list(
        db.session.scalars(
            update(Message)
            .where(
                Message.id.in_(message_ids),
                Message.lease_owner == owner,
                Message.state == MessageState.SENDING,
                Message.phase == MessagePhase.CLAIMED,
            )
            .values(state=MessageState.QUEUED, phase=None, attempt=Message.attempt - 1)
            .returning(Message.id)
            .execution_options(synchronize_session=False)
        )
    )
    events.append(given, MessageState.QUEUED, detail="given back", owner=owner)


def is_any_due(channel: MessageChannel) -> bool:
    """Whether something waits that may go now; nothing may while the channel rests."""
    moment = now()
    row = db.session.get(ChannelState, channel)
    if row is not None and row.rests_until is not None and row.rests_until > moment:
        return False
    return any(db.session.scalar(_due(channel, line, moment).limit(1)) is not None for line in _lines(moment))
