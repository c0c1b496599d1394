"""The warning about customers who are exactly alike."""

from datetime import date

import pytest

from gecko.db import transaction
from gecko.operations import customer_matches, customers, settings
from gecko.permissions import Principal
from tests import factories

STAFF = Principal(1, None, "x", "X")


@pytest.mark.parametrize(
    "typed",
    [
        {"email": "ASE@example.com"},
        {"telephone": "20 12 34 56"},
        {"name": "åse  Ørsted", "birth_date": "1990-01-01"},
        {"cpr": "010190-1234", "email": "not yet"},
    ],
)
def test_what_is_alike(app, typed):
    with transaction():
        settings.put("feature.cpr", True)
    with transaction():
        known = customers.create(
            {"name": "Åse Ørsted", "email": "ase@example.com", "mobile": "20123456", "birth_date": date(1990, 1, 1),
             "cpr": "0101901234"}
        ).id  # fmt: skip
    (match,) = customer_matches.find(typed, STAFF)
    assert match.customer.id == known
    assert len(match.reasons) == 1
    assert customer_matches.find(typed, STAFF, but=known) == []
    assert customer_matches.find(typed, Principal(1, None, "x", "X", groups=frozenset({0}))) == []


def test_a_name_alone_is_not_enough(sqlite_app):
    factories.customer(name="Åse Ørsted")
    assert customer_matches.find({"name": "Åse Ørsted"}, STAFF) == []
