"""Killed at every named point between two steps, many times each: sent once, or undecided, and nothing else."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from gecko.clock import now
from gecko.db import db, transaction
from gecko.models.messages import Message, MessageState
from gecko.operations.messaging import claiming

from .. import processes
from ..messages import crash_points, draining
from ..messages.outlets import open_outlets
from . import writing
from .stage import Stage

POINTS = ("enqueue.written", "enqueue.committed", *crash_points.POINTS)
UNDECIDED = frozenset({"fence.committed", "send.answered", "answer.written"})
"""Between the fence and the answer that is written down: nobody can say whether the other side took it."""


def run(stage: Stage, times: int) -> tuple[dict[str, Any], list[str]]:
    """Kill a process `times` times at each point; returns what was found by point, and the keys that were promised."""
    found: dict[str, Any] = {}
    keys: list[str] = []
    for place, point in enumerate(POINTS):
        numbers = range(place * times, (place + 1) * times)
        keys += [f"chaos:{number}" for number in numbers]
        for number in numbers:
            _die_at(point, number)
        _recover(numbers)
        found[point] = _outcomes(stage, numbers)
    return found, keys


def _die_at(point: str, number: int) -> None:
    one = range(number, number + 1)
    if not point.startswith("enqueue."):
        writing.write_batch(one)
    if point.startswith("sweep."):
        _abandon()
    db.session.remove()
    db.engine.dispose()
    child = processes.spawn(lambda: _body(point, one))
    while not processes.reaped(child):
        time.sleep(0.002)


def _body(point: str, one: range) -> None:
    crash_points.ask_for(point)
    if point.startswith("enqueue."):
        writing.write_batch(one)
    elif point.startswith("sweep."):
        draining.sweep()
    else:
        with open_outlets() as outlets:
            for channel in draining.CHANNELS:
                draining.drain(channel, outlets=outlets, batch=1)
    raise RuntimeError(f"the process lived past {point}")


def _abandon() -> None:
    """Leave what waits as a holder that died right after claiming would."""
    with transaction():
        for channel in draining.CHANNELS:
            claiming.claim(channel, "somebody who died", limit=draining.BATCH)
    _let_leases_end()


def _let_leases_end() -> None:
    late = now() - timedelta(seconds=1)
    with transaction() as session:
        session.execute(update(Message).where(Message.state == MessageState.SENDING).values(lease_until=late))


def _recover(numbers: range) -> None:
    """What happens after a crash: the form is sent again, leases end, a sweep, and another sender."""
    writing.write_batch(numbers)
    _let_leases_end()
    draining.sweep()
    while draining.drain_all():
        pass


def _outcomes(stage: Stage, numbers: range) -> dict[str, int]:
    keys = [f"chaos:{number}" for number in numbers]
    db.session.rollback()
    rows = db.session.execute(select(Message.state, Message.reference).where(Message.dedupe_key.in_(keys))).all()
    copies = Counter(one.reference for one in stage.taken())
    return dict(sorted(Counter(f"{row.state}, {copies[row.reference]} arrived" for row in rows).items()))


def allowed(point: str) -> set[str]:
    """The outcomes that a point may have."""
    if point not in UNDECIDED:
        return {"sent, 1 arrived"}
    return {"unknown, 0 arrived"} if point == "fence.committed" else {"unknown, 1 arrived"}
