"""One turn of sending: claim a few, send them one by one, until nothing is due or the turn is over.

A turn is short, so that a worker that is asked to stop does; what it claimed and did not send it gives back. A turn
never retries by itself: a retry is a row with a time.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import time
from collections.abc import Callable
from functools import partial

from gecko import actor
from gecko.db import db, run_write
from gecko.gateways.outcomes import Fence, Outcome
from gecko.models.messages import MessageChannel
from gecko.operations.messaging import claiming, fencing, sweeping

from ..work import stopping
from . import answers, crash_points
from .outlets import Outlets, open_outlets

log = logging.getLogger(__name__)
CHANNELS = (MessageChannel.EMAIL, MessageChannel.SMS)
TURN = 30.0
BATCH = 20


def drain(channel: MessageChannel, *, outlets: Outlets, turn: float = TURN, batch: int = BATCH) -> int:
    """Send what is due on a channel for at most `turn` seconds; returns how many messages were taken up."""
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    until, count = time.monotonic() + turn, 0
    with actor.acting_as(actor.Actor(name="outbox", source="job")):
        while time.monotonic() < until and not stopping.is_set():
            claimed = [one.id for one in run_write(lambda: _claim(channel, owner, batch))]
            crash_points.reached("claim.committed")
            if not claimed:
                break
            sent = _send_all(channel, claimed, owner, outlets)
            count += sent
            if sent < len(claimed):
                break
    return count


def _claim(channel: MessageChannel, owner: str, limit: int) -> list[claiming.Claimed]:
    claimed = claiming.claim(channel, owner, limit=limit)
    crash_points.reached("claim.written")
    return claimed


def _send_all(channel: MessageChannel, message_ids: list[int], owner: str, outlets: Outlets) -> int:
    """Send claimed messages in turn; gives back the rest where the channel has to rest or the process is to stop."""
    loaded = outlets.load(message_ids)
    waiting = list(message_ids)
    while waiting:
        message_id = waiting.pop(0)
        goes_on = _send(channel, message_id, owner, partial(outlets.send, loaded.get(message_id)))
        if not goes_on or stopping.is_set():
            break
    if waiting:
        run_write(lambda: claiming.release(waiting, owner))
    return len(message_ids) - len(waiting)


def _send(channel: MessageChannel, message_id: int, owner: str, hand_over: Callable[[Fence], Outcome]) -> bool:
    crash_points.reached("send.begun")
    outcome = hand_over(lambda: _fence(message_id, owner))
    crash_points.reached("send.answered")

    def write() -> bool:
        goes_on = answers.write(channel, message_id, owner, outcome)
        crash_points.reached("answer.written")
        return goes_on

    goes_on = run_write(write)
    crash_points.reached("answer.committed")
    return goes_on


def _fence(message_id: int, owner: str) -> bool:
    crash_points.reached("fence.asked")

    def write() -> bool:
        passed = fencing.pass_fence(message_id, owner)
        crash_points.reached("fence.written")
        return passed

    passed = run_write(write)
    crash_points.reached("fence.committed")
    return passed


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
