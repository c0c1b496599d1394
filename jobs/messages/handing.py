"""Several messages in hand at once: lanes talk with the other side, one thread alone talks with the database.

A lane asks the fence and waits; whatever answers and fences have come together while the last ones were written are
written in one transaction. So lanes share commits without ever waiting for each other, and with one lane every answer
and every fence has a commit of its own.

The lanes grow with what went through. Who has just started is the likeliest to break, over the same message again and
again perhaps, and what he has in hand when he does may need a decision: so he begins with one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from types import TracebackType

from gecko.db import run_write
from gecko.gateways.email import Mail
from gecko.gateways.outcomes import Accepted, Outcome
from gecko.gateways.sms import Sms
from gecko.models.messages import MessageChannel
from gecko.operations.messaging import channels, events, fencing, holding

from . import answers, crash_points
from .outlets import Outlets

log = logging.getLogger(__name__)
STEADY = 12
"""After so many messages that went through there may be another lane."""
COMPANY = 0.004
"""Seconds that news wait for other lanes at most before they are written; a commit takes about as long."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A lane stands before the fence, and waits for the verdict."""

    message_id: int
    verdict: Future[bool] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class _Answered:
    """A lane is done: with an outcome, or with a defect of ours."""

    message_id: int
    outcome: Outcome | BaseException


@dataclass(frozen=True, slots=True)
class Heard:
    """News that came together: who stands before the fence, what became of others, and defects of ours."""

    asked: list[_Asked] = field(default_factory=list)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    defects: list[BaseException] = field(default_factory=list)

    @property
    def answered(self) -> int:
        """How many lanes are done with their message."""
        return len(self.outcomes) + len(self.defects)

    @property
    def accepted(self) -> int:
        """How many of them were told yes."""
        return sum(isinstance(one, Accepted) for one in self.outcomes.values())


class Desk:
    """What one turn has in hand on a channel. `goes_on`: whether the answers so far let the channel go on."""

    def __init__(self, channel: MessageChannel, owner: str, outlets: Outlets) -> None:
        self.goes_on = True
        self._channel, self._owner, self._outlets = channel, owner, outlets
        self._most = outlets.lanes(channel)
        self._lanes = ThreadPoolExecutor(self._most, thread_name_prefix="lane")
        self._news: SimpleQueue[_Asked | _Answered] = SimpleQueue()
        self._loaded: dict[int, Mail | Sms | None] = {}
        self._in_hand = 0
        self._went_through = 0
        self._is_known_to_work = False

    def __enter__(self) -> Desk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._in_hand:
            self._let_go()
        self._lanes.shutdown()

    def load(self, message_ids: list[int]) -> None:
        """Read what is to be handed over."""
        self._loaded = self._outlets.load(message_ids)
        self._is_known_to_work = False  # as often as the channel is looked at, and no oftener

    def has_room(self) -> bool:
        """Whether another message may be taken in hand now."""
        return self._in_hand < min(self._most, 1 + self._went_through // STEADY)

    def is_idle(self) -> bool:
        """Whether nothing is in hand."""
        return not self._in_hand

    def hand_over(self, message_id: int) -> None:
        """Give a message to a lane."""
        self._in_hand += 1
        self._lanes.submit(self._hand_over, message_id, self._loaded.get(message_id))

    def hear(self) -> Heard:
        """Wait for news from the lanes. A lane that was told yes may begin with the next message at once: that cannot
        pass its fence before this answer is written."""
        heard = self._heard()
        self._in_hand -= heard.accepted
        return heard

    def write(self, heard: Heard) -> None:
        """Write down what was heard, and let those pass who may."""
        passed: set[int] = set()
        try:
            passed = self._write({one.message_id for one in heard.asked}, heard.outcomes)
        except Exception:
            if heard.asked and heard.outcomes:  # what breaks the fence must not take the answers with it
                self._write(set(), heard.outcomes)
            raise
        finally:
            self._in_hand -= heard.answered - heard.accepted
            for one in heard.asked:
                one.verdict.set_result(one.message_id in passed)
        for error in heard.defects:
            raise error

    # -- in the lanes

    def _hand_over(self, message_id: int, content: Mail | Sms | None) -> None:
        crash_points.reached("send.begun")
        outcome: Outcome | BaseException
        try:
            outcome = self._outlets.send(content, lambda: self._ask(message_id))
        except BaseException as error:
            outcome = error
        crash_points.reached("send.answered")
        self._news.put(_Answered(message_id, outcome))

    def _ask(self, message_id: int) -> bool:
        crash_points.reached("fence.asked")
        asked = _Asked(message_id)
        self._news.put(asked)
        return asked.verdict.result()

    # -- at the desk

    def _heard(self) -> Heard:
        """What came, at least one thing, and what follows it closely."""
        heard = [self._news.get()]
        until = time.monotonic() + COMPANY
        with suppress(Empty):
            while len(heard) < self._in_hand:
                heard.append(self._news.get(timeout=max(0.0, until - time.monotonic())))
        answered = {one.message_id: one.outcome for one in heard if isinstance(one, _Answered)}
        return Heard(
            [one for one in heard if isinstance(one, _Asked)],
            {key: one for key, one in answered.items() if not isinstance(one, BaseException)},
            [one for one in answered.values() if isinstance(one, BaseException)],
        )

    def _write(self, asked: set[int], outcomes: Mapping[int, Outcome]) -> set[int]:
        """Answers, then fences, in one transaction; returns who may pass."""
        went_through = sum(isinstance(one, Accepted) for one in outcomes.values())

        def write() -> tuple[bool, set[int]]:
            held = holding.hold(asked | set(outcomes), self._owner)
            with events.together():
                goes_on = answers.write(self._channel, self._owner, outcomes, held)
                if went_through and not self._is_known_to_work:
                    channels.works(self._channel)
                if outcomes:
                    crash_points.reached("answer.written")
                passed = fencing.pass_fences(asked & held, self._owner)
            if asked:
                crash_points.reached("fence.written")
            return goes_on, passed

        goes_on, passed = run_write(write)
        if outcomes:
            crash_points.reached("answer.committed")
        if asked:
            crash_points.reached("fence.committed")
        self.goes_on = self.goes_on and goes_on
        self._went_through += went_through
        self._is_known_to_work = self._is_known_to_work or went_through > 0
        return passed

    def _let_go(self) -> None:
        """After a break nobody passes any more; what was handed over before is still answered."""
        heard = self._heard()
        self._in_hand -= heard.answered
        for one in heard.asked:
            one.verdict.set_result(False)
        try:
            self._write(set(), heard.outcomes)
        except Exception:
            log.exception("the answers of messages %s could not be written", sorted(heard.outcomes))
