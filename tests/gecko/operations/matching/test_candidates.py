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
    expected = {
        (one, other)
        for one, other in combinations(range(len(customers)), 2)
        if any(sizes[key] <= keys.KINDS[key[0]].cap for key in set(held[one]) & set(held[other]))
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
