"""Signatures: the same for the same values, and readable without texts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gecko.operations.matching import signature
from gecko.operations.matching.normalising import normalise
from tests.gecko.operations.matching.people import ANNE, CUSTOMERS, rows


@given(CUSTOMERS)
def test_a_signature_has_its_size_and_depends_on_nothing_else(customer):
    stored = signature.pack(normalise(customer))
    assert len(stored) == signature.SIZE
    assert stored == signature.pack(normalise(dict(reversed(customer.items()))))


@given(st.text("abcdefghijklmnopqrstuvwxyzæøå", max_size=12))
def test_short_names_are_spelled_back(name):
    spelled = signature.spell(np.array([signature.letters(name)], dtype=np.uint64))[0]
    assert spelled == name.translate({ord("æ"): "{", ord("ø"): "|", ord("å"): "}"}).encode()


def test_long_names_are_told_apart_behind_the_twelfth_letter():
    assert signature.letters("christoffersen") != signature.letters("christofferson")
    assert signature.letters("christoffers") != signature.letters("christoffersen")


def test_rows_are_taken_in_order_and_again():
    some = rows(ANNE, ANNE | {"name": "Bo Ek"}, ANNE | {"name": "Ib Lund"})
    at = np.array([2, 0, 2])
    assert (signature.rows(some, at) == some[at]).all()


def test_a_missing_value_is_zero():
    row = rows({"name": "Bo"})[0]
    assert not any(row[name].any() for name in signature.DTYPE.names if name not in ("first", "full", "first_sound"))
