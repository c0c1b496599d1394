"""Metrics on examples small enough to count by hand."""

import numpy as np
import pytest

from jobs.benchmarks.duplicates import metrics
from jobs.benchmarks.duplicates.metrics import Pairs

# Places:           0  1  2  3  4  5  6
ENTITY = np.array([10, 10, 10, 11, 12, 12, 13])  # true pairs: three of 10 and one of 12
HOUSEHOLD = np.array([1, 1, 1, 1, 2, 2, 3])
PAIRS = Pairs.of(
    [(0, 1, 0.99, "sure"), (1, 2, 0.7, "probable"), (2, 3, 0.6, "probable"), (0, 3, 0.1, "household"),
     (4, 5, 0.2, "same_name"), (5, 6, 0.98, "sure")]
)  # fmt: skip


def test_pairs_within_groups_are_counted():
    assert metrics.pairs_within(ENTITY) == 4
    assert metrics.pairs_within(np.arange(5)) == 0


def test_only_pairs_at_the_threshold_count_as_found():
    found = metrics.judged(PAIRS, 0.5, ENTITY, HOUSEHOLD)
    assert (found["true_pairs"], found["pairs"]) == (4, 4)
    assert found["precision"] == 0.5
    assert found["recall"] == 0.5
    assert found["f1"] == 0.5
    assert found["wrong_within_household"] == 0.5  # 2-3 live together, 5-6 do not


def test_lanes_tell_people_households_and_strangers_apart():
    lanes = metrics.judged(PAIRS, 0.5, ENTITY, HOUSEHOLD)["lanes"]
    assert lanes["sure"] == {"pairs": 2, "same_person": 0.5, "household": 0.0, "strangers": 0.5}
    assert lanes["household"] == {"pairs": 1, "same_person": 0.0, "household": 1.0, "strangers": 0.0}
    assert lanes["same_name"]["same_person"] == 1.0


def test_share_of_households_in_their_lane():
    assert metrics.household_share(PAIRS, ENTITY, HOUSEHOLD) == 0.5  # 0-3 is there, 2-3 is not
    assert metrics.household_share(Pairs.of([]), ENTITY, HOUSEHOLD) == 1.0


def test_closure_joins_whoever_hangs_together():
    shown = PAIRS.where(PAIRS.probability >= 0.5)
    assert metrics.components(7, shown.a, shown.b).tolist() == [0, 0, 0, 0, 4, 5, 5]
    found = metrics.closure(shown, ENTITY)
    assert found["precision"] == pytest.approx(3 / 7, abs=1e-4)  # six pairs of 0-3, one of 5-6
    assert found["recall"] == 0.75
    assert (found["clusters"], found["impure"], found["largest"]) == (2, 2, 4)


def test_clusters_are_counted_by_any_numbers():
    pairs = np.array([(7, 900), (12, 40), (900, 31), (40, 12), (5, 6)]).T
    assert metrics.clusters(*pairs) == 3
    assert metrics.clusters(np.array([], np.int64), np.array([], np.int64)) == 0


def test_pure_clusters_are_not_impure():
    found = metrics.closure(Pairs.of([(0, 2, 1.0, "sure"), (4, 5, 1.0, "sure")]), ENTITY)
    assert (found["clusters"], found["impure"], found["impure_share"]) == (2, 0, 0.0)


def test_nothing_found_is_no_error():
    found = metrics.judged(Pairs.of([]), 0.5, ENTITY, HOUSEHOLD)
    assert (found["pairs"], found["precision"], found["recall"], found["lanes"]) == (0, 0.0, 0.0, {})


def test_blocking_counts_candidates_and_true_pairs_among_them():
    found = metrics.blocking(np.array([0, 1, 3]), np.array([1, 2, 4]), ENTITY)
    assert found == {"candidates": 3, "candidates_per_customer": 0.43, "recall": 0.5}
