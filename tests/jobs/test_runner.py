"""A job from claim to end: results, refusals, defects, cancelling, time, and who acts."""

from datetime import timedelta

import pytest

from gecko import actor
from gecko.db import db, transaction
from gecko.errors import Invalid
from gecko.language import _
from gecko.models.jobs import JobRun, JobState
from gecko.operations import job_runs, settings
from jobs import registry, runner
from jobs.work import stopping
from tests import factories


@pytest.fixture
def kind(monkeypatch):
    monkeypatch.setattr(registry, "KINDS", {})

    def register(run, **options):
        registry.job("test.kind", label="Test", **options)(run)
        return lambda **values: create(**values)

    return register


def create(**values):
    with transaction():
        return job_runs.create(
            **{"kind": "test.kind", "key": "k", "parameters": {"names": ["a", "b"]}, "user_id": None, **values}
        )


def row(run_id):
    db.session.rollback()
    return db.session.get(JobRun, run_id, populate_existing=True)


def test_a_job_runs_once_and_keeps_its_result(app, kind):
    run_id = kind(lambda work: {"rows": len(work.parameters["names"])})()
    assert runner.execute(run_id) == JobState.DONE
    assert row(run_id).result == {"rows": 2}
    assert runner.execute(run_id) is None


def test_it_acts_for_the_one_who_asked_and_in_their_language(app, kind):
    seen = []
    user = factories.user(name="Bo", language="en")

    def run(work):
        seen.append((actor.current(), str(_("The job has already ended."))))

    run_id = kind(run)(user_id=user.id)
    runner.execute(run_id)
    who, text = seen[0]
    assert (who.user_id, who.name, who.source, who.request_id) == (user.id, "Bo", "job", f"job-{run_id}")
    assert text == "The job has already ended."
    assert actor.current() == actor.SYSTEM


def test_a_refusal_is_told_in_the_users_language(sqlite_app, kind):
    def run(work):
        raise Invalid("%(count)s rows are wrong.", count=3)

    run_id = kind(run)()
    assert runner.execute(run_id) == JobState.FAILED
    assert row(run_id).error == "3 rows are wrong."


def test_a_defect_fails_the_run_and_goes_on_to_the_queue(sqlite_app, kind):
    run_id = kind(lambda work: 1 / 0)()
    with pytest.raises(ZeroDivisionError):
        runner.execute(run_id)
    assert row(run_id).state == JobState.FAILED
    assert "ZeroDivisionError: division by zero" in row(run_id).error


def test_an_unknown_kind_fails_readably(sqlite_app, kind):
    run_id = create(kind="gone")
    assert runner.execute(run_id) == JobState.FAILED
    assert "gone" in row(run_id).error


def test_cancel_stops_it_at_the_next_progress(sqlite_app, kind):
    def run(work):
        work.progress(1, 10)
        with transaction():
            job_runs.request_cancel(work.id)
        with transaction():
            settings.put("half", True)
            work.progress(2, checkpoint={"line": 2})

    run_id = kind(run)()
    assert runner.execute(run_id) == JobState.CANCELLED
    assert row(run_id).done == 1
    assert settings.get("half") is None


def test_a_shut_down_gives_the_run_back(sqlite_app, kind):
    def run(work):
        if work.checkpoint:
            return {"from": work.checkpoint["line"]}
        work.progress(3, checkpoint={"line": 3})
        stopping.set()
        work.progress(4)
        return None

    run_id = kind(run)()
    try:
        assert runner.execute(run_id) == JobState.QUEUED
    finally:
        stopping.clear()
    assert runner.execute(run_id) == JobState.DONE
    assert row(run_id).result == {"from": 3}


def test_a_job_that_is_late_is_stopped(sqlite_app, kind):
    run_id = kind(lambda work: work.progress(1), timeout=timedelta(0))()
    assert runner.execute(run_id) == JobState.FAILED
    assert row(run_id).error


def test_data_and_checkpoint_are_one_transaction_and_a_lost_lease_takes_both(app, kind):
    def run(work):
        with transaction():
            settings.put("first", 1)
            work.progress(1, checkpoint={"n": 1})
        with transaction() as session:
            session.get(JobRun, work.id).lease_owner = "another"
        with transaction():
            settings.put("second", 2)
            work.progress(2, checkpoint={"n": 2})

    run_id = kind(run)()
    assert runner.execute(run_id) is None
    assert (settings.get("first"), settings.get("second")) == (1, None)
    assert (row(run_id).checkpoint, row(run_id).state) == ({"n": 1}, JobState.RUNNING)


def test_the_lease_is_prolonged_while_a_job_is_silent(sqlite_app, kind, monkeypatch):
    import time

    monkeypatch.setattr(runner, "HEARTBEAT", 0.05)
    leases = []

    def run(work):
        for _n in range(2):
            db.session.rollback()
            leases.append(db.session.get(JobRun, work.id, populate_existing=True).lease_until)
            db.session.rollback()
            time.sleep(0.3)

    runner.execute(kind(run)())
    assert leases[1] > leases[0]


def test_progress_does_not_write_more_often_than_people_look(sqlite_app, kind):
    from sqlalchemy import event

    statements = []

    def run(work):
        event.listen(db.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
        for n in range(1000):
            work.progress(n, 1000)
        work.progress(1000, 1000, message="Nearly there")

    run_id = kind(run)()
    runner.execute(run_id)
    assert row(run_id).message == "Nearly there"
    assert sum("UPDATE job_run" in statement for statement in statements) < 10


def test_two_jobs_cannot_have_one_name(kind):
    kind(lambda work: None)
    with pytest.raises(ValueError, match=r"test\.kind"):
        registry.job("test.kind", label="x")(create)
