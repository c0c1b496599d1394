"""What became of a campaign, in numbers: how its messages stand, and what happened when."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select

from ...clock import now
from ...db import db
from ...models.messages import Message, MessageChannel, MessageEvent, MessageReason, MessageState
from . import ending

HOURS = 24
"""Up to so many hours are shown one by one; more are put together."""
STEPS = (1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 720)


class What(StrEnum):
    """What is counted over time."""

    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    OPENED = "opened"


@dataclass(frozen=True, slots=True)
class Standing:
    """One channel: how many messages there are, by state.

    price_ore: of what was sent, where prices are set. begins_at: when the first that waits may go, if that is to come.
    """

    channel: MessageChannel
    states: dict[MessageState, int]
    price_ore: int
    opened: int
    begins_at: datetime | None

    def number(self, *states: MessageState) -> int:
        """How many stand in one of these states."""
        return sum(self.states.get(one, 0) for one in states)

    @property
    def going(self) -> int:
        """How many were meant to go."""
        return self.total - self.number(MessageState.SUPPRESSED)

    @property
    def waiting(self) -> int:
        """How many are not through yet."""
        return self.number(MessageState.QUEUED, MessageState.SENDING)

    @property
    def sent(self) -> int:
        """How many the other side took."""
        return self.number(MessageState.SENT, MessageState.DELIVERED)

    @property
    def total(self) -> int:
        """All of them, those that must not go included."""
        return sum(self.states.values())


@dataclass(frozen=True, slots=True)
class Span:
    """What happened in a span of time that begins at `at` and lasts `hours`."""

    at: datetime
    hours: int
    counts: dict[What, int]


def standings(campaign_id: int) -> list[Standing]:
    """Every channel of a campaign, by its messages."""
    of_it = (Message.campaign_id == campaign_id, Message.channel.in_(ending.SENT_FROM_HERE))
    counted: dict[MessageChannel, dict[MessageState, int]] = defaultdict(dict)
    begins: dict[MessageChannel, datetime] = {}
    by_state = select(Message.channel, Message.state, func.count(), func.min(Message.not_before)).where(*of_it)
    for channel, state, number, earliest in db.session.execute(by_state.group_by(Message.channel, Message.state)):
        counted[channel][state] = number
        if state == MessageState.QUEUED and earliest > now():
            begins[channel] = earliest
    more = select(
        Message.channel,
        func.count(Message.opened_at),
        func.sum(Message.price_ore).filter(Message.sent_at.is_not(None)),
    ).where(*of_it, Message.state.in_((MessageState.SENT, MessageState.DELIVERED, MessageState.FAILED)))
    rest = {row[0]: row for row in db.session.execute(more.group_by(Message.channel))}
    return [
        Standing(channel, states, int((rest[channel][2] if channel in rest else 0) or 0),
                 rest[channel][1] if channel in rest else 0, begins.get(channel))
        for channel, states in sorted(counted.items())
    ]  # fmt: skip


def reasons(campaign_id: int) -> list[tuple[MessageReason, int]]:
    """Why messages were not sent, the most frequent reason first."""
    statement = (
        select(Message.reason, func.count())
        .where(Message.campaign_id == campaign_id, Message.reason.is_not(None))
        .group_by(Message.reason)
    )
    found = [(reason, number) for reason, number in db.session.execute(statement) if reason is not None]
    return sorted(found, key=lambda one: (-one[1], one[0]))


def course(campaign_id: int) -> list[Span]:
    """What happened when, from the first to the last, in as many hours a step as make it readable."""
    of_it = Message.campaign_id == campaign_id
    counts: dict[What, Counter[datetime]] = {
        What.SENT: _by_hour(Message.sent_at, of_it),
        What.DELIVERED: _by_hour(Message.delivered_at, of_it),
        What.OPENED: _by_hour(Message.opened_at, of_it),
        What.FAILED: _by_hour(
            MessageEvent.at,
            MessageEvent.message_id.in_(select(Message.id).where(of_it, Message.state == MessageState.FAILED)),
            MessageEvent.state == MessageState.FAILED,
        ),
    }
    hours = sorted({hour for counted in counts.values() for hour in counted})
    return list(_spans(hours[0], hours[-1], counts)) if hours else []


def _by_hour(instant: Any, *which: ColumnElement[bool]) -> Counter[datetime]:
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    hour = func.strftime("%Y-%m-%dT%H", instant) if is_sqlite else func.to_char(instant, 'YYYY-MM-DD"T"HH24')
    statement = select(hour, func.count()).where(*which, instant.is_not(None)).group_by(hour)
    return Counter(
        {datetime.fromisoformat(f"{text}:00").replace(tzinfo=UTC): n for text, n in db.session.execute(statement)}
    )


def _spans(first: datetime, last: datetime, counts: dict[What, Counter[datetime]]) -> Iterable[Span]:
    lasting = int((last - first) / timedelta(hours=1)) + 1
    step = next((one for one in STEPS if one * HOURS >= lasting), STEPS[-1])
    for number in range(-(-lasting // step)):
        begins = first + timedelta(hours=number * step)
        within = [begins + timedelta(hours=one) for one in range(step)]
        yield Span(begins, step, {what: sum(counted[hour] for hour in within) for what, counted in counts.items()})
