"""Levels of agreement: symmetric, and silent where one side says nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecko.operations.matching.comparing import compare
from gecko.operations.matching.levels import COMPARATORS, Address, Birth, Email, First, Last, Middle, Phone
from tests.gecko.operations.matching.people import ANNE, CUSTOMERS, but, mixed, pair


def level(name, one, other):
    compared = compare(*pair(one, other))
    return COMPARATORS[name](int(compared.levels[0, list(COMPARATORS).index(name)]))


def named(one, other):
    return level("first", {"name": one}, {"name": other}), level("last", {"name": one}, {"name": other})


@given(st.lists(CUSTOMERS, min_size=2, max_size=5))
def test_which_side_is_which_makes_no_difference(customers):
    left, right = mixed(customers)
    there, back = compare(left, right), compare(right, left)
    assert (there.levels == back.levels).all()


@pytest.mark.parametrize(
    ("one", "other", "first", "last"),
    [
        ("Anne Jensen", "anne jensen", First.SAME, Last.SAME),
        ("Per Jensen", "Peter Jenson", First.PET, Last.SOUND),
        ("Kristian Lindqvist", "Christian Lindkvist", First.SOUND, Last.SOUND),
        ("Margrethe Lindholm", "Margretke Lindhokm", First.SLIP, Last.SLIP),
        ("A. Jensen", "Anne Jensen", First.INITIAL, Last.SAME),
        ("Anne Jensen", "Jensen Anne", First.SWAPPED, Last.UNKNOWN),
        ("Anne Jensen", "Anne Jensen Berg", First.SAME, Last.PART),
        ("Jens Peter Berg", "Peter Berg", First.MIDDLE, Last.SAME),
        ("Jayden Ek", "Jade Ek", First.ALIKE, Last.SAME),
        ("Anne Jensen", "Mogens Friis", First.OTHER, Last.OTHER),
        ("Jensen", "Anne Jensen", First.UNKNOWN, Last.SAME),
        ("Berg Mogens", "Mogems Berg", First.SLIP, Last.SWAPPED),
    ],
)
def test_names(one, other, first, last):
    assert named(one, other) == (first, last)


def test_a_last_name_in_the_mailbox_of_a_namesake_is_a_former_one():
    one = {"name": "Heidi Palleborg"}
    assert level("last", one, {"name": "Heidi Rasmussen", "email": "heidi.palleborg@mail.dk"}) == Last.MAILBOX
    assert level("last", one, {"name": "Bo Rasmussen", "email": "heidi.palleborg@mail.dk"}) == Last.OTHER


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Bo Ib Ek", "Bo Ib Ek", Middle.SAME), ("Bo Holm Ek", "Bo H. Ek", Middle.INITIAL),
        ("Bo Holm Ek", "Bo Lund Ek", Middle.OTHER), ("Bo Holm Ek", "Bo Ek", Middle.UNKNOWN),
    ],
)  # fmt: skip
def test_middle_names(one, other, expected):
    assert level("middle", {"name": one}, {"name": other}) == expected


@pytest.mark.parametrize(
    ("name", "email", "expected"),
    [
        (ANNE["name"], "anne.holm@gmail.com", Email.SAME), (ANNE["name"], "anneholm@gmail.com", Email.DOTS),
        (ANNE["name"], "anneholm@live.dk", Email.LOCAL), (ANNE["name"], "anneholm7@gmail.com", Email.ALIKE),
        (ANNE["name"], "sol@mane.dk", Email.OTHER), ("Mogens Friis", "anne.holm@gmail.com", Email.SAME_OTHER_NAME),
        ("Mogens Friis", "mfriis@live.dk", Email.OTHER_OTHER_NAME), (ANNE["name"], None, Email.UNKNOWN),
        (ANNE["name"], "info@gmail.com", Email.UNKNOWN),
    ],
)  # fmt: skip
def test_mailboxes(name, email, expected):
    assert level("email", ANNE, but(ANNE, name=name, email=email)) == expected


@pytest.mark.parametrize(
    ("mobile", "telephone", "expected"),
    [
        ("20212223", None, Phone.MOBILE), (None, "20212223", Phone.CROSSWISE), ("20212232", None, Phone.SLIP),
        ("20212923", None, Phone.SLIP), ("51324354", None, Phone.OTHER_MOBILE), (None, None, Phone.UNKNOWN),
        ("00000000", None, Phone.UNKNOWN), (None, "86121314", Phone.UNKNOWN),
    ],
)  # fmt: skip
def test_telephone_numbers(mobile, telephone, expected):
    assert level("phone", ANNE, but(ANNE, mobile=mobile, telephone=telephone)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"address": "nørregade 12"}, Address.SAME), ({"address": "Nørregade 12, 1. th"}, Address.OTHER_FLAT),
        ({"address": "Nørregaade 12"}, Address.ALIKE), ({"address": "Nørregade 80"}, Address.STREET),
        ({"address": "Nørregade 21"}, Address.ALIKE), ({"address": "Nørregade 13"}, Address.STREET),
        ({"address": "Nørrgde 12"}, Address.ALIKE), ({"address": "Nørrgde 80"}, Address.POSTAL_CODE),
        ({"address": "Østervang 3"}, Address.POSTAL_CODE),
        ({"postal_code": "4900", "city": "Nakskov"}, Address.OTHER_PLACE),
        ({"address": "Østervang 3", "postal_code": "4900", "city": "Nakskov"}, Address.OTHER),
        ({"address": None}, Address.POSTAL_CODE_ALONE),
        ({"address": None, "postal_code": None, "city": None}, Address.UNKNOWN),
    ],
)  # fmt: skip
def test_addresses(changes, expected):
    assert level("address", ANNE, but(ANNE, **changes)) == expected


@pytest.mark.parametrize(("one", "other"), [("Bredgade 12", "Nygade 12"), ("Nyvej 3", "Møllevej 3")])
def test_streets_that_end_alike_are_not_alike(one, other):
    assert level("address", but(ANNE, address=one), but(ANNE, address=other)) == Address.POSTAL_CODE


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("1980-02-03", Birth.SAME), ("1980-03-02", Birth.DAY_AND_MONTH), ("1980-02-13", Birth.SLIP),
        ("1980-02-27", Birth.TWO_PARTS), ("1980-11-27", Birth.YEAR), ("1961-11-27", Birth.OTHER), (None, Birth.UNKNOWN),
    ],
)  # fmt: skip
def test_dates_of_birth(day, expected):
    assert level("birth", ANNE, but(ANNE, birth_date=day)) == expected


@given(CUSTOMERS)
def test_who_says_nothing_disagrees_in_nothing(customer):
    levels = compare(*pair(customer, {"name": "123"})).levels
    assert not levels.any()
