"""How the channels fare: what waits on each, since when, and whether it rests because of a fault of our own system."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, or_, select

from ...clock import now
from ...db import db
from ...models.campaigns import Campaign, CampaignState
from ...models.messages import ChannelState, Message, MessageChannel, MessageState

SENT_FROM_HERE = (MessageChannel.EMAIL, MessageChannel.SMS)


@dataclass(frozen=True, slots=True)
class Fare:
    """A channel. waiting: messages in its queue, later ones and those of campaigns that pause included; due: those that
    may go now, the first since then.

    fault: the latest of our own system; rests_until: nothing is tried before, None where the channel works.
    """

    channel: MessageChannel
    waiting: int
    due: int
    due_since: datetime | None
    fault: str | None
    rests_until: datetime | None


def read() -> list[Fare]:
    """Every channel that is sent from here, in two queries."""
    moment = now()
    running = select(Campaign.id).where(Campaign.state == CampaignState.RUNNING)
    moves = or_(Message.campaign_id.is_(None), Message.campaign_id.in_(running))
    is_due = and_(Message.not_before <= moment, Message.expires_at > moment, moves)
    counted = (
        select(
            Message.channel,
            func.count().label("waiting"),
            func.count(case((is_due, 1))).label("due"),
            func.min(case((is_due, Message.not_before))).label("since"),
        )
        .where(Message.state == MessageState.QUEUED)
        .group_by(Message.channel)
    )
    waits = {row.channel: row for row in db.session.execute(counted)}
    states = {row.channel: row for row in db.session.scalars(select(ChannelState))}
    found = []
    for channel in SENT_FROM_HERE:
        row, state = waits.get(channel), states.get(channel)
        rests = state.rests_until if state and state.rests_until and state.rests_until > moment else None
        found.append(
            Fare(
                channel,
                row.waiting if row else 0,
                row.due if row else 0,
                row.since if row else None,
                state.fault if state else None,
                rests,
            )
        )
    return found
