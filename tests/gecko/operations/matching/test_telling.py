"""Reasons in words, for stored pairs and for what is typed."""

from __future__ import annotations

from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.operations import customers, matching
from tests import factories


def test_reasons_say_why_a_pair_was_found(sqlite_app):
    one = factories.customer(name="Sofie Ravn", mobile="+4520123456").id
    other = factories.customer(name="Sophie Ravn", mobile="+4520123456").id
    found = matching.check(one)[0]
    assert {found.a_id, found.b_id} == {one, other}
    (told,) = matching.reasons([found])
    assert {reason.field for reason in told} == {"name", "mobile"}
    assert abs(told[0].weight) == max(abs(reason.weight) for reason in told)
    assert "samme mobilnummer" in {str(reason.text) for reason in told}
    with transaction():
        db.session.get(Customer, other).mobile = None  # the stored pair is still explained by what was found then
    (again,) = matching.reasons([found])
    assert {str(reason.text) for reason in again} == {str(reason.text) for reason in told}


def test_reasons_of_what_is_typed(sqlite_app):
    known = factories.customer(name="Sofie Ravn", mobile="+4520123456")
    typed = {"name": "sofie ravn", "mobile": "20 12 34 56", "email": ""}
    ((found, told),) = matching.check_values_with_reasons(typed)
    assert (found.a_id, found.b_id) == (0, known.id)
    assert [found] == matching.check_values(typed)
    assert {reason.field for reason in told} == {"name", "mobile"}


def test_many_are_told_in_as_many_queries_as_one_and_each_as_if_it_were_alone(app, queries):
    original = factories.person()
    original_id = original.id
    for other in ({"name": "Ole Bol"}, {"mobile": None}, {"birth_date": None, "email": None}):
        factories.registered_again(db.session.get(Customer, original_id), **other)
    found = matching.check(original_id)
    assert len(found) == 3
    alone = [matching.reasons([one])[0] for one in found]
    assert matching.reasons(found) == alone
    assert matching.check_with_reasons(original_id) == list(zip(found, alone, strict=True))
    for pairs in (found, found[:1], []):
        with queries(app) as asked:
            matching.reasons(pairs)
        assert len(asked) <= 2


def test_who_is_gone_is_still_told_of_without_how_frequent_their_values_are(sqlite_app):
    one = factories.customer(name="Sofie Ravn", mobile="+4520123456").id
    other = factories.customer(name="Sophie Ravn", mobile="+4520123456").id
    (found,) = matching.check(one)
    (before,) = matching.reasons([found])
    with transaction():
        customers.delete(other)
    (after,) = matching.reasons([found])
    assert {str(reason.text) for reason in after} == {str(reason.text) for reason in before}


def test_thresholds_are_in_order(sqlite_app):
    limits = matching.thresholds()
    assert limits.sure > limits.probable > limits.floor
