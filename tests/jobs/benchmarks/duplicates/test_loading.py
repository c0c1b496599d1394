"""A made-up base in the database."""

import pytest
from sqlalchemy import func, select, text

from gecko.db import db, transaction
from gecko.models.customers import Customer
from jobs.benchmarks.duplicates import loading
from jobs.benchmarks.duplicates.base import generate
from tests import factories


def test_records_become_customers_with_the_same_order(app):
    base = generate(150, seed=2)
    loading.load(base)
    with transaction() as session:
        found = session.scalars(select(Customer).order_by(Customer.id)).all()
        assert [customer.id for customer in found] == list(range(1, 151))
        for customer, record in zip(found, base.records, strict=True):
            assert (customer.name, customer.email, customer.birth_date) == (
                record.name,
                record.email,
                record.birth_date,
            )
        assert session.scalar(select(func.count(Customer.group_id.distinct()))) == loading.GROUPS


def test_triggers_are_there_again(app):
    loading.load(generate(20))
    with transaction() as session:
        session.execute(text("UPDATE customer SET name = 'Anders And' WHERE id = 1"))
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit_entry WHERE entity = 'customer'")) == 1


def test_a_base_with_customers_is_refused(sqlite_app):
    factories.customer()
    with pytest.raises(RuntimeError, match="not empty"):
        loading.load(generate(20))
