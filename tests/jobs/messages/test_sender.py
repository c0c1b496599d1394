"""A real sender in a real process: woken by the queue, or looking by itself while there is none."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
from redis import Redis

from gecko.db import db, transaction
from gecko.gateway_settings import GatewaySettings, IntoFile
from gecko.models.messages import MessageState
from gecko.operations import settings
from jobs import beat, processes, queue, worker
from jobs.messages import sender
from tests.gecko.operations.messaging.outbox import draft, enqueue, row
from tests.jobs.processes import eventually


@pytest.fixture
def trial(app, monkeypatch):
    monkeypatch.setattr(worker, "LOOK_EVERY", 0.1)
    app.config["GECKO"] = replace(app.config["GECKO"], gateways=GatewaySettings(email=IntoFile()))
    with transaction():
        settings.put("company.email", "klinik@example.dk")
    return app


@pytest.fixture
def with_redis(trial, redis_url):
    trial.config["GECKO"] = replace(trial.config["GECKO"], redis_url=redis_url)
    Redis.from_url(redis_url).flushall()
    return trial


@contextmanager
def sending(**options):
    db.session.remove()
    db.engine.dispose()
    pid = processes.spawn(lambda: sender.run(**options))
    try:
        yield
    finally:
        processes.end(pid, patience=10)


def is_sent(message_id):
    return row(message_id).state == MessageState.SENT


def test_the_bell_wakes_it(with_redis):
    with sending():
        [message_id] = enqueue(draft(recipient="x@y.dk"))
        assert queue.wake_senders()
        eventually(lambda: is_sent(message_id))


def test_one_bell_is_enough(with_redis):
    assert queue.wake_senders()
    assert queue.wake_senders()
    with queue.connection() as server:
        assert queue.queue(server, queue.MESSAGES).count == 1


def test_the_beat_rings_for_what_nobody_rang_for(with_redis):
    [message_id] = enqueue(draft(recipient="x@y.dk"))
    with sending():
        beat.tick()
        eventually(lambda: is_sent(message_id))


def test_without_a_queue_server_it_looks_by_itself(trial):
    assert not queue.wake_senders()
    [message_id] = enqueue(draft(recipient="x@y.dk"))
    with sending():
        eventually(lambda: is_sent(message_id))
