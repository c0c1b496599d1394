"""The worker: woken by the queue, or looking into the table by itself while no queue server answers.

Each job runs in a process of its own, so that one which eats all memory takes nothing but itself down; its run is
taken again when its lease ends. The table is the truth: what the queue loses is only late.
"""

from __future__ import annotations

import logging
import os
import random
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app
from redis.exceptions import RedisError
from rq import Worker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer

from gecko.db import db
from gecko.operations import job_runs

from . import processes, queue, registry, runner
from .work import stopping

log = logging.getLogger(__name__)
LOOK_EVERY = 1.0
PATIENCE = 15.0
"""Seconds a job has, once its worker is asked to stop, to come to its next progress and give its run back."""


def perform(run_id: int) -> None:
    """What the queue calls, in a fresh process: do the run."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    with app.app_context():
        runner.execute(run_id)


def _give_back_on_signal() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _number, _frame: stopping.set())


class QueueWorker(Worker):
    """RQ's worker, which steps aside when the server goes away, and asks a running job to give its run back."""

    was_asked_to_stop = False

    def setup_work_horse_signals(self) -> None:
        """In the job's process: SIGTERM means "at your next progress"."""
        processes.tie_to_parent(self.pid or 0)
        _give_back_on_signal()

    def handle_warm_shutdown_request(self) -> None:
        """Pass the request on to the job that runs, and do not wait for ever."""
        self.was_asked_to_stop = True
        if self.horse_pid:
            os.kill(self.horse_pid, signal.SIGTERM)

            def kill() -> None:
                if self.horse_pid:
                    self.kill_horse()

            timer = threading.Timer(PATIENCE, kill)
            timer.daemon = True
            timer.start()

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        """Leave the loop instead of waiting here for a server that is gone."""
        try:
            super().heartbeat(*args, **kwargs)
        except (RedisError, OSError) as error:
            if not self.horse_pid:
                raise StopRequested from error

    def maintain_heartbeats(self, *args: Any, **kwargs: Any) -> None:
        """Note in the server that the job lives; the run's own lease is kept by the job itself."""
        try:
            super().maintain_heartbeats(*args, **kwargs)
        except (RedisError, OSError) as error:
            log.warning("the queue server does not answer: %s", error)

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run the job; a server that goes away meanwhile changes nothing for it."""
        try:
            super().execute_job(job, queue)
        except (RedisError, OSError) as error:
            if self.horse_pid:
                self.wait_for_horse()
            raise StopRequested from error


def work_for_queue(name: str) -> bool:
    """Serve a queue until asked to stop (True) or until the server goes away (False)."""
    with queue.connection(patience=None) as server:
        worker = QueueWorker(
            [queue.queue(server, name)],
            connection=server,
            serializer=JSONSerializer,
            worker_ttl=25,
            maintenance_interval=5,
            job_monitoring_interval=5,
        )
        worker.log_result_lifespan = False
        try:
            worker.work(logging_level="WARNING")
        except (RedisError, OSError) as error:
            log.warning("the queue server went away: %s", error)
        return worker.was_asked_to_stop


def work_without_queue(stop: threading.Event) -> None:
    """Do what waits in the table, one run after the other, each in a process of its own."""
    waiting = job_runs.claimable()
    db.session.remove()
    db.engine.dispose()  # a child must not share a connection with its parent
    for run_id in waiting:
        if stop.is_set():
            return
        child = processes.spawn(lambda run_id=run_id: _perform_in_child(run_id))  # type: ignore[misc]
        while not processes.reaped(child):
            if stop.wait(0.02):
                processes.end(child, patience=PATIENCE)
                return


def _perform_in_child(run_id: int) -> None:
    random.seed()
    _give_back_on_signal()
    perform(run_id)


@dataclass(frozen=True, slots=True)
class Line:
    """What a worker stands at: one queue, and what it does by itself while no queue server answers.

    One queue each: of a worker that serves several RQ takes the job out of one before it stands anywhere else, and a
    worker that is killed at that moment loses it.
    """

    queue: str
    look: Callable[[threading.Event], None]


def run(line: Line | None = None, *, poll: bool = False) -> None:
    """Work until asked to stop; `poll` never looks for a queue server. Without a line: long work."""
    if line is None:
        line = Line(queue.NAME, work_without_queue)
        registry.load()  # nobody at another line needs the jobs, or waits for their imports
    db.engine.dispose()
    stop = threading.Event()
    told_at_loss = False
    while not stop.is_set():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stop.set())
        if not poll and _answers():
            told_at_loss = False
            if work_for_queue(line.queue):
                return
            continue
        if not poll and not told_at_loss:
            log.warning("no queue server answers: looking into the table every %s s", LOOK_EVERY)
            told_at_loss = True
        line.look(stop)
        stop.wait(LOOK_EVERY)


def _answers() -> bool:
    try:
        with queue.connection() as server:
            return bool(server.ping())
    except (RedisError, OSError):
        return False
