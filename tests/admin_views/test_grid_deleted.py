"""The list of deleted records: nothing there is changed, and nothing leads to a page that is not there."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.models.jobs import JobRun
from gecko.operations import customers
from tests import factories


@pytest.fixture
def office(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    return factories.signed_in(sqlite_app, factories.user("office", language="en"))


def test_deleted_customers_are_listed_without_a_link_and_without_bulk(office):
    gone = factories.customer(name="Gone Gert").id
    with transaction():
        customers.delete(gone)
    shown = office.get("/customers/?deleted=1").text
    assert '<th scope="row">Gone Gert</th>' in shown
    assert 'action="/customers/restore/"' in shown
    assert 'name="ids"' not in shown
    assert 'id="bulk"' not in shown


def test_everything_that_matches_never_means_deleted_records(office):
    gone = factories.customer(name="Gone Gert", language="da").id
    with transaction():
        customers.delete(gone)
    for action in ("delete", "set:language"):
        data = {"all": "1", "query": "deleted=1", "action": action, "language": "en", "confirmed": "1"}
        answer = office.post("/customers/bulk", data=data, follow_redirects=True)
        assert "No row is selected." in answer.text
        assert "record is" not in answer.text
    assert db.session.scalar(select(Customer.language).where(Customer.id == gone)) == "da"
    assert db.session.scalar(select(func.count()).select_from(JobRun)) == 0


def test_a_row_that_vanished_is_not_counted_as_done(office, sqlite_app, monkeypatch):
    from admin_views.customers import CustomersView

    row_id = factories.customer(name="Bo").id
    monkeypatch.setattr(CustomersView, "get_one", lambda *_args, **_more: None)
    data = {"ids": row_id, "action": "delete", "confirmed": "1"}
    shown = office.post("/customers/bulk", data=data, follow_redirects=True).text
    assert "1 × The record was not found." in shown
    assert "is deleted" not in shown
