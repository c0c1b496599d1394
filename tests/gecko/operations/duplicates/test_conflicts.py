"""Customers that hang together only through others, and cannot be one person, do not end in one case."""

from datetime import date

from gecko.db import transaction
from gecko.models.duplicates import Lane
from gecko.operations.duplicates import deciding
from tests import factories
from tests.gecko.operations.duplicates.pairs import found, open_cases, pair, people, record, reviewer


def chain(one, other):
    """A customer in the middle who resembles both ends, the first more."""
    a, middle, b = (factories.customer(**values).id for values in (one, {"name": "Anna Jensen"}, other))
    record(found(a, middle, score=9.0), found(middle, b, score=4.0))
    return (a, middle, b), open_cases()


def test_other_dates_of_birth(app):
    (a, middle, b), cases = chain(
        {"name": "Anna Jensen", "birth_date": date(1980, 1, 2)},
        {"name": "Anna Jensen", "birth_date": date(1955, 7, 19)},
    )
    assert cases == {frozenset({a, middle}): Lane.SURE, frozenset({middle, b}): Lane.PROBABLE}


def test_a_slip_in_a_date_is_no_conflict(app):
    ends, cases = chain(
        {"name": "Anna Jensen", "birth_date": date(1980, 1, 2)}, {"name": "Anna Jensen", "birth_date": date(1980, 2, 1)}
    )
    assert cases == {frozenset(ends): Lane.SURE}


def test_other_first_names(app):
    (a, middle, b), cases = chain({"name": "Anna Jensen"}, {"name": "Torben Jensen"})
    assert set(cases) == {frozenset({a, middle}), frozenset({middle, b})}


def test_what_was_scored_as_a_family_or_decided(app, matcher):
    a, middle, b = people(3, name="Anna Jensen")
    record(found(a, middle, score=9.0), found(middle, b, score=4.0), found(a, b, Lane.HOUSEHOLD))
    assert set(open_cases()) == {frozenset({a, middle}), frozenset({middle, b}), frozenset({a, b})}
    c, between, d = people(3, name="Bo Holm")
    record(found(c, between, score=9.0), found(between, d, score=4.0), found(c, d, score=1.0))
    assert frozenset({c, between, d}) in open_cases()
    who, decided = reviewer(), pair(c, d).id
    with transaction():
        deciding.different([decided], principal=who)
    assert {frozenset({c, between}), frozenset({between, d})} < set(open_cases())
