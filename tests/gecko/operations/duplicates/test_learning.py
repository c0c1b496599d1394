"""What decisions say: precision, drift, calibration, suggestions; and thresholds that change only on demand."""

from __future__ import annotations

import random
from datetime import date

import pytest

from gecko.db import db, transaction
from gecko.errors import Conflict, Invalid
from gecko.models.audit import AuditEntry
from gecko.models.duplicates import Lane
from gecko.models.matching import MatchModel
from gecko.operations import matching
from gecko.operations.duplicates import deciding, learning, suggesting, thresholds
from gecko.operations.duplicates.learning import Label, Share
from gecko.operations.duplicates.thresholds import Limits
from tests import factories
from tests.gecko.operations.duplicates.pairs import found, pair, people, record, reviewer

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


def labels(probability, same, other, lane=Lane.SURE, month=MAY):
    return [Label(lane, probability, n < same, month) for n in range(same + other)]


def test_the_interval_is_wilsons():
    low, high = learning.wilson(8, 10)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    assert learning.wilson(0, 0) == (0.0, 1.0)
    assert learning.wilson(20, 20)[1] == 1.0
    assert round(learning.wilson(20, 20)[0], 3) == 0.839


def test_what_counts_is_the_last_word_of_somebody_who_looked(app, matcher):
    a, b, c, d, e, f = people(6)
    matcher.finds(found(a, b), found(c, d, Lane.PROBABLE), found(e, f, Lane.PROBABLE))
    record(*matcher.pairs)
    who = reviewer()
    for one in ((c, d), (e, f)):
        key = pair(*one).id
        with transaction():
            deciding.different([key], principal=who)
    with transaction():
        deciding.undo(deciding.last_of(who.user_id).id, principal=who)
    with transaction():
        deciding.merge(a, [b], principal=who)
    with transaction():
        deciding.merge(c, [e], principal=who, look=deciding.Look(is_batch=True))
    shares = learning.by_lane(learning.labels())
    assert (shares[Lane.SURE].same, shares[Lane.SURE].total) == (1, 1)
    assert (shares[Lane.PROBABLE].same, shares[Lane.PROBABLE].total) == (0, 1)  # not handed on to the survivor
    assert shares[Lane.HOUSEHOLD].share is None


def test_drift_is_a_month_outside_of_what_earlier_ones_allow():
    steady = labels(0.8, 80, 20, Lane.PROBABLE) + labels(0.8, 78, 22, Lane.PROBABLE, JUNE)
    assert not learning.drifted(learning.by_month(steady, Lane.PROBABLE))
    worse = labels(0.8, 80, 20, Lane.PROBABLE) + labels(0.8, 30, 70, Lane.PROBABLE, JUNE)
    assert learning.drifted(learning.by_month(worse, Lane.PROBABLE))
    assert not learning.drifted({MAY: Share(1, 2)})


def test_calibration_by_bins():
    bins = learning.calibration(labels(0.55, 6, 4) + labels(1.0, 3, 0))
    assert [(one.low, one.high, round(one.expected, 2), one.share.same) for one in bins] == [
        (0.5, 0.6, 0.55, 6), (0.999, 1.0, 1.0, 3),
    ]  # fmt: skip


def test_a_sure_threshold_is_suggested_only_where_decisions_prove_it():
    few = suggesting.suggest_sure(labels(0.999, 100, 0), 0.99)
    assert (few.suggested, few.needed) == (None, 1177)
    proven = labels(0.999, 2_000, 0) + labels(0.98, 500, 0) + labels(0.9, 60, 40)
    found_ = suggesting.suggest_sure(proven, 0.995)
    assert (found_.suggested, found_.rests_on, found_.needed) == (0.98, 2_500, 0)


def test_a_probable_threshold_is_where_pairs_become_more_often_one_person_than_not():
    drawn = random.Random(7)
    given = [Label(Lane.PROBABLE, p, drawn.random() < p - 0.2, MAY) for p in (n / 1000 for n in range(300, 1000))]
    found_ = suggesting.suggest_probable(given, 0.5)
    assert found_.suggested is not None
    assert 0.6 < found_.suggested < 0.8
    assert suggesting.suggest_probable(labels(0.8, 60, 0), 0.5).needed == 50


def test_the_effect_is_counted_and_applying_it_is_a_new_version(app):
    a, b, c, d = people(4)
    record(found(a, b, probability=0.999), found(c, d, Lane.PROBABLE, probability=0.9),
           found(a, c, Lane.PROBABLE, probability=0.6), found(b, d, Lane.HOUSEHOLD))  # fmt: skip
    before = thresholds.in_force()
    effect = thresholds.effect(0.85, 0.7)
    assert effect.before == {Lane.SURE: 1, Lane.PROBABLE: 2, Lane.HOUSEHOLD: 1, Lane.SAME_NAME: 0}
    assert effect.after == {Lane.SURE: 2, Lane.PROBABLE: 0, Lane.HOUSEHOLD: 1, Lane.SAME_NAME: 0}
    assert effect.leaving == 1
    assert thresholds.in_force() == before  # looking changes nothing
    with transaction():
        version = thresholds.apply(Limits(0.85, 0.7), seen=before.version)
    now = thresholds.in_force()
    assert (now.sure, now.probable, now.version) == (0.85, 0.7, version)
    assert db.session.get(MatchModel, version).content["thresholds"]["sure"] == 0.85
    logged = db.session.query(AuditEntry).filter_by(action="duplicate.thresholds").one()
    assert logged.changes == {"sure": [before.sure, 0.85], "probable": [before.probable, 0.7]}
    with pytest.raises(Conflict), transaction():
        thresholds.apply(Limits(0.9, 0.7), seen=before.version)


def test_other_thresholds_change_lanes_and_not_scores(sqlite_app):
    values = {"name": "Anna Sofie Thorup", "birth_date": date(1981, 3, 9), "email": "anna.thorup@firma.dk"}
    first = factories.customer(**values).id
    factories.customer(**values)
    (before,) = matching.check(first)
    with transaction():
        thresholds.apply(Limits(0.9999999, 0.5), seen=thresholds.in_force().version)
    (after,) = matching.check(first)
    assert (after.probability, after.score, after.levels) == (before.probability, before.score, before.levels)
    assert after.model != before.model


def test_thresholds_as_people_write_them():
    assert thresholds.read(" 99,5", "60.25") == Limits(0.995, 0.6025)
    for sure, probable in (("x", "50"), ("50", "60"), ("100", "50"), ("99", "0"), ("nan", "1"), ("1e999", "2")):
        with pytest.raises(Invalid):
            thresholds.read(sure, probable)
