"""However many sign-ups there are: the run walks the index of coming dates, and the icon that of customers."""

from datetime import timedelta

from sqlalchemy import insert

from gecko.clock import today
from gecko.db import db, transaction
from gecko.models.recalls import Recall, RecallUnit
from gecko.operations.recalls import following, reading, running
from tests import factories
from tests.gecko.operations.recalls import office
from tests.plans import plan

MANY = 3_000
WITHOUT = ("seqscan", "sort", "bitmapscan")


def many():
    customer_id, template_id, service_id = factories.customer().id, office.template(), factories.service().id
    row = {"customer_id": customer_id, "template_id": template_id, "service_id": service_id, "every": 1}
    rows = [
        row | {"unit": RecallUnit.MONTH, "first_on": on, "next_on": on, "state": "active" if n % 3 else "ended"}
        for n in range(MANY)
        if (on := today() + timedelta(days=n % 700))
    ]
    with transaction() as session:
        session.execute(insert(Recall), rows)
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")


def test_what_is_due_is_found_by_its_date(app, statements):
    office.opened()
    many()
    with statements(app) as seen:
        assert len(running.due()) > 0
    [(statement, parameters)] = [one for one in seen if "recall.next_on <=" in one[0]]
    assert "ix_recall_next" in plan(statement, parameters, without=WITHOUT)


def test_the_icon_costs_one_query_by_customer(app, statements):
    office.opened()
    many()
    people = [factories.customer().id for _n in range(30)]
    with statements(app) as seen:
        assert reading.without_active(people) == set(people)
    asked = [one for one in seen if "FROM recall" in one[0]]
    assert len(asked) == 1
    assert "ix_recall_customer" in plan(*asked[0], without=WITHOUT)


def test_looking_after_messages_costs_one_query_by_what_waits(app, statements):
    office.opened()
    office.sign_up(factories.customer(email="a@example.dk").id)
    office.run()
    with statements(app) as seen:
        assert following.answered() == []
    [(statement, parameters)] = seen
    found = plan(statement, parameters, without=WITHOUT)
    assert "ix_recall_turn_state" in found or "uq_recall_turn_open" in found  # the open ones are as few
