"""Keys of one customer are those of many, and the right customers share some."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecko.operations.matching import keys, signature
from gecko.operations.matching.normalising import normalise
from tests.gecko.operations.matching.people import ANNE, CUSTOMERS, but, rows


def of(customer):
    return keys.of(signature.pack(normalise(customer)))


@given(st.lists(CUSTOMERS, min_size=1, max_size=4))
def test_one_by_one_and_all_at_once_give_the_same_keys(customers):
    at_once = [set() for _customer in customers]
    for number, columns in keys.columns(rows(*customers)):
        for column in columns:
            for row, key in enumerate(column.view(np.int64).tolist()):
                at_once[row] |= {(number, key)} - {(number, 0)}
    assert [sorted(found) for found in at_once] == [of(customer) for customer in customers]


@given(CUSTOMERS, CUSTOMERS, st.sets(st.sampled_from(sorted(ANNE))))
def test_what_a_change_takes_and_brings_is_what_differs(customer, other, changed):
    before, after = customer, customer | {name: other[name] for name in changed}
    had, has = ({key for _kind, key in of(one)} for one in (before, after))
    signatures = (signature.pack(normalise(one)) for one in (before, after))
    assert keys.differences(*signatures) == (had - has, has - had)


def test_a_key_that_two_parts_gave_stays_while_one_gives_it():
    twice = {"name": "Ane Ane", "birth_date": "1980-02-03"}
    gone, _come = keys.differences(*(signature.pack(normalise(one)) for one in (twice, but(twice, name="Ib Ane"))))
    assert gone.isdisjoint(key for _kind, key in of(but(twice, name="Ib Ane")))
    assert "birth_name" not in {keys.KINDS[keys.kind_of(key)].name for key in gone}


@given(CUSTOMERS)
def test_keys_have_their_bits_and_tell_their_kind(customer):
    found = of(customer)
    assert all(0 < key < 1 << keys.BITS and keys.kind_of(key) == kind for kind, key in found)
    assert len(found) <= keys.COUNT


def test_a_customer_of_whom_nothing_is_known_has_no_keys():
    assert of({"name": "123"}) == []


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"name": "Jensen Anne", "mobile": None, "email": None}, "names"),
        ({"mobile": None, "telephone": "20212223"}, "phone"),
        ({"birth_date": "1980-03-02", "name": "Anna Berg"}, "birth_name"),
        ({"postal_code": "0800", "name": "Ib Ek"}, "house_place"),
        ({"name": "Ane Lund", "email": None}, "address_name"),
        ({"name": "Ib Ek", "email": "anneholm@live.dk"}, "mailbox"),
    ],
)
def test_what_may_be_one_person_shares_a_key(change, kind):
    shared = set(of(ANNE)) & set(of(but(ANNE, **change)))
    assert kind in {keys.KINDS[number].name for number, _key in shared}
