"""A failed address is marked wherever it stands, and only while it stands there."""

import pytest

from gecko.db import db, transaction
from gecko.errors import Invalid
from gecko.models.address_failures import Channel
from gecko.models.customers import Customer
from gecko.operations import address_failures, customers
from tests import factories


def failing(customer_id):
    customer = db.session.get(Customer, customer_id)
    return {address for _channel, address in address_failures.find(address_failures.of_customer(customer))}


def test_the_mark_belongs_to_the_address(app):
    first = factories.customer(email="a@b.dk", mobile="+4520123456").id
    second = factories.customer(email="a@b.dk").id
    with transaction():
        address_failures.mark_for(first, Channel.EMAIL, reason="No such box", address="a@b.dk", principal=None)
    assert failing(first) == failing(second) == {"a@b.dk"}
    with transaction():
        customers.update(first, {"email": "c@d.dk"}, row_version=1)
    assert failing(first) == set()
    assert failing(second) == {"a@b.dk"}
    with transaction():
        address_failures.clear_for(second, Channel.EMAIL, address="a@b.dk", principal=None)
    assert failing(second) == set()


def test_marking_an_address_the_customer_no_longer_has_is_refused(sqlite_app):
    customer_id = factories.customer(email="a@b.dk").id
    with pytest.raises(Invalid), transaction():
        address_failures.mark_for(customer_id, Channel.EMAIL, reason="x", address="old@b.dk", principal=None)
