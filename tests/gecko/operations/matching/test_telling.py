"""Reasons in words, for stored pairs and for what is typed."""

from __future__ import annotations

from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.operations import matching
from tests import factories


def test_reasons_say_why_a_pair_was_found(sqlite_app):
    one = factories.customer(name="Sofie Ravn", mobile="+4520123456").id
    other = factories.customer(name="Sophie Ravn", mobile="+4520123456").id
    found = matching.check(one)[0]
    assert {found.a_id, found.b_id} == {one, other}
    told = matching.reasons(found.levels, db.session.get(Customer, one), db.session.get(Customer, other))
    assert {reason.field for reason in told} == {"name", "mobile"}
    assert abs(told[0].weight) == max(abs(reason.weight) for reason in told)
    assert "samme mobilnummer" in {str(reason.text) for reason in told}
    with transaction():
        db.session.get(Customer, other).mobile = None  # the stored pair is still explained by what was found then
    again = matching.reasons(found.levels, db.session.get(Customer, one), db.session.get(Customer, other))
    assert {str(reason.text) for reason in again} == {str(reason.text) for reason in told}


def test_reasons_of_what_is_typed(sqlite_app):
    known = factories.customer(name="Sofie Ravn", mobile="+4520123456")
    typed = {"name": "sofie ravn", "mobile": "20 12 34 56", "email": ""}
    found = matching.check_values(typed)[0]
    assert (found.a_id, found.b_id) == (0, known.id)
    assert len(matching.reasons(found.levels, typed, known)) == 3


def test_thresholds_are_in_order(sqlite_app):
    limits = matching.thresholds()
    assert limits.sure > limits.probable > limits.floor
