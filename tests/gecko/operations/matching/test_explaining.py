"""Reasons: plain words for every level, and weights that add up to sense."""

import pytest

from gecko.operations.duplicates import speaking
from gecko.operations.matching.comparing import compare
from gecko.operations.matching.explaining import APART, WORDS, explain, weights, words
from gecko.operations.matching.levels import COMPARATORS, Address
from gecko.operations.matching.scanning import level_texts
from tests.gecko.operations.matching.people import ANNE, but, context, pair, rows, score


@pytest.mark.parametrize("name", COMPARATORS)
def test_every_level_has_words(name):
    assert set(WORDS[name]) == set(COMPARATORS[name]) - {0}


def reasons(one, other):
    """The reasons of one pair."""
    (found,) = explain(*pair(one, other), context())
    return found


def test_agreement_weighs_for_and_disagreement_against_one_person():
    compared = compare(*pair(ANNE, but(ANNE, name="Mogens Holm Jensen", email=None)))
    found = dict(zip(COMPARATORS, weights(compared, context())[0], strict=True))
    assert found["first"] < 0 < found["phone"]
    assert found["birth"] > 0
    assert found["email"] == 0


def test_the_strongest_reason_stands_first():
    found = reasons(ANNE, but(ANNE, address="Fasanvej 3"))
    assert [abs(reason.weight) for reason in found] == sorted((abs(reason.weight) for reason in found), reverse=True)


def test_what_is_unknown_gives_no_reason():
    assert {reason.field for reason in reasons(ANNE, but(ANNE, email=None, mobile=None))} == {
        "name", "address", "birth_date",
    }  # fmt: skip


def test_a_weight_is_what_the_score_would_fall_without_it():
    there, missing = but(ANNE, email=None), but(ANNE, email=None, birth_date=None)
    fall = score(*pair(ANNE, there), context()).score[0] - score(*pair(ANNE, missing), context()).score[0]
    weight = next(reason.weight for reason in reasons(ANNE, there) if reason.field == "birth_date")
    assert weight == pytest.approx(fall, abs=0.06)


def test_pairs_explained_together_are_explained_as_each_alone():
    others = [
        ANNE,
        but(ANNE, name="Mogens Holm Jensen", email=None),
        but(ANNE, birth_date="1961-07-30"),
        but(ANNE, mobile=None),
    ]
    left, right = rows(*[ANNE] * len(others)), rows(*others)
    assert explain(left, right, context()) == [reasons(ANNE, other) for other in others]


def test_stored_levels_can_be_put_into_words():
    levels = level_texts(score(*pair(ANNE, ANNE), context()).levels)[0]
    assert [field for field, _text in words(levels)] == [
        "name",
        "name",
        "name",
        "email",
        "mobile",
        "address",
        "birth_date",
    ]


def test_levels_beyond_nine_are_one_character_and_read_back():
    without_house = but(ANNE, address="Nørregade")
    levels = level_texts(score(*pair(ANNE, without_house), context()).levels)[0]
    assert levels[list(COMPARATORS).index("address")] == f"{Address.STREET_ALONE:x}" == "a"
    assert len(levels) == len(COMPARATORS)
    assert ("address", WORDS["address"][Address.STREET_ALONE]) in words(levels)
    assert speaking.bits([levels]) & speaking.bit("name")


def test_another_address_that_rules_out_a_family_says_so():
    moved = reasons(ANNE, but(ANNE, address="Fasanvej 3", postal_code="9990", city="Skagen"))
    reason = next(reason for reason in moved if reason.field == "address")
    assert reason.weight > 0
    assert reason.text is APART[Address.OTHER]
