"""Killed at random: senders, writers, the mail server and the queue server, while messages are written and sent."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update

from gecko.clock import now
from gecko.db import db, transaction
from gecko.models.messages import Message, MessageState
from gecko.operations.messaging import channels, claiming

from .. import beat
from ..messages import draining, sender
from . import writing
from .crew import Crew
from .stage import Stage

SENDERS, WRITERS = 4, 2
LEASE = timedelta(seconds=3)
SWEEP_EVERY = 1.0
"""Both shorter than in life, so that a trial need not wait for minutes; the rest of the product is as it is."""
PATIENCE = 60.0
"""Seconds after the last kill within which everything that may go must be out."""


def run(stage: Stage, *, messages: int, kills: int, seed: int, with_queue: bool) -> tuple[dict[str, Any], list[str]]:
    """Write and send while killing; returns what happened, and the keys that were promised."""
    draw = random.Random(seed)  # noqa: S311 (which process dies next)
    claiming.LEASE, sender.SWEEP_EVERY, beat.EVERY = LEASE, SWEEP_EVERY, SWEEP_EVERY
    folder = stage.config.instance
    share = messages // WRITERS
    parts = [range(n * share, messages if n == WRITERS - 1 else (n + 1) * share) for n in range(WRITERS)]
    promises = [folder / f"promised-{n}" for n in range(WRITERS)]
    senders = Crew(stage.app, draw, [sender.run] * SENDERS + [beat.run])
    writers = Crew(
        stage.app, draw, [partial(_write_all, part, path) for part, path in zip(parts, promises, strict=True)]
    )
    if with_queue:
        stage.start_queue()
    started = time.monotonic()
    done = 0
    try:
        writers.start()
        senders.start()
        while done < kills:
            time.sleep(draw.uniform(0.0, 0.06))
            _kill(stage, draw, senders, writers, done, with_queue=with_queue)
            done += 1
        killed_for = time.monotonic() - started
        after = _wait(writers, senders, promises, messages)
        put_off = _let_time_pass()
        _wait(writers, senders, promises, messages)
    finally:
        senders.stop()
        writers.stop()
    keys = [key for path in promises for key in writing.promised(path)]
    return {
        "seconds of kills": round(killed_for, 1),
        "seconds after the last kill": round(after, 1),
        "put off": put_off,
    }, keys


def _write_all(part: range, path: Path) -> None:
    writing.write(part, path)
    while True:  # its work is done; it stays so that it can be killed like everybody
        time.sleep(1)


def _kill(stage: Stage, draw: random.Random, senders: Crew, writers: Crew, count: int, *, with_queue: bool) -> None:
    if count % 100 == 50:
        stage.mail.kill()
        stage.mail.start()
        _wake_channels()
    elif with_queue and count % 100 == 99:
        stage.kill_queue()
        stage.start_queue()
    elif count % 5 == 0:
        writers.kill_one()
    else:
        senders.kill_one()


def _wake_channels() -> None:
    """What staff do once the mail server is back: no channel rests any longer."""
    with transaction():
        for channel in draining.CHANNELS:
            channels.works(channel)


def _wait(writers: Crew, senders: Crew, promises: list[Path], messages: int) -> float:
    """Until everything is written and nothing waits that may go; returns the seconds it took."""
    started = time.monotonic()
    while time.monotonic() - started < PATIENCE:
        time.sleep(0.5)
        writers.mend()
        senders.mend()
        _wake_channels()
        if sum(len(writing.promised(path)) for path in promises) >= messages and not _waiting():
            break
    return time.monotonic() - started


def _waiting() -> int:
    may_go = (Message.state == MessageState.QUEUED) & (Message.not_before <= now())
    is_held = Message.state == MessageState.SENDING
    try:
        return db.session.scalar(select(func.count()).select_from(Message).where(may_go | is_held)) or 0
    finally:
        db.session.remove()


def _let_time_pass() -> int:
    """Bring on the hour of what was refused for now, such as by a mail server that was killed; returns how many."""
    with transaction() as session:
        ids = session.scalars(
            update(Message)
            .where(Message.state == MessageState.QUEUED)
            .values(not_before=now())
            .returning(Message.id)
            .execution_options(synchronize_session=False)
        ).all()
    return len(ids)
