"""Customers counted by the beginning of their names: exact after every change, and nobody waits for another's name."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import func, select, text

from gecko import counting
from gecko.clock import now
from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.models.name_counts import CustomerNameCount
from gecko.operations import name_counts
from tests import factories

NAMES = ("Bo", "Bo Hansen", "Bodil", "Bodil Holm", "Åse", "Åse Ørn", "Ida", "Jens Jensen", "Jens Jensen Holm")


@pytest.fixture
def crowd(app) -> list[int]:
    draw = random.Random(3)
    return [factories.customer(name=draw.choice(NAMES)).id for _number in range(60)]


def test_every_change_is_counted(app, crowd):
    assert name_counts.deviations() == []
    with transaction() as session:
        session.get(Customer, crowd[0]).name = "Zenia Zoffmann"
        session.get(Customer, crowd[1]).city = "Vejle"
        session.delete(session.get(Customer, crowd[2]))
        session.get(Customer, crowd[3]).deleted_at = now()
    assert name_counts.deviations() == []
    with transaction() as session:
        session.get(Customer, crowd[3]).deleted_at = None
    assert name_counts.deviations() == []
    assert db.session.scalar(select(func.sum(CustomerNameCount.customers))) == 59


def test_a_change_that_is_taken_back_was_never_counted(app, crowd):
    with transaction() as session:
        attempt = session.begin_nested()
        session.get(Customer, crowd[0]).name = "Zenia Zoffmann"
        session.flush()
        attempt.rollback()
    assert name_counts.deviations() == []


def test_a_wrong_number_is_noticed_and_counting_anew_mends_it(app, crowd):
    with transaction() as session:
        session.execute(text("UPDATE customer_name_count SET customers = customers + 1 WHERE prefix = 'ida'"))
    assert name_counts.deviations() == ["ida"]
    with transaction() as session:
        counting.recount(session.connection())
    assert name_counts.deviations() == []


def test_parts_are_added_up_and_empty_ones_go(app, crowd):
    with transaction() as session:
        for row in session.scalars(select(Customer).where(Customer.name == "Ida")):
            session.delete(row)
    with transaction():
        name_counts.add_up()
    kept = db.session.execute(select(CustomerNameCount.prefix, CustomerNameCount.part)).all()
    assert (
        len(kept)
        == len({prefix for prefix, _part in kept})
        == db.session.scalar(select(func.count(func.distinct(func.substr(Customer.name_sort, 1, 5)))))
    )
    assert {part for _prefix, part in kept} == {0}
    assert name_counts.deviations() == []


@pytest.mark.parametrize("descending", [False, True])
def test_the_nth_customer_by_name_stands_where_walking_finds_it(app, crowd, descending):
    order = [Customer.name_sort.desc(), Customer.id.desc()] if descending else [Customer.name_sort, Customer.id]
    walked = db.session.scalars(select(Customer.id).order_by(*order)).all()
    for offset in range(62):
        names, rest = name_counts.place(offset, descending=descending)
        jumped = db.session.scalars(select(Customer.id).where(names).order_by(*order).limit(5).offset(rest)).all()
        assert jumped == walked[offset : offset + 5], offset


def test_without_counts_the_walk_begins_at_the_end(app, crowd):
    with transaction() as session:
        session.execute(text("DELETE FROM customer_name_count"))
    names, rest = name_counts.place(7, descending=False)
    statement = select(Customer.id).order_by(Customer.name_sort, Customer.id)
    assert db.session.scalars(statement.where(names).limit(5).offset(rest)).all() == (
        db.session.scalars(statement.limit(5).offset(7)).all()
    )
