"""When a campaign is over: nothing of it waits or is being sent any more. The sweep asks, and asks again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Exists, exists, update

from ...clock import now
from ...db import db
from ...models.campaigns import Campaign, CampaignState
from ...models.messages import Message, MessageChannel, MessageState

SENT_FROM_HERE = (MessageChannel.EMAIL, MessageChannel.SMS)


def settle() -> None:
    """End what is through. A campaign goes on where a message of it waits again, as its address was corrected."""
    through = (Campaign.state == CampaignState.RUNNING) & Campaign.is_written
    through &= ~_any(MessageState.QUEUED, MessageState.SENDING)
    _move(through, CampaignState.DONE, finished_at=now())
    _move((Campaign.state == CampaignState.DONE) & _any(MessageState.QUEUED), CampaignState.RUNNING, finished_at=None)


def _any(*states: MessageState) -> Exists:
    """SQL: the campaign has a message in one of these states. Naming the channels lets the index answer."""
    return exists().where(
        Message.campaign_id == Campaign.id, Message.channel.in_(SENT_FROM_HERE), Message.state.in_(states)
    )


def _move(which: ColumnElement[bool], state: CampaignState, **values: Any) -> None:
    db.session.execute(
        update(Campaign)
        .where(which)
        .values(state=state, row_version=Campaign.row_version + 1, **values)
        .execution_options(synchronize_session=False)
    )
