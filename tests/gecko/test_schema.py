"""The migrations build exactly what the models describe."""

import pytest
from sqlalchemy import inspect, select, text

from gecko import schema
from gecko.db import db, transaction
from gecko.models.audit import AuditEntry
from gecko.models.customers import Customer
from gecko.models.people import Role, RolePermission
from gecko.operations import checking, seeding
from gecko.permissions import SEED_ROLES
from tests import factories


def test_upgrade_equals_models(app):
    assert schema.differences() == []
    assert schema.is_current()


def test_the_way_back_leaves_nothing_and_the_way_forth_starts_afresh(app):
    factories.customer(name="Åse Forsvunden")
    db.session.remove()
    schema.downgrade("base")
    assert not schema.is_current()
    with db.engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
        if connection.dialect.name == "postgresql":
            assert connection.scalar(text("SELECT count(*) FROM pg_proc WHERE proname LIKE 'gecko%'")) == 0
        else:
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1
    schema.upgrade()
    with transaction():
        seeding.seed()
    factories.customer(name="Bo")
    assert [check.name for check in checking.run() if not check.is_ok] == []


@pytest.mark.parametrize(("noun", "before", "count"), [("booking.", "0005", 3 + 3 + 2 + 1 + 1),
                                                       ("message.", "0008", 4 + 4 + 1 + 1 + 2)])  # fmt: skip
def test_the_roles_of_an_installation_that_stands_get_new_rights(app, noun, before, count):
    held = select(Role.key, RolePermission.permission).join(RolePermission, RolePermission.role_id == Role.id)
    held = held.where(RolePermission.permission.startswith(noun))
    db.session.remove()
    schema.downgrade(before)
    assert db.session.execute(held).all() == []
    db.session.remove()
    schema.upgrade()
    wanted = {
        (key, str(right)) for key, (_name, rights) in SEED_ROLES.items() for right in rights
        if right.startswith(noun)
    }  # fmt: skip
    assert {tuple(row) for row in db.session.execute(held)} == wanted
    assert len(wanted) == count


def test_danish_sort_and_search_keys_come_from_the_database(app):
    for name in ("Zoe", "Åse", "Aase", "Ørn", "Ægir", "Anna"):
        factories.customer(name=name)
    names = db.session.scalars(select(Customer.name).order_by(Customer.name_sort, Customer.id)).all()
    assert names == ["Anna", "Zoe", "Ægir", "Ørn", "Åse", "Aase"]


def test_a_change_is_logged_with_old_and_new(app):
    customer_id = factories.customer(name="Åse").id
    db.session.rollback()
    with db.engine.connect() as connection:
        connection.execution_options(gecko_writing=True)
        with connection.begin():
            connection.execute(
                text("UPDATE customer SET name = 'Bo', password_hash = 'x' WHERE id = :id"), {"id": customer_id}
            )
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "update", AuditEntry.entity == "customer")
    ).one()
    assert entry.changes == {"name": ["Åse", "Bo"], "password_hash": [None, "***"]}
    assert entry.customer_id == customer_id
    assert entry.name is None  # from outside the product
