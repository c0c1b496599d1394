"""One policy: the same scores for few and for many, either way round, and sense in what they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecko.models.duplicates import Lane
from gecko.operations.matching import frequencies, policy, weights
from gecko.operations.matching.levels import COMPARATORS
from gecko.operations.matching.scoring import LANES
from gecko.operations.matching.signature import rows as taken
from tests.gecko.operations.matching.people import ANNE, CUSTOMERS, but, context, mixed, pair, rows, score


def lane(one, other, customers=10_000):
    return LANES[int(score(*pair(one, other), context(customers)).lane[0])]


def probability(one, other, among=None):
    return float(score(*pair(one, other), among or context()).probability[0])


@given(st.lists(CUSTOMERS, min_size=2, max_size=5))
def test_scores_are_the_same_either_way_round_and_one_by_one(customers):
    left, right = mixed(customers)
    together = score(left, right, context())
    turned = score(right, left, context())
    for column, other in zip(together, turned, strict=True):
        assert (column == other).all()
    for at in range(len(left)):
        alone = score(left[at : at + 1], right[at : at + 1], context())
        assert [column[0].tolist() for column in alone] == [column[at].tolist() for column in together]


def test_scores_do_not_depend_on_how_many_are_scored_at_once():
    chance = np.random.default_rng(7)
    some = rows(
        *(but(ANNE, name=name, mobile=f"2021{n:04}") for n, name in enumerate(["Anne Ek", "Ane Ek", "Bo Ib"] * 60))
    )
    left, right = (taken(some, chance.integers(0, len(some), 5_000)) for _side in range(2))
    together = score(left, right, context())
    parts = [score(left[at : at + 7], right[at : at + 7], context()) for at in range(0, 5_000, 7)]
    for number, column in enumerate(together):
        assert (column == np.concatenate([part[number] for part in parts])).all()


@pytest.mark.parametrize("customers", [100, 1_000_000])
def test_lanes_make_sense_in_small_and_large_bases(customers):
    assert lane(ANNE, but(ANNE, name="Ane Jensen"), customers) == Lane.SURE
    assert lane(ANNE, but(ANNE, name="Mogens Jensen", birth_date="1978-11-20", email=None), customers) == Lane.HOUSEHOLD
    assert lane(ANNE, {"name": "Mogens Friis"}, customers) is None


def test_twins_and_namesakes_are_a_household():
    twin = but(ANNE, name="Sofie Holm Jensen", email=None, mobile=None)
    son = but(ANNE, birth_date="2004-06-11", email=None, mobile=None)
    for relative in (twin, son):
        assert probability(ANNE, relative) < 0.5
        assert float(score(*pair(ANNE, relative), context()).household[0]) > 0.5


@pytest.mark.parametrize("more", [{}, {"birth_date": "1966-09-26"}, {"mobile": "51324354"}])
def test_names_that_changed_places_say_no_more_than_equal_ones(more):
    one = {"name": "Peter Thomas", "birth_date": "1993-10-13", "postal_code": "5046"} | more
    others = [{"name": f"{first} {last}"} for first in ("Anne", "Bo", "Ib", "Eva") for last in ("Ek", "Lund", "Friis")]
    among = policy.shipped_context(frequencies.count(rows(*[one] * 30, *others * 80)))
    equal, swapped = ({"name": name, "postal_code": "5046"} | more for name in ("Peter Thomas", "Thomas Peter"))
    assert probability(one, swapped, among) <= probability(one, equal, among) + 0.005


def test_pairs_without_a_lane_have_no_odds():
    shown, unlike = (score(*pair(ANNE, other), context()) for other in (ANNE, {"name": "Mogens Friis"}))
    assert (shown.lane[0], unlike.lane[0]) == (1, 0)
    careful = float(shown.probability[0])
    assert shown.score[0] == pytest.approx(np.log2(careful / (1 - careful)), rel=0.01)
    assert unlike.score[0] == 0


def test_namesakes_are_often_of_one_age():
    """A date of birth in common says less where the first names agree, too: these go in and out of fashion."""
    bits = {}
    for name in ("Anne Berg", "Mogens Friis"):
        one, other = {"name": "Anne Holm"}, {"name": name}
        dated = [customer | {"birth_date": "1980-02-03"} for customer in (one, other)]
        known, unknown = (probability(*both) for both in (dated, (one, other)))
        bits[name] = np.log2(known / (1 - known)) - np.log2(unknown / (1 - unknown))
    assert bits["Anne Berg"] < bits["Mogens Friis"]


@pytest.mark.parametrize("other", [{"email": "x9@jubii.dk"}, {"mobile": "51324354"}, {"birth_date": "1949-08-17"}])
def test_a_missing_value_is_no_disagreement(other):
    little = {"email": None, "mobile": None, "birth_date": None} | {field: ANNE[field] for field in other}
    one = ANNE | little
    assert probability(one, one | dict.fromkeys(other)) > probability(one, one | other)


@pytest.mark.parametrize("group", weights.CLASSES)
def test_unknown_is_as_likely_in_every_class(group):
    assert {table[0] for table in getattr(weights.shipped(), group).values()} == {1.0}


def test_a_frequent_name_says_less():
    jensens = rows(*(but(ANNE, name=f"Anne{'abcdefghij'[n % 10]} Jensen", email=None) for n in range(200)))
    counted = policy.shipped_context(frequencies.count(jensens))
    one = {"name": "Anne Jensen", "birth_date": "1980-02-03"}
    rare = {"name": "Anne Palleborg", "birth_date": "1980-02-03"}
    assert probability(rare, rare, counted) > probability(one, one, counted)


def test_the_shipped_weights_are_distributions():
    for group in weights.CLASSES[:3]:
        for name, table in getattr(weights.shipped(), group).items():
            if name == "email":
                assert table[1:6].sum() == pytest.approx(1, abs=0.02)
                assert table[6:].sum() == pytest.approx(1, abs=0.02)
            elif name == "address":
                assert table[1:9].sum() == pytest.approx(1, abs=0.05)
            else:
                assert table[1:].sum() == pytest.approx(1, abs=0.03), (group, name)


def test_weights_come_back_from_what_is_stored():
    shipped = weights.shipped()
    again = weights.read(weights.content(shipped), 7)
    assert again.version == 7
    assert again.thresholds == shipped.thresholds
    assert all((again.person[name] == shipped.person[name]).all() for name in COMPARATORS)
