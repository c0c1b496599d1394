"""Addresses that fail before, while and after messages to them are written and sent, and are corrected meanwhile.

Whatever passes its fence after the mark of its address has committed, and before somebody began to correct it, must
not pass. The clock of the machine parts the two: the instant after the commit of the mark, and the one that the fence
noted before its statement.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from flask import Flask
from sqlalchemy import func, select

from gecko.clock import now
from gecko.db import db, run_write
from gecko.models.address_failures import Channel
from gecko.models.customers import Customer
from gecko.models.messages import Message, MessageEvent, MessagePhase, MessageReason, MessageState
from gecko.operations import address_failures, customers
from gecko.operations.messaging import claiming

from ..messages import sender
from .crew import Crew
from .flagging_paths import write_all
from .truth import Taken

LEASE = timedelta(seconds=3)
SWEEP_EVERY = 1.0
"""Both shorter than in life, so that a trial need not wait for minutes."""
PATIENCE = 60.0
"""Seconds without anything sent, after which whatever still waits is said to wait."""
T = TypeVar("T")
_OWN = {Channel.EMAIL: "email", Channel.SMS: "mobile"}


@dataclass(slots=True)
class Mark:
    """A marked address: whose it is, since when for certain, and until when; until is None where it stayed marked."""

    customer_id: int
    channel: Channel
    address: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What a trial found; sent_to_flagged, twice, not_gone_again and waiting must be 0.

    stopped_at_fence: messages that were claimed before their address was marked, and were held back at the last moment.
    corrected: addresses that were put right, half by another address, half by a word that they are right.
    not_gone_again: messages to their owners that are still held back.
    """

    messages: int
    flagged: int
    corrected: int
    sent: int
    held_back: int
    stopped_at_fence: int
    sent_to_flagged: int
    twice: int
    not_gone_again: int
    waiting: int

    @property
    def is_clean(self) -> bool:
        """Whether nothing went to a marked address, and everything else went."""
        return self.sent_to_flagged + self.twice + self.not_gone_again + self.waiting == 0


@dataclass
class Trial:
    """The marks that were made so far, the latest of each address."""

    draw: random.Random
    marks: dict[tuple[Channel, str], Mark] = field(default_factory=dict)
    corrected: int = 0

    def mark(self, customer_id: int, channel: Channel, address: str) -> None:
        """A delivery to the address failed for good."""
        run_write(lambda: address_failures.mark(channel, address, reason="550 5.1.1 no such user"))
        self.marks[channel, address] = Mark(customer_id, channel, address, since=now())

    def correct(self, mark: Mark) -> None:
        """Staff put it right: every other one by another address, the rest by a word that it is right."""
        mark.until = now()
        self.corrected += 1
        if self.corrected % 2:
            run_write(lambda: address_failures.clear_for(
                mark.customer_id, mark.channel, address=mark.address, principal=None
            ))  # fmt: skip
            return
        other = f"ny.{mark.address}" if mark.channel == Channel.EMAIL else f"+4560{mark.customer_id:06d}"
        run_write(lambda: self._change(mark, other))

    def _change(self, mark: Mark, other: str) -> None:
        row = db.session.get_one(Customer, mark.customer_id)
        customers.update(row.id, {_OWN[mark.channel]: other}, row_version=row.row_version)

    def was_marked(self, channel: Channel, address: str, at: datetime) -> bool:
        """Whether the address was marked for certain at an instant."""
        found = self.marks.get((channel, address))
        return found is not None and found.since < at and (found.until is None or at < found.until)


def run(
    app: Flask, taken: Callable[[], list[Taken]], *, messages: int, flagged: int, senders: int = 4, seed: int = 1
) -> Reckoning:
    """Write `messages` over all paths, mark `flagged` addresses before and meanwhile; inside the app's context."""
    draw = random.Random(seed)  # noqa: S311 (who is marked when)
    claiming.LEASE, sender.SWEEP_EVERY = LEASE, SWEEP_EVERY
    trial = Trial(draw)
    written = write_all(messages, before=lambda people: _mark_some(trial, people, flagged // 4))
    crew = Crew(app, draw, [_send] * senders)
    try:
        crew.start()
        while len(trial.marks) < flagged and _asked(_waiting):
            _mark_next(trial)
            if trial.corrected < len(trial.marks) // 2:
                trial.correct(draw.choice([one for one in trial.marks.values() if one.until is None]))
        waiting = _wait(crew)
    finally:
        crew.stop()
    return _reckon(trial, taken(), written, waiting)


def _send() -> None:
    sender.run(poll=True)


def _mark_some(trial: Trial, people: list[int], count: int) -> None:
    """Marks that stand before anything is written."""
    for customer_id in trial.draw.sample(people, min(count, len(people))):
        channel = trial.draw.choice(list(Channel))
        address = db.session.scalar(select(getattr(Customer, _OWN[channel])).where(Customer.id == customer_id))
        trial.mark(customer_id, channel, str(address))


def _mark_next(trial: Trial) -> None:
    """Mark where a message is in somebody's hands, just before its fence perhaps; every fourth time where one waits."""
    phase = MessagePhase.CLAIMED if trial.draw.random() < 0.75 else None
    state = MessageState.SENDING if phase else MessageState.QUEUED
    wanted = select(Message.customer_id, Message.channel, Message.recipient).where(
        Message.state == state, Message.customer_id.is_not(None)
    )
    if phase:
        wanted = wanted.where(Message.phase == phase)
    rows = _asked(lambda: db.session.execute(wanted.order_by(Message.id.desc()).limit(200)).all())
    fresh = [row for row in rows if (Channel(str(row.channel)), row.recipient) not in trial.marks]
    if not fresh:
        time.sleep(0.01)
        return
    chosen = trial.draw.choice(fresh)
    trial.mark(chosen.customer_id, Channel(str(chosen.channel)), chosen.recipient)


def _wait(crew: Crew) -> int:
    """Until nothing waits any more, or nothing has moved for a while; returns how many messages still wait."""
    moved_at, before = time.monotonic(), -1
    while True:
        time.sleep(0.5)
        crew.mend()
        waiting = _asked(_waiting)
        if waiting != before:
            moved_at, before = time.monotonic(), waiting
        is_quiet = waiting == 0 and time.monotonic() - moved_at > 3 * SWEEP_EVERY  # a sweep may release more
        if is_quiet or time.monotonic() - moved_at > PATIENCE:
            return waiting


def _waiting() -> int:
    live = Message.state.in_((MessageState.QUEUED, MessageState.SENDING))
    return db.session.scalar(select(func.count()).select_from(Message).where(live)) or 0


def _asked(question: Callable[[], T]) -> T:
    try:
        return question()
    finally:
        db.session.remove()


def _reckon(trial: Trial, taken: list[Taken], written: int, waiting: int) -> Reckoning:
    rows = {row.reference: row for row in _asked(lambda: db.session.execute(_CONCERNED).all())}
    handed = _asked(lambda: dict(db.session.execute(_HANDED).all()))
    owners = {(one.customer_id, one.channel) for one in trial.marks.values() if one.until is not None}
    held_back = [row for row in rows.values() if row.reason == MessageReason.ADDRESS_FAILED]
    wrong = [
        one
        for one in taken
        if trial.was_marked(Channel(str(rows[one.reference].channel)), _plain(one), handed[rows[one.reference].id])
    ]
    return Reckoning(
        messages=written,
        flagged=len(trial.marks),
        corrected=trial.corrected,
        sent=len({one.reference for one in taken}),
        held_back=len(held_back),
        stopped_at_fence=_asked(_stopped_at_fence),
        sent_to_flagged=len(wrong),
        twice=len(taken) - len({one.reference for one in taken}),
        not_gone_again=sum((row.customer_id, Channel(str(row.channel))) in owners for row in held_back),
        waiting=waiting,
    )


_CONCERNED = select(Message.id, Message.reference, Message.customer_id, Message.channel, Message.reason)
_HANDED = (
    select(MessageEvent.message_id, func.max(MessageEvent.at))
    .where(MessageEvent.phase == MessagePhase.HANDED)
    .group_by(MessageEvent.message_id)
)


def _plain(one: Taken) -> str:
    """The recipient as the mark has it."""
    return one.recipient if "@" in one.recipient else f"+{one.recipient.removeprefix('+')}"


def _stopped_at_fence() -> int:
    """Messages that their holder gave up because of a mark: such a step bears the name of the holder."""
    stopped = select(func.count(MessageEvent.message_id.distinct())).where(
        MessageEvent.reason == MessageReason.ADDRESS_FAILED, MessageEvent.owner.is_not(None)
    )
    return db.session.scalar(stopped) or 0
