"""Customer groups: one primary, no cascade."""

import pytest

from gecko.db import db, transaction
from gecko.errors import Invalid
from gecko.models.customer_groups import CustomerGroup
from gecko.operations import customer_groups
from tests import factories


def test_a_name_is_enough_and_unique(app):
    with transaction():
        group = customer_groups.create({"name": " Firma  A "})
        assert (group.name, group.is_active, group.is_primary) == ("Firma A", True, False)
    with pytest.raises(Invalid), transaction():
        customer_groups.create({"name": "firma a"})


def test_the_primary_group_is_neither_inactivated_nor_deleted(app):
    primary = factories.primary_group().id
    with pytest.raises(Invalid), transaction():
        customer_groups.change(primary, {"is_active": False})
    with pytest.raises(Invalid), transaction():
        customer_groups.delete(primary)


def test_another_group_becomes_primary(app):
    former, other = factories.primary_group().id, factories.group().id
    with transaction():
        customer_groups.make_primary(other)
    assert factories.primary_group().id == other
    assert not db.session.get(CustomerGroup, former).is_primary
    inactive = factories.group(is_active=False).id
    with pytest.raises(Invalid), transaction():
        customer_groups.make_primary(inactive)


def test_a_group_with_customers_is_not_deleted(app):
    group = factories.group().id
    customer = factories.customer(group_id=group)
    with pytest.raises(Invalid, match="inactive"), transaction():
        customer_groups.delete(group)
    assert db.session.get(type(customer), customer.id) is not None
    empty = factories.group().id
    with transaction():
        customer_groups.delete(empty)
    assert db.session.get(CustomerGroup, empty) is None


def test_a_group_that_a_calendar_or_a_service_is_for_stays(app):
    for make in (factories.calendar, factories.service):
        group_id = factories.group().id
        row = make(group_id=group_id)
        with pytest.raises(Invalid), transaction():
            customer_groups.delete(group_id)
        with transaction() as session:
            session.get_one(type(row), row.id).group_id = None
            customer_groups.delete(group_id)
