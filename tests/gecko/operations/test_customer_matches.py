"""The warning about customers who may be the one that is being typed."""

from datetime import date

import pytest

from gecko.db import transaction
from gecko.models.duplicates import Lane
from gecko.operations import customer_matches, customers, matching, settings
from gecko.permissions import Principal
from tests import factories

STAFF = Principal(1, None, "x", "X")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"email": "ASE@example.com"}, "same e-mail"),
        ({"telephone": "20 12 34 56"}, "mobile number of one is the telephone number of the other"),
        ({"name": "åse  Ørsted", "birth_date": "1990-01-01"}, "same date of birth"),
        ({"name": "Aase Oersted", "mobile": "20 12 34 56"}, "same mobile number"),
        ({"cpr": "010190-1234", "email": "not yet"}, "same social security number"),
    ],
)
def test_what_is_alike(app, typed, reason):
    with transaction():
        settings.put("feature.cpr", True)
    with transaction():
        known = customers.create(
            {"name": "Åse Ørsted", "email": "ase@example.com", "mobile": "20123456", "birth_date": date(1990, 1, 1),
             "cpr": "0101901234"}
        ).id  # fmt: skip
    with app.test_request_context(headers={"Accept-Language": "en"}):
        (match,) = customer_matches.find(typed, STAFF)
        assert match.customer.id == known
        assert reason in [str(one) for one in match.reasons]
    assert customer_matches.find(typed, STAFF, but=known) == []
    assert customer_matches.find(typed, Principal(1, None, "x", "X", groups=frozenset({0}))) == []


def test_the_matcher_speaks_by_its_own_policy(app):
    known = factories.person()
    typed = {name: getattr(known, name) for name in ("name", "email", "mobile", "birth_date")}
    (match,) = customer_matches.find(typed, STAFF)
    (found,) = matching.check_values(typed)
    assert match.found == found
    assert found.lane == Lane.SURE


def test_nothing_like_anybody_warns_of_nobody(sqlite_app):
    factories.customer(name="Åse Ørsted", email="aase@example.dk")
    assert customer_matches.find({"name": "Bo Bang", "email": "bo@example.dk", "mobile": "x"}, STAFF) == []
    assert customer_matches.find({}, STAFF) == []


def test_it_takes_as_many_queries_for_many_as_for_one(app, queries):
    known = factories.person()
    typed = {name: getattr(known, name) for name in ("name", "email", "mobile", "birth_date")}
    counts = []
    for number in (1, 2, 3):
        customer_matches.find(typed, STAFF)
        with queries(app) as asked:
            assert len(customer_matches.find(typed, STAFF)) == number
        counts.append(len(asked))
        factories.registered_again(known, address=f"Vestergade {number}")
    assert counts == [1] * 3, asked  # beside what the matcher asks the driver itself, see test_scans
