"""Searches as jobs and commands, on customers that the matcher itself compares; batches of sure cases."""

from __future__ import annotations

import csv
import json
from datetime import date

import pytest
from sqlalchemy import delete, func, select

from gecko.clock import now
from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.models.duplicates import DuplicateBatch, DuplicateDecision, DuplicatePair, Lane, PairState, Verdict
from gecko.models.jobs import JobRun, JobState
from gecko.models.matching import MatchKey, MatchMark, MatchScan, MatchSignature
from gecko.operations import job_runs, matching, sessions
from gecko.operations.duplicates import batches, deciding, freshness, upkeep
from gecko.operations.duplicates.freshness import Scope
from gecko.operations.matching import filling, state
from jobs import duplicates, runner
from jobs.commands.duplicates import commands
from tests import factories
from tests.gecko.operations.duplicates.pairs import found, open_cases, record, reviewer, states

ANNA = {
    "name": "Anna Sofie Thorup", "birth_date": date(1981, 3, 9), "mobile": "+4522334455",
    "email": "anna.thorup@firma.dk", "address": "Skovvej 12", "postal_code": "8000", "city": "Aarhus C",
}  # fmt: skip
BO = {
    "name": "Bo Winther", "birth_date": date(1975, 11, 30), "mobile": "+4561626364", "email": "bo@winther.dk",
    "address": "Engvej 4", "postal_code": "5000", "city": "Odense C",
}  # fmt: skip


def twice(values, **second):
    """One person registered twice; the ids."""
    return tuple(factories.customer(**one).id for one in (values, {**values, **second}))


def do(kind, parameters=None, user_id=None):
    with transaction():
        run_id = job_runs.create(kind=kind, key="k", parameters=parameters or {}, user_id=user_id)
    state = runner.execute(run_id)
    run = db.session.get(JobRun, run_id, populate_existing=True)
    assert state == JobState.DONE, run.error
    return run.result


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


# --- batches


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


# --- commands


def rows_of(folder):
    return list(csv.reader((folder / "p.csv").read_text(encoding="utf-8").splitlines()))


def command(app, *arguments):
    return app.test_cli_runner().invoke(commands, list(map(str, arguments)))


def test_pairs_are_right_straight_after_customers_came_in(app, tmp_path):
    twice({**ANNA, "number": "A1"}, number="A2")
    factories.customer(**{**BO, "name": "Lis Thorup"})
    answer = command(app, "pairs", "--out", tmp_path / "p.csv")
    assert answer.exit_code == 0, answer.output
    rows = rows_of(tmp_path)
    assert rows[0] == ["customer number a", "customer number b", "probability", "lane", "reasons"]
    ((a, b, probability, lane, reasons),) = rows[1:]
    assert (a, b, lane) == ("A1", "A2", "sure")
    assert float(probability) > 0.99
    assert "same date of birth" in reasons
    third = factories.customer(**ANNA).id
    command(app, "pairs", "--out", tmp_path / "p.csv", "--min-probability", "0.5")
    rows = rows_of(tmp_path)[1:]
    assert {(row[0], row[1]) for row in rows} == {("A1", "A2"), ("A1", f"id:{third}"), ("A2", f"id:{third}")}


def test_pairs_of_many_pages(sqlite_app, tmp_path, monkeypatch):
    monkeypatch.setattr("gecko.operations.duplicates.listing._AT_ONCE", 2)
    ids = [factories.customer(**ANNA, number=f"N{n}").id for n in range(4)]
    command(sqlite_app, "pairs", "--out", tmp_path / "p.csv")
    rows = rows_of(tmp_path)[1:]
    assert len({tuple(row[:2]) for row in rows}) == len(rows) == len(ids) * (len(ids) - 1) // 2


def test_decided_pairs_are_not_listed(sqlite_app, tmp_path):
    twice(ANNA)
    command(sqlite_app, "scan")
    pair_id, who = db.session.scalars(select(DuplicatePair.id)).one(), reviewer()
    with transaction():
        deciding.different([pair_id], principal=who)
    command(sqlite_app, "pairs", "--out", tmp_path / "p.csv")
    assert len((tmp_path / "p.csv").read_text().splitlines()) == 1


def test_scan_and_status_tell_in_json(sqlite_app):
    twice(ANNA)
    facts = json.loads(command(sqlite_app, "scan", "--json").output)
    assert (facts["new"], facts["dropped_blocks"]) == (1, 0)
    status = json.loads(command(sqlite_app, "status", "--json").output)
    assert (status["open_cases_sure"], status["open_pairs_sure"], status["is_current"]) == (1, 1, True)
    assert status["threshold_sure"] > status["threshold_probable"]
    assert "new: 0" in command(sqlite_app, "scan", "--changed").output
    assert command(sqlite_app, "scan", "--group", "Nowhere").exit_code == 1
    assert command(sqlite_app, "scan", "--across", "--changed").exit_code == 2
    name = factories.primary_group().name
    assert command(sqlite_app, "scan", "--group", name).exit_code == 0
    assert db.session.scalar(select(func.count()).select_from(MatchScan)) == 2


def test_check_by_number_and_by_id(sqlite_app):
    a, _b = twice({**ANNA, "number": "77"}, number="88")
    for who in ("77", a):
        output = command(sqlite_app, "check", who).output
        assert "1 found" in output
        assert "88" in output
    assert command(sqlite_app, "check", "no such").exit_code == 1
    factories.customer(number="77", group_id=factories.group().id)
    assert "Several customers" in command(sqlite_app, "check", "77").output
