"""Batches of sure cases: nothing is merged before a sample was found right."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.models.duplicates import DuplicateBatch, DuplicateDecision, DuplicatePair, PairState, Verdict
from gecko.models.jobs import JobRun, JobState
from gecko.operations import sessions
from gecko.operations.duplicates import batches
from jobs import duplicates, runner
from tests import factories
from tests.gecko.operations.duplicates.pairs import open_cases, states
from tests.jobs.doubles import ANNA, BO, do, twice


def batch_of(cases, who):
    do(duplicates.SCAN)
    with transaction():
        return batches.draw(principal=who, size=max(batches.SMALLEST, cases)).id


def judge_all(batch_id, who, *, wrong=()):
    while (sample := batches.next_sample(batches.get(batch_id, who))) is not None:
        case_id = sample.case_id
        with transaction():
            state = batches.judge(batch_id, case_id, is_same=case_id not in wrong, principal=who)
        if state != batches.BatchState.SAMPLING:
            return state
    return batches.get(batch_id, who).state


@pytest.fixture
def office():
    return sessions.principal(factories.user("office").id)


def test_a_batch_merges_only_after_its_sample_was_found_right(app, office):
    anna, bo = twice(ANNA), twice(BO)
    batch_id = batch_of(2, office)
    preview = batches.preview(batches.get(batch_id, office), office)
    assert (preview.cases, preview.customers, preview.absorbed, preview.checked) == (2, 4, 2, 0)
    with pytest.raises(batches.Conflict), transaction():
        duplicates.enqueue_batch(batch_id, principal=office)
    assert judge_all(batch_id, office) == batches.BatchState.PASSED
    with transaction():
        run_id = duplicates.enqueue_batch(batch_id, principal=office)
    with transaction():
        assert duplicates.enqueue_batch(batch_id, principal=office) == run_id
    assert runner.execute(run_id) == JobState.DONE
    assert db.session.get(JobRun, run_id, populate_existing=True).result == {"merged": 2, "refused": 0}
    assert states() == {anna: PairState.MERGED, bo: PairState.MERGED}
    assert db.session.get(DuplicateBatch, batch_id).state == batches.BatchState.FINISHED
    labels = db.session.execute(
        select(DuplicateDecision.is_sample, DuplicateDecision.is_batch, DuplicateDecision.verdict)
    )
    assert sorted(map(tuple, labels)) == [(False, True, Verdict.SAME)] * 2 + [(True, False, Verdict.SAME)] * 2


def test_one_wrong_case_fails_the_batch_and_is_decided(app, office):
    anna = twice(ANNA)
    twice(BO)
    batch_id = batch_of(2, office)
    case_id = db.session.scalars(select(DuplicatePair.case_id).where(DuplicatePair.a_id == anna[0])).one()
    assert judge_all(batch_id, office, wrong={case_id}) == batches.BatchState.FAILED
    assert states()[anna] == PairState.DIFFERENT
    with pytest.raises(batches.Conflict), transaction():
        duplicates.enqueue_batch(batch_id, principal=office)


def test_what_a_batch_cannot_merge_it_reports_and_leaves_to_people(app, office):
    """One pair is in two groups (a person must say which), one changed after the sample."""
    anna, bo = twice(ANNA, group_id=factories.group().id), twice(BO)
    batch_id = batch_of(2, office)
    judge_all(batch_id, office)
    with transaction():
        run_id = duplicates.enqueue_batch(batch_id, principal=office)
    with transaction() as session:
        changed = session.get(Customer, bo[1])
        changed.name, changed.birth_date, changed.email, changed.mobile = "Eva Winther", date(2001, 5, 5), None, None
    assert runner.execute(run_id) == JobState.DONE
    assert db.session.get(JobRun, run_id, populate_existing=True).result["merged"] == 0
    reasons = [refusal.reason for refusal in batches.refusals(batch_id)]
    assert len(reasons) == 1 + (frozenset(bo) in open_cases())
    assert any("grupper" in reason or "groups" in reason for reason in reasons), reasons
    assert frozenset(anna) in open_cases()


def test_a_sample_holds_only_for_the_thresholds_it_was_drawn_under(app, office):
    from gecko.operations.duplicates import thresholds

    twice(ANNA)
    batch_id = batch_of(1, office)
    judge_all(batch_id, office)
    before = thresholds.in_force()
    with transaction():
        thresholds.apply(thresholds.Limits(0.9999, 0.4), seen=before.version)
    with pytest.raises(batches.Conflict), transaction():
        duplicates.enqueue_batch(batch_id, principal=office)


def test_a_batch_asks_for_the_rights_again_when_it_runs(app, office):
    twice(ANNA)
    batch_id = batch_of(1, office)
    judge_all(batch_id, office)
    with transaction():
        run_id = duplicates.enqueue_batch(batch_id, principal=office)
        db.session.get(JobRun, run_id).created_by_id = None
    assert runner.execute(run_id) == JobState.FAILED
