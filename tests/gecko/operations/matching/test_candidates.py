"""Candidates of a whole base are exactly those who share a key that is not too common."""

from collections import Counter
from itertools import combinations

import pytest

from gecko.operations.matching import keys, signature
from gecko.operations.matching.candidates import candidates
from gecko.operations.matching.normalising import FIELDS, normalise
from jobs.benchmarks.duplicates import base
from tests.gecko.operations.matching.people import ANNE, but, rows


def listed(found):
    left, right = found.rows(0, len(found.pairs))
    return list(zip(left.tolist(), right.tolist(), strict=True))


def test_they_are_the_pairs_that_share_a_key_under_its_cap():
    customers = [dict(zip(FIELDS, record, strict=False)) for record in _by_field(base.generate(300))]
    found = candidates(rows(*customers))
    held = [keys.of(signature.pack(normalise(customer))) for customer in customers]
    sizes = Counter(key for own in held for key in own)
    caps = keys.caps(len(customers))
    expected = {
        (one, other)
        for one, other in combinations(range(len(customers)), 2)
        if any(sizes[key] <= caps[key[0]] for key in set(held[one]) & set(held[other]))
    }
    assert listed(found) == sorted(expected)


def _by_field(made):
    return [[getattr(record, field) for field in FIELDS] for record in made.records]


def test_blocks_over_the_cap_are_counted_by_kind():
    crowd = [but(ANNE, name=f"{'abcdefghijklmnopqrstuvwx'[n % 24]}{n}", email=None, address=None) for n in range(60)]
    found = candidates(rows(*crowd))
    dropped = found.dropped["phone"]
    assert (dropped.blocks, dropped.customers, dropped.pairs) == (1, 60, 60 * 59 // 2)
    assert not listed(found)


@pytest.mark.parametrize("customers", [[], [ANNE]])
def test_nobody_to_compare_with(customers):
    assert listed(candidates(rows(*customers))) == []


@pytest.mark.parametrize(("customers", "found"), [(6, 15), (1_000_000, 0)])
def test_who_stands_there_six_times_is_found_in_a_small_base_whatever_was_mistyped(customers, found):
    """In a large one six customers who share no more than a date of birth are mostly six people."""
    letters = ("Bo", "Ib", "Kaj", "Eva", "Ada", "Uno")
    same = [{"name": f"{name} {name}lund", "birth_date": "1980-02-03"} for name in letters]
    assert len(listed(candidates(rows(*same), customers))) == found
