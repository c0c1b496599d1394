"""How each channel fares: how many messages may go now, and a rest after faults of our own system.

A fault of the system (no connection, refused log-in) touches no address and no message: the channel rests, longer each
time, and everything waits.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite

from ...clock import now
from ...db import db
from ...models.messages import ChannelState, MessageChannel
from .. import settings

FAULTS_BEFORE_REST = 3
FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=15)


def state(channel: MessageChannel) -> ChannelState:
    """The channel's row, held until the end of the transaction; made on first use."""
    row = db.session.get(ChannelState, channel, with_for_update=True)
    if row is None:  # another process may be making it at this moment, too
        dialect = postgresql if db.session.connection().dialect.name == "postgresql" else sqlite
        db.session.execute(dialect.insert(ChannelState).values(channel=channel).on_conflict_do_nothing())
        row = db.session.get_one(ChannelState, channel, with_for_update=True)
    return row


def allowance(channel: MessageChannel, moment: datetime) -> int:
    """How many messages may go now: none while the channel rests, else what a minute's worth has refilled."""
    row = state(channel)
    if row.rests_until is not None and row.rests_until > moment:
        return 0
    per_minute = float(settings.get(f"message.{channel}_per_minute"))
    passed = (moment - row.allowance_at).total_seconds() if row.allowance_at else 60.0
    row.allowance = min(per_minute, row.allowance + max(passed, 0.0) * per_minute / 60)
    row.allowance_at = moment
    return int(row.allowance)


def spend(channel: MessageChannel, count: int) -> None:
    """Take messages off the allowance."""
    row = state(channel)
    row.allowance = max(0.0, row.allowance - count)
    db.session.flush()


def fault(channel: MessageChannel, why: str) -> None:
    """Note a fault of our own system; after several in a row the channel rests, twice as long each time."""
    row = state(channel)
    row.faults += 1
    row.fault = why[:500]
    beyond = row.faults - FAULTS_BEFORE_REST
    if beyond >= 0:
        row.rests_until = now() + min(FIRST_REST * 2 ** min(beyond, 10), LONGEST_REST)
    db.session.flush()


def rest(channel: MessageChannel, until: datetime, why: str) -> None:
    """Let the channel rest because the other side asked for it."""
    row = state(channel)
    row.rests_until, row.fault = until, why[:500]
    db.session.flush()


def works(channel: MessageChannel) -> None:
    """Forget faults: a message went through, or staff say that the cause is gone."""
    row = db.session.get(ChannelState, channel)
    if row is not None and (row.faults or row.rests_until):
        row.faults, row.rests_until, row.fault = 0, None, None
        db.session.flush()
