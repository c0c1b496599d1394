"""Periodic jobs: due in Danish time, once a slot however many beats, and the reconciler."""

import threading
from datetime import UTC, datetime, time

import pytest
import time_machine

from gecko.db import db, transaction
from gecko.models.jobs import JobRun
from gecko.operations import job_runs, scheduling
from jobs import beat, queue, registry
from jobs.schedule import SCHEDULE, Daily


@pytest.mark.parametrize(
    ("instant", "slot"),
    [
        ("2026-01-10T02:00", "2026-01-10T01:30"),  # 03:00 Danish winter time: today's 02:30
        ("2026-01-10T01:29", "2026-01-09T01:30"),
        ("2026-07-10T00:30", "2026-07-10T00:30"),  # 02:30 Danish summer time
        ("2026-03-29T01:31", "2026-03-29T01:30"),  # 02:30 does not exist on this day
        ("2026-10-25T01:40", "2026-10-25T00:30"),  # 02:30 comes twice on this day
    ],
)
def test_due_times_are_danish(instant, slot):
    def at(text):
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert Daily("x", time(2, 30)).slot(at(instant)) == at(slot)


def runs():
    db.session.rollback()
    return db.session.query(JobRun).count()


def test_each_slot_starts_once(app):
    with time_machine.travel("2026-05-04 12:00Z", tick=False):
        assert beat.start_due() == []  # a new installation owes nothing
    with time_machine.travel("2026-05-05 12:00Z", tick=False):
        assert len(beat.start_due()) == len(SCHEDULE)
        assert beat.start_due() == []
    with time_machine.travel("2026-05-09 12:00Z", tick=False):
        assert len(beat.start_due()) == len(SCHEDULE)  # the latest missed slot, not each of four days
    assert runs() == 2 * len(SCHEDULE)


def test_many_beats_at_once_start_a_slot_once(app):
    first, second = datetime(2026, 5, 4, tzinfo=UTC), datetime(2026, 5, 5, tzinfo=UTC)
    with transaction():
        scheduling.start("k", first)
    started, gate = [], threading.Barrier(6)

    def one():
        with app.app_context():
            gate.wait()
            with transaction():
                started.append(scheduling.start("k", second))
            db.session.remove()

    threads = [threading.Thread(target=one) for _n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([run_id for run_id in started if run_id]) == 1
    assert runs() == 1


def test_every_periodic_job_exists():
    registry.load()
    for entry in SCHEDULE:
        assert registry.get(entry.kind).label


def test_a_silent_queue_does_not_stop_the_beat(sqlite_app, caplog):
    with transaction():
        job_runs.create(kind="k", key="k", parameters={}, user_id=None)
    assert beat.reconcile() == []
    assert "does not answer" in caplog.text
    assert queue.wake(1) is False
    beat.tick()
