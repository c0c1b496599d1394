"""The bell: rings for a worker, and its silence costs nobody anything."""

import time
from dataclasses import replace

import pytest
from redis import Redis

from jobs import queue


@pytest.fixture
def with_redis(sqlite_app, redis_url):
    sqlite_app.config["GECKO"] = replace(sqlite_app.config["GECKO"], redis_url=redis_url)
    Redis.from_url(redis_url).flushall()
    return sqlite_app


def test_only_the_number_of_the_run_goes_into_the_queue(with_redis):
    assert queue.wake(7)
    assert queue.waiting() == {7}
    with queue.connection() as server:
        (job,) = queue.queue(server).jobs
        assert (job.func_name, job.args, job.kwargs) == ("jobs.worker.perform", [7], {})


@pytest.mark.parametrize("url", ["unix:///nowhere/at/all.sock", "redis://127.0.0.1:1", "redis://192.0.2.1:6379"])
def test_no_server_costs_a_request_next_to_nothing(sqlite_app, url):
    sqlite_app.config["GECKO"] = replace(sqlite_app.config["GECKO"], redis_url=url)
    start = time.monotonic()
    assert queue.wake(7) is False
    assert time.monotonic() - start < (0.05 if "192" not in url else 1)
