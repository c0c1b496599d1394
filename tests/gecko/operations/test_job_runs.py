"""The life of a run: one live run per key, one holder at a time, and an end that sticks."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select, update

from gecko.clock import now
from gecko.db import db, transaction
from gecko.errors import Conflict, NotFound
from gecko.models.audit import AuditEntry
from gecko.models.jobs import JobRun, JobState
from gecko.operations import job_runs
from tests import factories


def run(**values):
    with transaction():
        return job_runs.create(**{"kind": "test", "key": "k", "parameters": {"n": 1}, "user_id": None, **values})


def claim(run_id, owner="a"):
    with transaction():
        return job_runs.claim(run_id, owner)


def row(run_id):
    db.session.rollback()
    return db.session.get(JobRun, run_id, populate_existing=True)


def expire(run_id):
    with transaction() as session:
        session.execute(update(JobRun).where(JobRun.id == run_id).values(lease_until=now() - timedelta(seconds=1)))


def test_a_doubled_request_is_one_run_and_after_its_end_there_may_be_another(app):
    first = run()
    assert run() == first
    assert run(key="other") != first
    claim(first)
    assert run() == first
    with transaction():
        job_runs.finish(first, "a", {"rows": 3})
    assert run() != first


def test_a_twin_that_ends_at_that_very_moment_makes_room(sqlite_app):
    first, looked = run(), []

    def end_the_twin(connection, _cursor, statement, *_rest):
        if statement.startswith("SELECT job_run.id") and not looked:
            looked.append(statement)
            connection.exec_driver_sql("UPDATE job_run SET state = 'done'")

    event.listen(db.engine, "before_cursor_execute", end_the_twin)
    try:
        assert run() > first
    finally:
        event.remove(db.engine, "before_cursor_execute", end_the_twin)
    assert looked


def test_only_one_claims_and_only_the_holder_writes(app):
    run_id = run()
    assert claim(run_id, "a").parameters == {"n": 1}
    assert claim(run_id, "b") is None
    expire(run_id)
    assert claim(run_id, "b").attempt == 2
    for write in (
        lambda: job_runs.progress(run_id, "a", {"done": 9}),
        lambda: job_runs.finish(run_id, "a", {}),
        lambda: job_runs.fail(run_id, "a", "no"),
        lambda: job_runs.heartbeat(run_id, "a"),
    ):
        with pytest.raises(job_runs.LeaseLost), transaction():
            write()
    assert row(run_id).done == 0
    assert row(run_id).lease_owner == "b"


def test_the_checkpoint_survives_the_holder(app):
    run_id = run()
    claim(run_id)
    with transaction():
        job_runs.progress(run_id, "a", {"done": 5, "total": 9, "checkpoint": {"line": 5}})
    expire(run_id)
    again = claim(run_id, "b")
    assert (again.checkpoint, again.done, again.total) == ({"line": 5}, 5, 9)


def test_a_run_that_kills_its_workers_is_given_up(app):
    run_id = run()
    for attempt in range(job_runs.MAX_ATTEMPTS):
        assert claim(run_id).attempt == attempt + 1
        expire(run_id)
    assert claim(run_id) is None
    assert row(run_id).state == JobState.FAILED
    assert str(job_runs.MAX_ATTEMPTS) in row(run_id).error
    assert job_runs.claimable() == []


def test_a_released_run_waits_again_and_its_attempt_does_not_count(app):
    run_id = run()
    claim(run_id)
    with transaction():
        job_runs.release(run_id, "a")
    assert (row(run_id).state, row(run_id).attempt, row(run_id).finished_at) == (JobState.QUEUED, 0, None)
    assert job_runs.claimable() == [run_id]


def test_cancel_ends_what_waits_and_asks_what_runs(app):
    waiting, running = run(), run(key="2")
    claim(running)
    with transaction():
        assert job_runs.request_cancel(waiting) == JobState.CANCELLED
        assert job_runs.request_cancel(running) == JobState.RUNNING
    with transaction():
        assert job_runs.progress(running, "a", {}) is True
    expire(running)
    assert claim(running, "b") is None
    assert row(running).state == JobState.CANCELLED
    with pytest.raises(Conflict), transaction():
        job_runs.request_cancel(running)
    logged = db.session.scalars(select(AuditEntry.action).where(AuditEntry.entity == "job_run")).all()
    assert logged == ["job.cancelled", "job.cancelled"]


def test_retry_starts_over_from_the_checkpoint(app):
    run_id = run()
    claim(run_id)
    with pytest.raises(Conflict), transaction():
        job_runs.retry(run_id)
    with transaction():
        job_runs.progress(run_id, "a", {"checkpoint": {"line": 7}})
        job_runs.fail(run_id, "a", "the disk is full")
    assert row(run_id).error == "the disk is full"
    with transaction():
        job_runs.retry(run_id)
    assert (row(run_id).error, row(run_id).attempt) == (None, 0)
    assert claim(run_id).checkpoint == {"line": 7}


def test_retry_refuses_while_a_newer_run_does_the_same(app):
    run_id = run()
    claim(run_id)
    with transaction():
        job_runs.fail(run_id, "a", "no")
    run()
    with pytest.raises(Conflict), transaction():
        job_runs.retry(run_id)


def test_whose_run_it_is(app):
    user = factories.user(name="Bo", language="en")
    assert job_runs.requester(run(user_id=user.id)) == job_runs.Requester(user.id, "Bo", "en")
    assert job_runs.requester(run(key="system")).name == "system"
    with pytest.raises(NotFound):
        job_runs.requester(999)
