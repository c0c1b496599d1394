"""The beat: starts periodic jobs when due, wakes workers for what the queue lost, sweeps the outbox, and reminds."""

from __future__ import annotations

import logging
import signal
import threading

from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from gecko.clock import now
from gecko.db import db, run_write
from gecko.operations import job_runs, scheduling

from . import queue
from .messages import draining, recalls, reminders
from .schedule import SCHEDULE

log = logging.getLogger(__name__)
EVERY = 30.0


def start_due() -> list[int]:
    """Create the runs whose time has come, and wake a worker for each; returns their ids."""
    started = []
    for entry in SCHEDULE:
        slot = entry.slot(now())
        run_id = run_write(lambda kind=entry.kind, slot=slot: scheduling.start(kind, slot))  # type: ignore[misc]
        if run_id is not None:
            started.append(run_id)
    queue.wake_all(started)
    return started


def reconcile() -> list[int]:
    """Wake a worker for every run that waits and that the queue does not know; returns their ids.

    Covers a lost queue, a request that could not ring the bell, and a worker that died with its run.
    """
    runs = job_runs.claimable()
    db.session.rollback()
    if not runs:
        return []
    try:
        known = queue.waiting()
    except (RedisError, OSError) as error:
        log.warning("the queue server does not answer: %s", error)
        return []
    missed = [run_id for run_id in runs if run_id not in known]
    queue.wake_all(missed)
    return missed


def tick() -> None:
    """One beat; a database that does not answer now is asked again at the next."""
    try:
        start_due()
        missed = reconcile()
        if missed:
            log.info("woke a worker for %s waiting jobs", len(missed))
        draining.sweep()
        reminders.remind()
        recalls.follow()
        if draining.due():
            queue.wake_senders()
    except DBAPIError as error:
        log.warning("the database does not answer: %s", error.orig)
    finally:
        db.session.remove()


def run() -> None:
    """Beat until asked to stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    while not stop.is_set():
        tick()
        stop.wait(EVERY)
