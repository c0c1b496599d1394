"""One turn of sending: claim a few, hand them over, until nothing is due or the turn is over.

A turn is short, so that a worker that is asked to stop does; what it claimed and did not send it gives back. A turn
never retries by itself: a retry is a row with a time.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import time

from gecko import actor
from gecko.db import db, only_read, run_write
from gecko.models.messages import MessageChannel
from gecko.operations.messaging import claiming, sweeping

from ..work import stopping
from . import crash_points
from .handing import Desk
from .outlets import Outlets, open_outlets

log = logging.getLogger(__name__)
CHANNELS = (MessageChannel.EMAIL, MessageChannel.SMS)
TURN = 30.0
FIRST, BATCH = 8, 50
"""How many a turn claims at first, and at most."""


def drain(channel: MessageChannel, *, outlets: Outlets, turn: float = TURN, batch: int = BATCH) -> int:
    """Send what is due on a channel for at most `turn` seconds; returns how many messages were taken up."""
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    until, count = time.monotonic() + turn, 0
    only_read()  # past transactions: a ROLLBACK after each reading would have PostgreSQL's driver forget its statements
    with actor.acting_as(actor.Actor(name="outbox", source="job")), Desk(channel, owner, outlets) as desk:
        waiting: list[int] = []
        is_dry = False
        claims = _Claims(channel, owner, batch)

        def goes_on() -> bool:
            return desk.goes_on and time.monotonic() < until and not stopping.is_set()

        def hand_over() -> int:
            handed = 0
            while goes_on() and waiting and desk.has_room():
                desk.hand_over(waiting.pop(0))
                handed += 1
            return handed

        while True:
            if goes_on() and not waiting and not is_dry:
                waiting += claims.take()
                desk.load(waiting)
                is_dry = not waiting
            count += hand_over()
            if desk.is_idle():
                break
            heard = desk.hear()
            count += hand_over()
            desk.write(heard)
        if waiting:
            run_write(lambda: claiming.release(waiting, owner))
    return count


class _Claims:
    """What a turn claims, a portion at a time."""

    def __init__(self, channel: MessageChannel, owner: str, most: int) -> None:
        self._channel, self._owner, self._most = channel, owner, most
        self._size = 0
        self._taken_at = 0.0

    def take(self) -> list[int]:
        """The next portion, now that the last one is in hand."""
        took = time.monotonic() - self._taken_at
        self._size = min(portion(self._size, took) if self._size else FIRST, self._most)
        claimed = run_write(self._claim)
        crash_points.reached("claim.committed")
        self._taken_at = time.monotonic()
        return [one.id for one in claimed]

    def _claim(self) -> list[claiming.Claimed]:
        claimed = claiming.claim(self._channel, self._owner, limit=self._size)
        crash_points.reached("claim.written")
        return claimed


def portion(last: int, seconds: float) -> int:
    """How many messages to claim where the `last` ones took so many seconds: what goes out in a small part of a lease.

    Whoever claimed more than that would still hold some when the lease ends: they go back to the queue, to be claimed
    in vain once more, and where the holder dies nobody has them until then.
    """
    lease = claiming.LEASE.total_seconds()
    if seconds > lease / 4:
        return max(1, last // 2)
    return last * 2 if seconds < lease / 8 else last


def drain_all(*, turn: float = TURN) -> int:
    """One turn on every channel; returns how many messages were taken up."""
    with open_outlets() as outlets:
        return sum(drain(channel, outlets=outlets, turn=turn) for channel in due())


def due() -> list[MessageChannel]:
    """The channels on which something waits that may go now."""
    try:
        return [channel for channel in CHANNELS if claiming.is_any_due(channel)]
    finally:
        db.session.remove()


def sweep() -> sweeping.Swept:
    """Put in order what others dropped, in a transaction of its own."""

    def write() -> sweeping.Swept:
        swept = sweeping.sweep()
        crash_points.reached("sweep.written")
        return swept

    swept = run_write(write)
    crash_points.reached("sweep.committed")
    if swept:
        log.info("outbox: %s", swept)
    return swept
