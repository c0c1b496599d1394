"""Many postings are handed over batch by batch, once, whatever breaks it off and whoever does the same beside it."""

import threading
from collections import Counter

import pytest
from sqlalchemy import select

from gecko.clock import today
from gecko.db import db, transaction
from gecko.models.bookkeeping import BatchFormat, LedgerBatch, LedgerBatchItem
from gecko.models.jobs import JobRun, JobState
from gecko.operations import ledger, settings
from gecko.operations.bookkeeping import batches
from gecko.operations.bookkeeping.batches import Wish
from jobs import bookkeeping, runner, work
from tests import factories

POSTINGS = 7


@pytest.fixture(autouse=True)
def small(app, monkeypatch):
    """Batches of two postings; seven payments."""
    monkeypatch.setattr(batches, "MOST", 2)
    debtor_id = factories.debtor().id
    with transaction():
        settings.put("bookkeeping.debtor", "5600")
        settings.put("bookkeeping.bank", "5820")
        for n in range(POSTINGS):
            ledger.record_payment(debtor_id, 100 + n)


def asked(**values):
    user_id = factories.user("accountant").id
    with transaction():
        return bookkeeping.start(Wish(BatchFormat.PLAIN, today(), **values), key=f"k{user_id}", user_id=user_id)


def run_of(run_id):
    return db.session.get(JobRun, run_id, populate_existing=True)


def handed_over():
    """The numbers of the batches, and how often each posting is in one."""
    numbers = db.session.scalars(select(LedgerBatch.number).order_by(LedgerBatch.number)).all()
    times = Counter(db.session.scalars(select(LedgerBatchItem.posting_id)))
    db.session.rollback()
    return numbers, times


def test_a_large_wish_becomes_numbered_batches_and_later_postings_wait(app):
    run_id = asked()
    with transaction():
        ledger.record_payment(1, 5_000)
    assert runner.execute(run_id) == JobState.DONE
    run = run_of(run_id)
    assert (run.result, run.done, run.total) == ({"batches": 4, "postings": POSTINGS}, POSTINGS, POSTINGS)
    numbers, times = handed_over()
    assert (numbers, set(times.values()), len(times)) == ([1, 2, 3, 4], {1}, POSTINGS)
    assert [one.postings for one in db.session.scalars(select(LedgerBatch).order_by(LedgerBatch.number))] == [
        2,
        2,
        2,
        1,
    ]


@pytest.mark.parametrize("is_repeat", [False, True])
def test_a_job_that_was_killed_goes_on_and_doubles_nothing(app, monkeypatch, is_repeat):
    if is_repeat:
        runner.execute(asked())
    run_id = asked(is_repeat=is_repeat)
    hand_over = batches.hand_over

    def dies(found, **values):
        batch = hand_over(found, **values)
        if found.posting_ids[0] == 5:  # the third batch: written, not committed
            work.stopping.set()
        return batch

    monkeypatch.setattr(batches, "hand_over", dies)
    assert runner.execute(run_id) == JobState.QUEUED
    work.stopping.clear()
    assert run_of(run_id).checkpoint == {"after": 4, "batches": 2, "postings": 4}
    monkeypatch.setattr(batches, "hand_over", hand_over)
    assert runner.execute(run_id) == JobState.DONE
    numbers, times = handed_over()
    assert numbers == list(range(1, 5 + 4 * is_repeat))
    assert set(times.values()) == {1 + is_repeat}


def test_two_at_once_hand_each_posting_over_once(app):
    runs = [asked(), asked()]
    barrier = threading.Barrier(2)

    def execute(run_id):
        with app.app_context():
            barrier.wait()
            runner.execute(run_id)
            db.session.remove()

    threads = [threading.Thread(target=execute, args=(run_id,)) for run_id in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers, times = handed_over()
    assert numbers == list(range(1, len(numbers) + 1))
    assert (len(times), set(times.values())) == (POSTINGS, {1})
    assert [run_of(one).state for one in runs] == [JobState.DONE, JobState.DONE]


def test_where_an_account_is_missing_nothing_is_handed_over(app):
    with transaction():
        settings.put("bookkeeping.bank", "")
    run_id = asked()
    assert runner.execute(run_id) == JobState.FAILED
    assert "Bank (7)" in run_of(run_id).error
    assert handed_over()[0] == []


def test_who_may_no_longer_do_it_does_not(app):
    run_id = asked()
    other_id = factories.user("receptionist").id
    with transaction():
        run_of(run_id).created_by_id = other_id
    assert runner.execute(run_id) == JobState.FAILED
    assert handed_over()[0] == []
