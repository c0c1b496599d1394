"""Markings on customers: value, who and when."""

import pytest

from gecko import actor
from gecko.db import transaction
from gecko.errors import Invalid
from gecko.operations import markings
from tests import factories


def marking(**values):
    with transaction():
        return markings.create({"name": "VIP", "icon": "star", "colour": "green", **values}).id


def test_putting_on_and_taking_off(app):
    customer_id, marking_id, user_id = factories.customer().id, marking(), factories.user().id
    with transaction() as _, actor.acting_as(actor.Actor(user_id=user_id, name="Bo")):
        markings.put_on(customer_id, marking_id, value=" gold ")
    (row,) = markings.of_customers([customer_id])[customer_id]
    assert (row.marking.name, row.value, row.set_by_id) == ("VIP", "gold", user_id)
    with transaction():
        markings.put_on(customer_id, marking_id, value="silver")
    assert markings.of_customers([customer_id])[customer_id][0].value == "silver"
    with pytest.raises(Invalid), transaction():
        markings.delete(marking_id)
    with transaction():
        markings.take_off(customer_id, marking_id)
        markings.take_off(customer_id, marking_id)
    assert markings.of_customers([customer_id]) == {}


def test_an_inactive_marking_is_not_put_on_anybody_new(sqlite_app):
    customer_id, marking_id = factories.customer().id, marking(is_active=False)
    with pytest.raises(Invalid), transaction():
        markings.put_on(customer_id, marking_id, value=None)


@pytest.mark.parametrize("values", [{"colour": "javascript"}, {"icon": "nothing"}, {"name": ""}])
def test_only_known_colours_and_icons(sqlite_app, values):
    with pytest.raises(Invalid):
        marking(**values)
