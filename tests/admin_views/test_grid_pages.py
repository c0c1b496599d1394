"""The pages of a grid: list, create, details, edit, delete, restore."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from admin_views.base import GridView, PageView
from gecko.db import db
from gecko.models.customers import Customer
from tests import factories
from tests.admin_views import grids


@pytest.fixture(scope="module")
def addition():
    return grids.register


@pytest.fixture
def people(sqlite_app):
    return factories_client(sqlite_app)


def factories_client(app, role="office"):
    app.config["WTF_CSRF_ENABLED"] = False
    return factories.signed_in(app, factories.user(role))


def test_a_view_without_a_declared_right_stops_the_start(sqlite_app):
    class Open(GridView):
        model = Customer
        slug = "open"

    class Loose(PageView):
        slug = "loose"

    with pytest.raises(RuntimeError, match="Open declares no permission"):
        grids.register(sqlite_app, Open())


def test_list_details_edit(people):
    row = factories.customer(name="Åse Ørn", number="77")
    text = people.get("/people/").text
    assert "Åse Ørn" in text
    assert people.get(f"/people/details/?id={row.id}").status_code == 200
    form = people.get(f"/people/edit/?id={row.id}")
    assert form.status_code == 200
    answer = people.post(
        f"/people/edit/?id={row.id}",
        data={"row_version": "1", "name": "Åse Bo", "number": "77", "group_id": str(row.group_id)},
    )
    assert answer.status_code == 303
    db.session.rollback()
    assert db.session.get(Customer, row.id).name == "Åse Bo"


def test_create_and_delete_and_undo(people):
    group = factories.primary_group().id
    answer = people.post("/people/new/", data={"name": "Bo", "group_id": str(group)})
    assert answer.status_code == 303, answer.text
    db.session.rollback()
    row = db.session.scalars(select(Customer).where(Customer.name == "Bo")).one()
    assert people.get(f"/people/delete/?id={row.id}").status_code == 200
    assert people.post("/people/delete/", data={"id": row.id, "row_version": "1"}).status_code == 303
    text = people.get("/people/").text
    assert "Undo" in text or "Fortryd" in text
    assert people.get(f"/people/edit/?id={row.id}").status_code == 404
    assert people.post("/people/restore/", data={"id": row.id}).status_code == 303
    assert people.get(f"/people/edit/?id={row.id}").status_code == 200
