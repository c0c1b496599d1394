"""Searches as jobs, on customers that the matcher itself compares."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import delete, func, select

from gecko.clock import now
from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.models.duplicates import Lane
from gecko.models.jobs import JobRun, JobState
from gecko.models.matching import MatchKey, MatchMark, MatchSignature
from gecko.operations import job_runs, matching
from gecko.operations.duplicates import freshness, upkeep
from gecko.operations.duplicates.freshness import Scope
from gecko.operations.matching import filling, state
from jobs import duplicates, runner
from tests import factories
from tests.gecko.operations.duplicates.pairs import found, open_cases, record
from tests.jobs.doubles import ANNA, BO, do, twice


def stop_after(monkeypatch, module, name, calls):
    """Let a function die like a process at its `calls`-th call."""
    whole, seen = getattr(module, name), []

    def dying(*given, **named):
        seen.append(1)
        if len(seen) == calls:
            raise KeyboardInterrupt
        return whole(*given, **named)

    monkeypatch.setattr(module, name, dying)


def test_a_whole_scan_fills_the_queue_and_knows_that_it_is_current(app):
    anna, bo = twice(ANNA), twice(BO, email=None)
    assert freshness.needs_whole_scan()
    result = do(duplicates.SCAN)
    assert (result["new"], result["gone"]) == (2, 0)
    assert result["dropped_pairs"] == 0
    assert set(open_cases()) == {frozenset(anna), frozenset(bo)}
    assert freshness.is_current()
    assert db.session.scalar(select(func.count()).select_from(MatchMark)) == 0
    assert do(duplicates.SCAN)["new"] == 0
    with transaction() as session:
        session.get(Customer, anna[0]).name = "Torben Skou"
        session.get(Customer, anna[0]).birth_date = date(1940, 1, 5)
        session.get(Customer, anna[0]).mobile = session.get(Customer, anna[0]).email = None
    assert not freshness.is_current()
    assert do(duplicates.SCAN)["gone"] == 1
    assert set(open_cases()) == {frozenset(bo)}


def test_scans_of_a_group_and_across_groups_leave_each_others_pairs_alone(app):
    other = factories.group().id
    inside, crossing = twice(ANNA), twice(BO, group_id=other)
    mine = factories.primary_group().id
    assert do(duplicates.SCAN, Scope(group=mine).parameters())["new"] == 1
    assert set(open_cases()) == {frozenset(inside)}
    assert do(duplicates.SCAN, Scope(across=True).parameters())["new"] == 1
    assert set(open_cases()) == {frozenset(inside), frozenset(crossing)}
    assert do(duplicates.SCAN, Scope(group=mine).parameters())["gone"] == 0
    assert {scan.scope for scan in freshness.recent()} == {"groups", "across"}


def test_only_what_changed_is_compared_once_everybody_was(app, monkeypatch):
    monkeypatch.setattr(freshness, "_PART", 1.0)
    twice(ANNA)
    do(duplicates.SCAN)
    bo = twice(BO)
    whole = freshness.last_whole().id
    result = do(duplicates.CHANGED)
    assert (result["new"], result["gone"]) == (1, 0)
    assert frozenset(bo) in open_cases()
    assert freshness.last_whole().id == whole
    assert freshness.changed() == 0
    with transaction() as session:
        session.get(Customer, bo[0]).deleted_at = now()
    assert do(duplicates.CHANGED)["gone"] == 1
    assert frozenset(bo) not in open_cases()


def test_without_a_scan_before_what_changed_is_everybody(app):
    twice(ANNA)
    do(duplicates.CHANGED)
    assert [scan.scope for scan in freshness.recent()] == ["whole"]


@pytest.mark.parametrize(
    ("module", "name", "calls"),
    [(duplicates, "_store", 2), (duplicates.recording, "sweep", 1), (upkeep, "rebuild", 2), (matching, "scan", 1)],
)
def test_a_broken_off_scan_goes_on_where_it_was(sqlite_app, monkeypatch, module, name, calls):
    pairs = [twice({**ANNA, "name": f"{first} Thorup", "mobile": f"+45223344{n}0", "email": f"{first}@thorup.dk",
                    "birth_date": date(1950 + n, 1 + n, 3)})
             for n, first in enumerate(("Anna", "Bo", "Carl", "Dorte"))]  # fmt: skip
    monkeypatch.setattr(duplicates, "PAIRS_AT_ONCE", 1)
    monkeypatch.setattr(upkeep, "_CUSTOMERS_AT_ONCE", 1)
    stale = twice(BO)
    record(found(*stale))
    with transaction() as session:
        session.get(Customer, stale[0]).name = "Xenia Quist"
        for name_ in ("mobile", "email", "birth_date", "address"):
            setattr(session.get(Customer, stale[0]), name_, None)
    with transaction():
        run_id = job_runs.create(kind=duplicates.SCAN, key="k", parameters={}, user_id=None)
    with monkeypatch.context() as patch:
        stop_after(patch, module, name, calls)
        with pytest.raises(KeyboardInterrupt):
            runner.execute(run_id)
    assert runner.execute(run_id) == JobState.DONE
    sure = {members for members, lane in open_cases().items() if lane in {Lane.SURE, Lane.PROBABLE}}
    assert sure == set(map(frozenset, pairs))
    result = db.session.get(JobRun, run_id, populate_existing=True).result
    assert result["gone"] == 1


def test_a_cancelled_scan_stops_and_keeps_what_it_had(sqlite_app, monkeypatch):
    twice(ANNA)
    with transaction():
        run_id = job_runs.create(kind=duplicates.SCAN, key="k", parameters={}, user_id=None)
    whole = matching.scan

    def cancelling(**given):
        with transaction():
            job_runs.request_cancel(run_id)
        return whole(**given)

    monkeypatch.setattr(matching, "scan", cancelling)
    assert runner.execute(run_id) == JobState.CANCELLED


def test_a_scan_prepares_a_base_without_signatures(app):
    anna = twice(ANNA)
    with transaction() as session:  # as an upgrade finds it that brings the matcher
        session.execute(delete(MatchKey))
        session.execute(delete(MatchSignature))
        session.execute(delete(MatchMark))
        state.set_to(session.connection(), "signatures", 0)
    assert filling.is_needed()
    assert do(duplicates.SCAN)["new"] == 1
    assert not filling.is_needed()
    assert set(open_cases()) == {frozenset(anna)}
    assert set(db.session.scalars(select(MatchSignature.customer_id))) == set(anna)
