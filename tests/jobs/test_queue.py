"""The bell: rings for a worker, and its silence costs nobody anything."""

import socket
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


@pytest.fixture
def silent():
    """The address of a server that takes a connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize("url", ["unix:///nowhere/at/all.sock", "redis://127.0.0.1:1", None])
def test_a_request_waits_once_and_shortly_for_a_server_that_is_not_there(sqlite_app, silent, url):
    sqlite_app.config["GECKO"] = replace(sqlite_app.config["GECKO"], redis_url=url or silent)
    assert queue.wake(7) is False
    with queue.connection() as server:
        options = server.connection_pool.connection_kwargs
        assert options.get("socket_timeout") == options.get("socket_connect_timeout") == queue.PATIENCE <= 0.25
        assert options["retry"].get_retries() == 0
