"""The bell: tells a worker that a run waits. Never the record of what is to be done; that is the job_run row."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable
from typing import Any

from flask import current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

log = logging.getLogger(__name__)
NAME = "gecko"
MESSAGES = "gecko-messages"
"""Messages have a queue and workers of their own, so that they never stand behind an import."""
PATIENCE = 0.25
"""Seconds a web request may lose to a queue server that does not answer."""
FAILURE_TTL = 24 * 3600


def connection(patience: float | None = PATIENCE) -> Redis:
    """A client of the installation's queue server; `patience` None waits as a worker may."""
    options: dict[str, Any] = {}
    if patience is not None:
        options = {
            "socket_timeout": patience,
            "socket_connect_timeout": patience,
            "retry": Retry(NoBackoff(), 0),
        }
    return Redis.from_url(current_app.config["GECKO"].redis_url, **options)


def queue(server: Redis, name: str = NAME) -> Queue:
    """A queue by its name. Arguments are JSON: whoever can write to it cannot make a worker run code of theirs."""
    return Queue(name, connection=server, serializer=JSONSerializer)


def wake(run_id: int) -> bool:
    """Tell a worker about a run, after its transaction is committed; returns whether the bell rang.

    A queue server that is down costs the caller a fraction of a second and no error: the reconciler wakes the run.
    """
    return wake_all([run_id]) == 1


def wake_all(run_ids: Iterable[int]) -> int:
    """Tell the workers about several runs; returns for how many the bell rang."""
    rung = 0
    try:
        with connection() as server:
            bell = queue(server)
            for run_id in run_ids:
                bell.enqueue_call(
                    "jobs.worker.perform",
                    args=(run_id,),
                    job_id=f"run-{run_id}-{secrets.token_hex(4)}",
                    timeout=-1,  # the runner watches the time
                    result_ttl=0,
                    failure_ttl=FAILURE_TTL,
                )
                rung += 1
    except (RedisError, OSError) as error:
        log.warning("the queue server does not answer (%s); the reconciler will wake the job", error)
    return rung


def waiting() -> set[int]:
    """The runs the queue knows of; raises where the server does not answer."""
    with connection(2.0) as server:
        return {int(job_id.split("-")[1]) for job_id in queue(server).job_ids if job_id.startswith("run-")}


def wake_senders() -> bool:
    """Tell a worker that messages wait, after their transaction is committed; returns whether the bell rang.

    One waiting bell is enough, whoever rang it. Without a queue server the senders look into the table by themselves.
    """
    try:
        with connection() as server:
            bell = queue(server, MESSAGES)
            if not bell.count:
                bell.enqueue_call("jobs.messages.sender.turn", timeout=-1, result_ttl=0, failure_ttl=3600)
            return True
    except (RedisError, OSError) as error:
        log.warning("the queue server does not answer (%s); the messages go at the next look", error)
        return False
