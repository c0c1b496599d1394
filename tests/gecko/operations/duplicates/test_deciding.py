"""Decisions: durable, taken back, safe to press twice, and carried along by merges and their undoing."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.errors import Conflict, NotFound
from gecko.models.audit import AuditEntry
from gecko.models.duplicates import DuplicateDecision, Lane, PairState, Verdict
from gecko.operations.duplicates import deciding, pace
from gecko.operations.duplicates.deciding import Look
from tests import factories
from tests.gecko.operations.duplicates.pairs import case_of, found, open_cases, pair, people, record, reviewer, states

DIFFERENT, OPEN, MERGED = PairState.DIFFERENT, PairState.OPEN, PairState.MERGED


def part(*pairs, who=None, **values):
    who = who or reviewer()
    ids = [pair(*one).id for one in pairs]
    with transaction():
        return deciding.different(ids, principal=who, **values)


def verdicts():
    db.session.rollback()
    rows = db.session.scalars(select(DuplicateDecision).order_by(DuplicateDecision.id))
    return [(row.a_id, row.b_id, row.verdict) for row in rows]


def merge(survivor, *absorbed, who=None, **values):
    who = who or reviewer()
    with transaction():
        return deciding.merge(survivor, absorbed, principal=who, **values).id


def test_different_holds_and_is_a_label(app, matcher):
    a, b = people(2)
    matcher.finds(found(a, b, evidence="now"))
    record(found(a, b, evidence="then"))
    who = reviewer()
    part((a, b), who=who, look=Look(seconds=4.5))
    assert states() == {(a, b): DIFFERENT}
    assert open_cases() == {}
    label = db.session.scalars(select(DuplicateDecision)).one()
    assert (label.verdict, label.lane, label.probability, label.seconds) == (Verdict.DIFFERENT, Lane.SURE, 0.999, 4.5)
    assert (label.decided_by_id, label.evidence, pair(a, b).evidence) == (who.user_id, "now", "now")
    record(found(a, b, evidence="now"), checked=[a])
    assert states() == {(a, b): DIFFERENT}
    logged = db.session.scalars(select(AuditEntry.customer_id).where(AuditEntry.action == "duplicate.different"))
    assert set(logged) == {a, b}


def test_pressed_twice_it_is_decided_once(app, matcher):
    a, b = people(2)
    record(found(a, b))
    who, look = reviewer(), Look(act="page-1")
    part((a, b), who=who, look=look)
    part((a, b), who=who, look=look)
    assert len(verdicts()) == 1


def test_two_reviewers_at_once(app, matcher):
    a, b, c = people(3)
    record(found(a, b), found(b, c))
    part((a, b))
    with pytest.raises(Conflict):
        part((a, b))
    with pytest.raises(Conflict):
        part((b, c), evidence={pair(b, c).id: "as it was shown"})
    record(checked=[c])
    gone = pytest.raises(Conflict)
    with gone, transaction():
        deciding.different([999], principal=reviewer(user_id=1))
    assert len(verdicts()) == 1


def test_what_one_may_not_see_one_does_not_decide(app, matcher):
    other = factories.group().id
    a, b = people(1) + people(1, group_id=other)
    record(found(a, b))
    limited, case_id = reviewer(groups=[factories.primary_group().id]), case_of(a, b).id
    with pytest.raises(NotFound):
        part((a, b), who=limited)
    with pytest.raises(NotFound), transaction():
        deciding.later(case_id, principal=limited)
    part((a, b))
    label = db.session.scalars(select(DuplicateDecision.id)).one()
    with pytest.raises(NotFound), transaction():
        deciding.undo(label, principal=limited)


def test_an_act_is_taken_back_as_a_whole_and_once(app, matcher):
    a, b, c = people(3)
    record(found(a, b), found(b, c))
    case_id = case_of(a, b, c).id
    who = reviewer()
    part((a, b), (b, c), who=who)
    last = deciding.last_of(who.user_id)
    last_id = last.id
    with transaction():
        deciding.undo(last_id, principal=who)
    assert set(states().values()) == {OPEN}
    assert case_of(a, b, c).id == case_id
    assert [verdict for *_pair, verdict in verdicts()].count(Verdict.UNDONE) == 2
    assert deciding.last_of(who.user_id) is None
    with pytest.raises(Conflict), transaction():
        deciding.undo(last_id, principal=who)


def test_a_decision_that_was_overtaken_cannot_be_taken_back(app, matcher):
    a, b = people(2)
    record(found(a, b))
    part((a, b))
    first = db.session.scalars(select(DuplicateDecision.id)).one()
    record(found(a, b, evidence="other"))
    part((a, b))
    with pytest.raises(Conflict), transaction():
        deciding.undo(first, principal=reviewer(user_id=1))


def test_a_merge_labels_closes_and_hands_different_on(app, matcher):
    """b goes into a. c is not b, so it is not a either; d looked like b, and now is compared with a."""
    a, b, c, d = people(4)
    record(found(a, b), found(b, c), found(b, d, Lane.PROBABLE))
    part((b, c))
    matcher.finds(found(a, c, evidence="a and b together"), found(a, d, Lane.PROBABLE))
    merge_id = merge(a, b)
    assert states() == {(a, b): MERGED, (b, c): DIFFERENT, (a, c): DIFFERENT, (a, d): OPEN}
    assert open_cases() == {frozenset({a, d}): Lane.PROBABLE}
    assert pair(a, c).evidence == "a and b together"
    assert [(one, two) for one, two, verdict in verdicts() if verdict == Verdict.SAME] == [(a, b)]
    assert record(found(a, c, evidence="a and b together"), checked=[a]).reopened == 0

    matcher.finds(found(a, b), found(b, c), found(b, d, Lane.PROBABLE))
    who = reviewer()
    with transaction():
        deciding.undo(deciding_id(merge_id), principal=who)
    assert states() == {(a, b): OPEN, (b, c): DIFFERENT, (b, d): OPEN}
    assert open_cases() == {frozenset({a, b, d}): Lane.PROBABLE}


def deciding_id(merge_id):
    wanted = select(func.min(DuplicateDecision.id)).where(
        DuplicateDecision.merge_id == merge_id, DuplicateDecision.verdict == Verdict.SAME
    )
    return db.session.scalar(wanted)


def test_merging_what_was_called_different_falls_back_to_different_when_undone(app, matcher):
    a, b = people(2)
    record(found(a, b))
    part((a, b))
    merge_id = merge(a, b)
    assert states() == {(a, b): MERGED}
    matcher.finds(found(a, b))
    who = reviewer()
    with transaction():
        deciding.undo_merge(merge_id, principal=who)
    assert states() == {(a, b): DIFFERENT}
    assert pair(a, b).evidence == f"{a}-{b}"


def test_a_chain_of_merges_comes_back_one_by_one(app, matcher):
    """c is not b. b goes into a, a into d: c is not d. Back again, c is not a, then not b alone."""
    a, b, c, d = people(4)
    record(found(a, b), found(b, c), found(a, d))
    part((b, c))
    first = merge(a, b)
    second = merge(d, a)
    assert states()[c, d] == DIFFERENT
    who = reviewer()
    matcher.finds(found(a, c), found(a, d))
    with transaction():
        deciding.undo_merge(second, principal=who)
    assert (states()[a, c], states()[a, d], (c, d) in states()) == (DIFFERENT, OPEN, False)
    matcher.finds(found(a, b), found(b, c), found(a, d))
    with transaction():
        deciding.undo_merge(first, principal=who)
    assert states() == {(a, b): OPEN, (b, c): DIFFERENT, (a, d): OPEN}


def test_merging_twice_with_one_key_is_one_merge(app, matcher):
    a, b = people(2)
    record(found(a, b))
    who = reviewer()
    assert merge(a, b, who=who, idempotency_key="k") == merge(a, b, who=who, idempotency_key="k")
    assert len(verdicts()) == 1


def test_customers_without_a_pair_can_be_merged_and_parted_too(app, matcher):
    a, b = people(2)
    who = reviewer()
    merge_id = merge(a, b, who=who)
    with transaction():
        deciding.undo_merge(merge_id, principal=who)
    assert (states(), verdicts()) == ({}, [])


def test_who_stood_in_a_case_only_through_somebody_else_is_compared_when_merged(app, matcher):
    a, b, c = people(3)
    record(found(a, b), found(a, c))
    matcher.finds(found(a, b), found(a, c), found(b, c))
    who = reviewer()
    merge(b, c, who=who)
    assert verdicts() == [(b, c, Verdict.SAME)]
    assert deciding.last_of(who.user_id) is not None


def test_pace(app, matcher):
    ids = people(8)
    pairs = list(zip(ids[::2], ids[1::2], strict=True))
    record(*[found(*one) for one in pairs])
    who = reviewer()
    assert pace.of(who.user_id, left=4).minutes is None
    for one in pairs[:3]:
        part(one, who=who)
    now = pace.of(who.user_id)
    assert (now.done, now.total) == (3, 4)
    assert now.minutes is not None
