"""Custom fields: types, groups, demands and versions."""

from datetime import date

import pytest
from flask_babel import force_locale

from gecko.db import db, transaction
from gecko.errors import Conflict, Invalid, NotAllowed
from gecko.models.customers import Customer
from gecko.operations import customer_field_values, customer_fields, customers
from tests import factories


def field(**values):
    with transaction():
        return customer_fields.create({"name": "Field", "type": "line", **values}).id


def answer(customer_id, answers):
    with transaction():
        version = db.session.get(Customer, customer_id).row_version
        customers.update(customer_id, {}, row_version=version, custom=answers)
    return customer_field_values.stored([customer_id]).get(customer_id, {})


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("line", " a  b ", "a b"),
        ("text", "a\r\nb", "a\nb"),
        ("number", "1.234,50", "1234.50"),
        ("date", "24-12-2025", "2025-12-24"),
        ("date", date(2025, 12, 24), "2025-12-24"),
        ("yes_no", "1", "1"),
        ("yes_no", "0", "0"),
        ("choice", "Blå", "Blå"),
    ],
)
def test_each_type_keeps_its_answer(app, kind, typed, kept):
    field_id = field(type=kind, choices="Blå\nRød")
    with force_locale("da"):
        assert answer(factories.customer().id, {field_id: typed}) == {field_id: kept}


@pytest.mark.parametrize(
    ("kind", "typed"), [("number", "1.2.3"), ("date", "31-02-2025"), ("choice", "Grøn"), ("yes_no", "2")]
)
def test_a_wrong_answer_is_refused_at_its_field(sqlite_app, kind, typed):
    field_id = field(type=kind, choices="Blå")
    with pytest.raises(Invalid) as caught, force_locale("da"):
        answer(factories.customer().id, {field_id: typed})
    assert caught.value.field == f"custom_{field_id}"


def test_the_type_is_settled_for_good(sqlite_app):
    field_id = field()
    with pytest.raises(Invalid) as caught, transaction():
        customer_fields.change(field_id, {"type": "number"})
    assert caught.value.field == "type"


def test_a_required_field_says_its_own_alert_text(sqlite_app):
    field(is_required=True, alert_text="Skriv bilens nummer")
    with pytest.raises(Invalid, match="Skriv bilens nummer"), transaction():
        customers.create({"name": "Bo"}, custom={})
    with transaction():
        customers.create({"name": "Imported"})  # an import leaves the fields' demands aside


def test_a_field_of_other_groups_cannot_be_answered(sqlite_app):
    other = factories.group().id
    field_id = field(all_groups=False, group_ids=[other])
    with pytest.raises(NotAllowed):
        answer(factories.customer().id, {field_id: "x"})
    assert answer(factories.customer(group_id=other).id, {field_id: "x"}) == {field_id: "x"}


def test_two_people_answering_custom_fields_never_overwrite_each_other(app):
    field_id, customer_id = field(), factories.customer().id
    with transaction():
        customers.update(customer_id, {}, row_version=1, custom={field_id: "first"})
    with pytest.raises(Conflict), transaction():
        customers.update(customer_id, {}, row_version=1, custom={field_id: "second"})
    assert customer_field_values.stored([customer_id]) == {customer_id: {field_id: "first"}}


def test_a_deleted_field_leaves_the_forms_and_keeps_its_answers(sqlite_app):
    field_id, customer_id = field(), factories.customer().id
    answer(customer_id, {field_id: "x"})
    with transaction():
        customer_fields.delete(field_id)
    assert customer_field_values.fields_of_group(factories.primary_group().id) == []
    with transaction():
        customer_fields.restore(field_id)
    assert answer(customer_id, {}) == {field_id: "x"}
