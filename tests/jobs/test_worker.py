"""A real worker in a real process: woken or looking by itself, killed in the middle, asked to stop."""

import logging
import os
import signal
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from redis import Redis
from rq.registry import FailedJobRegistry

from gecko.db import db, transaction
from gecko.models.jobs import JobRun, JobState
from gecko.operations import job_runs, settings
from jobs import beat, processes, queue, registry, runner, worker
from tests.jobs.processes import eventually, is_alive


def count_to_a_hundred(work):
    """Counts in steps that commit with their checkpoint; slow enough to be killed in the middle."""
    start = (work.checkpoint or {"n": 0})["n"]
    for n in range(start + 1, 101):
        with transaction():
            settings.put(f"n{n}", work.attempt)
            work.progress(n, 100, checkpoint={"n": n, "pid": os.getpid()})
        time.sleep(0.02)
    return {"counted_from": start}


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    monkeypatch.setattr(registry, "KINDS", {})
    monkeypatch.setattr(job_runs, "LEASE", timedelta(seconds=2))
    monkeypatch.setattr(runner, "HEARTBEAT", 0.5)
    monkeypatch.setattr(worker, "LOOK_EVERY", 0.1)
    registry.job("test.count", label="Count")(count_to_a_hundred)
    registry.job("test.break", label="Break")(lambda work: 1 / 0)
    registry.job("test.die", label="Die")(lambda work: os.kill(os.getpid(), signal.SIGKILL))


def create(kind="test.count"):
    with transaction():
        return job_runs.create(kind=kind, key="k", parameters={}, user_id=None)


def row(run_id):
    db.session.rollback()
    return db.session.get(JobRun, run_id, populate_existing=True)


def ended(run_id):
    run = row(run_id)
    return run if run.finished_at else None


@contextmanager
def working(**options):
    db.session.remove()
    db.engine.dispose()
    pid = processes.spawn(lambda: worker.run(**options))
    try:
        yield pid
    finally:
        processes.end(pid, patience=10)


@pytest.fixture
def with_redis(app, redis_url):
    app.config["GECKO"] = replace(app.config["GECKO"], redis_url=redis_url)
    Redis.from_url(redis_url).flushall()
    return app


def half_way(run_id):
    run = row(run_id)
    return run if run.done >= 30 else None


def test_the_bell_wakes_it(with_redis):
    with working():
        run_id = create()
        assert queue.wake(run_id)
        run = eventually(lambda: ended(run_id))
    assert (run.state, run.done, run.total, run.result) == (JobState.DONE, 100, 100, {"counted_from": 0})


def test_a_defect_reaches_the_failed_registry(with_redis):
    run_id = create("test.break")
    with working(), queue.connection() as server:
        queue.wake(run_id)
        eventually(lambda: ended(run_id))
        failed = FailedJobRegistry(queue=queue.queue(server))
        assert eventually(failed.get_job_ids)[0].startswith(f"run-{run_id}-")


def test_it_looks_by_itself_without_a_queue(app):
    run_id = create()
    with working():
        assert eventually(lambda: ended(run_id)).state == JobState.DONE


def test_killed_in_the_middle_it_goes_on_from_the_checkpoint(with_redis):
    run_id = create()
    with working():
        queue.wake(run_id)
        os.kill(eventually(lambda: half_way(run_id)).checkpoint["pid"], signal.SIGKILL)
        reached = row(run_id).checkpoint["n"]
        assert reached < 100
        eventually(beat.reconcile)
        run = eventually(lambda: ended(run_id))
    assert (run.state, run.attempt, run.done) == (JobState.DONE, 2, 100)
    assert run.result == {"counted_from": reached}
    assert [settings.get(f"n{n}") for n in range(1, 101)] == [1] * reached + [2] * (100 - reached)


def test_worker_and_job_killed_another_worker_goes_on(with_redis):
    run_id = create()
    with working() as pid:
        queue.wake(run_id)
        job_pid = eventually(lambda: half_way(run_id)).checkpoint["pid"]
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not is_alive(job_pid), 5)
    with working():
        eventually(beat.reconcile)
        assert eventually(lambda: ended(run_id)).state == JobState.DONE
    assert row(run_id).attempt == 2


def test_a_job_that_kills_its_workers_is_given_up(sqlite_app):
    run_id = create("test.die")
    with working(poll=True):
        run = eventually(lambda: ended(run_id))
    assert (run.state, run.attempt) == (JobState.FAILED, job_runs.MAX_ATTEMPTS + 1)
    assert run.error


@pytest.mark.parametrize("poll", [False, True])
def test_asked_to_stop_it_gives_the_run_back(with_redis, poll, caplog):
    run_id = create()
    with working(poll=poll) as pid:
        queue.wake(run_id)
        eventually(lambda: half_way(run_id))
        with caplog.at_level(logging.WARNING, logger=processes.__name__):
            processes.end(pid, patience=10)
        assert not caplog.records, "it had to be killed"
    run = row(run_id)
    assert (run.state, run.attempt) == (JobState.QUEUED, 0)
    assert 30 <= run.checkpoint["n"] < 100


def test_a_lost_queue_is_only_a_delay(with_redis, redis_url):
    run_id = create()
    queue.wake(run_id)
    Redis.from_url(redis_url).flushall()
    with working():
        assert beat.reconcile() == [run_id]
        assert eventually(lambda: ended(run_id)).state == JobState.DONE
    assert beat.reconcile() == []


def test_cancel_reaches_a_job_in_another_process(with_redis):
    run_id = create()
    with working():
        queue.wake(run_id)
        eventually(lambda: half_way(run_id))
        with transaction():
            job_runs.request_cancel(run_id)
        assert eventually(lambda: ended(run_id)).state == JobState.CANCELLED
