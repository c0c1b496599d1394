"""Found pairs become rows: new, changed, decided, reopened, gone."""

from datetime import timedelta

from sqlalchemy import select

from gecko.clock import now
from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.models.duplicates import DuplicatePair, Lane, PairState
from gecko.operations.duplicates import recording
from tests import factories
from tests.gecko.operations.duplicates.pairs import case_of, found, open_cases, pair, people, record, states


def decide(a, b, state=PairState.DIFFERENT):
    key = pair(a, b).id
    with transaction() as session:
        session.get(DuplicatePair, key).state = state


def test_the_same_again_changes_nothing_but_the_time(app):
    a, b = people(2)
    assert record(found(a, b)).facts() == {"new": 1, "changed": 0, "reopened": 0, "gone": 0}
    before = pair(a, b).seen_at
    version = case_of(a, b).row_version
    assert record(found(a, b)).facts() == {"new": 0, "changed": 0, "reopened": 0, "gone": 0}
    assert pair(a, b).seen_at > before
    assert case_of(a, b).row_version == version
    assert record(found(a, b, Lane.PROBABLE)).changed == 1
    assert open_cases() == {frozenset({a, b}): Lane.PROBABLE}


def test_different_stays_decided_until_the_evidence_changes(app):
    a, b = people(2)
    record(found(a, b))
    decide(a, b)
    again = record(found(a, b, probability=0.99, model=2), checked=[a])
    assert (again.decided, again.reopened, again.gone) == (1, 0, 0)
    assert (pair(a, b).state, pair(a, b).model, pair(a, b).reopened_at) == (PairState.DIFFERENT, 2, None)
    changed = record(found(a, b, evidence="other"))
    assert changed.reopened == 1
    assert pair(a, b).state == PairState.OPEN
    assert pair(a, b).reopened_at is not None
    assert open_cases() == {frozenset({a, b}): Lane.SURE}


def test_another_version_of_the_matcher_does_not_bring_decided_pairs_back(app):
    a, b = people(2)
    record(found(a, b, evidence="1.abc"))
    decide(a, b)
    assert record(found(a, b, evidence="2.def")).reopened == 0
    assert (pair(a, b).state, pair(a, b).evidence) == (PairState.DIFFERENT, "2.def")
    assert record(found(a, b, evidence="2.abc")).reopened == 1


def test_what_is_not_found_any_more_vanishes_unless_it_was_decided(app):
    a, b, c, d = people(4)
    record(found(a, b), found(a, c), found(c, d))
    decide(a, c)
    gone = record(checked=[a])
    assert gone.gone == 1
    assert states() == {(a, c): PairState.DIFFERENT, (c, d): PairState.OPEN}
    assert open_cases() == {frozenset({c, d}): Lane.SURE}


def test_a_check_within_groups_drops_nothing_of_other_groups(app):
    other = factories.group().id
    mine = factories.primary_group().id
    a, b = people(2)
    (c,) = people(1, group_id=other)
    record(found(a, b), found(a, c))
    record(checked=[a], groups=[mine])
    assert set(states()) == {(a, c)}


def test_pairs_of_customers_that_are_gone_are_not_stored(app):
    a, b = people(2)
    with transaction() as session:
        session.get(Customer, b).deleted_at = now()
    assert record(found(a, b)).new == 0
    assert states() == {}


def test_forgetting_customers_closes_their_cases(app):
    a, b, c = people(3)
    record(found(a, b), found(b, c))
    with transaction():
        recording.forget([c])
    assert open_cases() == {frozenset({a, b}): Lane.SURE}


def test_a_sweep_takes_what_the_scan_did_not_see_within_its_scope(app, monkeypatch):
    monkeypatch.setattr(recording, "_GONE_AT_ONCE", 2)
    other = factories.group().id
    mine = people(4)
    theirs = people(2, group_id=other)
    inside = [found(mine[0], mine[1]), found(mine[1], mine[2]), found(mine[2], mine[3])]
    crossing, outside = found(mine[0], theirs[0]), found(*theirs)
    record(*inside, crossing, outside)
    begun = now()
    record(inside[0])

    def sweep(**scope):
        after, gone = 0, 0
        while after is not None:
            with transaction():
                done, after = recording.sweep(begun, after=after, **scope)
            gone += done.gone
        return gone

    assert sweep(groups=[factories.primary_group().id]) == 2
    assert sweep(across=True) == 1
    assert sweep() == 1
    assert list(states()) == [(mine[0], mine[1])]
    assert list(open_cases()) == [frozenset(mine[:2])]


def test_a_scan_that_began_earlier_keeps_what_was_found_meanwhile(app):
    a, b = people(2)
    begun = now() - timedelta(minutes=1)
    record(found(a, b))
    with transaction():
        assert recording.sweep(begun)[0].gone == 0


def test_many_pairs_take_few_statements(sqlite_app, queries):
    ids = people(60)
    pairs = [found(ids[n], ids[n + 1]) for n in range(0, 60, 2)]
    with queries(sqlite_app) as seen:
        record(*pairs)
    assert len(seen) < 40, "\n".join(seen)
    assert len(open_cases()) == 30
    db.session.rollback()
    assert len(db.session.scalars(select(DuplicatePair)).all()) == 30
