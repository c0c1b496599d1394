"""Weights of a base's own: estimated without labels, kept only if they explain what they have not seen."""

import numpy as np
import pytest

from gecko.operations.matching import scanning, shares, training
from gecko.operations.matching.candidates import candidates
from gecko.operations.matching.frequencies import count
from gecko.operations.matching.levels import COMPARATORS
from gecko.operations.matching.normalising import FIELDS
from gecko.operations.matching.policy import shipped_context
from jobs.benchmarks.duplicates import base
from tests.gecko.operations.matching.people import rows


@pytest.fixture(scope="module")
def made():
    records = base.generate(2_000).records
    return rows(*({field: getattr(record, field) for field in FIELDS} for record in records))


@pytest.fixture
def all_bases_are_large(monkeypatch):
    monkeypatch.setattr(training, "LEAST_CUSTOMERS", 100)
    monkeypatch.setattr(training, "RANDOM_PAIRS", 20_000)


def trained(made):
    found = candidates(made, customers=1_000_000)
    context = scanning.context_of(made, shipped_context(), found)
    return training.train(made, found, context, 2)


@pytest.mark.usefixtures("all_bases_are_large")
def test_training_gives_distributions_under_a_new_version(made):
    learned = trained(made)
    assert learned.weights.version == 2
    assert learned.likelihood > learned.likelihood_before
    for name in COMPARATORS:
        if name != "email":
            assert learned.weights.person[name][1:].sum() == pytest.approx(1)


@pytest.mark.usefixtures("all_bases_are_large")
def test_training_twice_gives_the_same(made):
    one, other = trained(made), trained(made)
    assert one.likelihood == other.likelihood
    assert all((one.weights.person[name] == other.weights.person[name]).all() for name in COMPARATORS)


def test_a_small_gain_is_not_kept():
    weights = shipped_context().weights
    assert not training.Trained(weights, -10.0, -10.01).is_better
    assert training.Trained(weights, -9.9, -10.0).is_better


def test_a_small_base_is_not_trained_on(made):
    assert trained(made) is None


def test_a_base_without_families_is_seen_as_one():
    syllables = [(one, other) for one in "bdfghjkmprst" for other in ("anna", "ole", "ibe", "uffe")]
    customers = [
        {"name": f"{one}{other} {other}{one}lund", "address": f"{other}{one}vej {number}", "postal_code": "8000",
         "mobile": f"2{number:07}", "birth_date": f"19{number % 60 + 30}-0{number % 9 + 1}-1{number % 8}"}
        for number, (one, other) in enumerate(syllables)
    ]  # fmt: skip
    made = rows(*customers, *customers[:20])
    found = candidates(made)
    shipped = shipped_context()
    person, _careless, household = shares.estimate(made, found, shipped_context(count(made)))
    assert household < shipped.weights.pairs[2] / 5
    assert person > shipped.weights.pairs[0]
    assert np.isfinite(person)
