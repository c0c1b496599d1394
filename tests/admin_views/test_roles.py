"""The matrix of rights, and access templates: the effect is shown before, and holds at the next request."""

import re

import pytest
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.models.people import AccessTemplate, Role, RolePermission, StaffUser
from gecko.operations import sessions
from gecko.permissions import SEED_ROLES, Permission
from tests import factories


def role(key):
    db.session.expire_all()
    return db.session.scalars(select(Role).where(Role.key == key)).one()


def matrix(**changes):
    """The matrix as the page would post it, with the rights of the roles in `changes` replaced."""
    rows = [one for one in db.session.scalars(select(Role)) if one.key != "super"]
    rights = {one.id: changes.get(one.key, {right.permission for right in one.permissions}) for one in rows}
    ticks = [f"{role_id}:{right}" for role_id, held in rights.items() for right in held]
    return {"right": ticks} | {f"version-{one.id}": str(one.row_version) for one in rows}


def rights(key):
    return {right.permission for right in role(key).permissions}


def test_the_effect_is_shown_with_numbers_before_anything_is_saved(app, client_as):
    boss, clerk = client_as("super"), factories.user("reviewer")
    template = AccessTemplate(name="Shop")
    template.roles = [role("reviewer")]
    factories.user(access_template=factories.save(template))
    factories.user("reviewer", is_active=False)
    wanted = matrix(reviewer={"customer.view", "debtor.view"})
    page = boss.post("/roles/", data=wanted)
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "Rammer 2 brugere" in text
    assert "Rette kunder" in text
    assert rights("reviewer") == set(SEED_ROLES["reviewer"][1])
    assert boss.post("/roles/", data=wanted | {"confirmed": "1"}).status_code == 303
    assert rights("reviewer") == {"customer.view", "debtor.view"}
    assert sessions.principal(clerk.id).permissions == {"customer.view", "debtor.view"}


def test_the_super_administrator_cannot_be_cut_down(sqlite_app, client_as_sqlite):
    boss = client_as_sqlite("super")
    wanted = matrix() | {f"version-{role('super').id}": "1", "confirmed": "1"}
    boss.post("/roles/", data=wanted)
    assert rights("super") == {str(right) for right in Permission}


def test_a_matrix_filled_in_over_anothers_change_is_refused(app, client_as):
    boss = client_as("super")
    stale = matrix(reviewer=set())
    boss.post("/roles/", data=matrix(reviewer={"customer.view"}) | {"confirmed": "1"})
    assert boss.post("/roles/", data=stale | {"confirmed": "1"}).status_code == 409
    assert rights("reviewer") == {"customer.view"}


def test_who_is_no_super_administrator_moves_only_own_rights(sqlite_app):
    personnel = Role(name="Personnel")
    personnel.permissions = [RolePermission(permission="user.manage"), RolePermission(permission="customer.view")]
    factories.save(personnel)
    who = factories.user()
    with transaction() as session:
        session.get(StaffUser, who.id).roles = [session.get(Role, personnel.id)]
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    client = factories.signed_in(sqlite_app, who)
    wanted = matrix(receptionist={"settings.edit"}) | {"confirmed": "1"}
    client.post("/roles/", data=wanted)
    before = {str(right) for right in SEED_ROLES["receptionist"][1]}
    assert rights("receptionist") == before - {"customer.view"}


def test_a_role_is_made_like_another_renamed_and_deleted(sqlite_app, client_as_sqlite):
    boss = client_as_sqlite("super")
    assert boss.post("/roles/new", data={"name": "Trainee", "like": role("reviewer").id}).status_code == 303
    made = db.session.scalars(select(Role).where(Role.name == "Trainee")).one()
    assert {right.permission for right in made.permissions} == rights("reviewer")
    assert boss.post("/roles/new", data={"name": "Trainee", "like": 0}).status_code == 200
    renamed = {"name": "Elev", "like": "0", "row_version": made.row_version}
    assert boss.post(f"/roles/edit?id={made.id}", data=renamed).status_code == 303
    boss.post("/roles/delete", data={"id": role("office").id})
    assert role("office")
    boss.post("/roles/delete", data={"id": made.id})
    assert db.session.scalar(select(Role.id).where(Role.name == "Elev")) is None


@pytest.fixture
def template(sqlite_app):
    row = AccessTemplate(name="Shop")
    row.roles = [role("reviewer")]
    return factories.save(row)


def test_a_template_says_whom_it_reaches_then_reaches_them(sqlite_app, client_as_sqlite, template):
    boss = client_as_sqlite("super")
    clerk = factories.user(access_template_id=template.id)
    group = factories.group()
    wanted = {"name": "Shop", "roles": [role("receptionist").id], "is_limited": "1", "groups": [group.id]}
    wanted["row_version"] = template.row_version
    text = boss.post(f"/access-templates/edit?id={template.id}", data=wanted).get_data(as_text=True)
    assert "Rammer 1 bruger" in text
    assert "customer.create" not in sessions.principal(clerk.id).permissions
    done = boss.post(f"/access-templates/edit?id={template.id}", data=wanted | {"confirmed": "1"})
    assert done.status_code == 303
    after = sessions.principal(clerk.id)
    assert "customer.create" in after.permissions
    assert after.groups == {group.id}
    boss.post("/access-templates/delete", data={"id": template.id})
    assert db.session.get(AccessTemplate, template.id) is not None
    again = boss.post(f"/access-templates/edit?id={template.id}", data=wanted | {"name": "Typed", "confirmed": "1"})
    assert again.status_code == 409
    shown = again.get_data(as_text=True)
    assert 'value="Typed"' in shown
    version = re.search(r'name="row_version"[^>]*value="(\d+)"', shown)[1]
    settled = wanted | {"name": "Typed", "row_version": version, "confirmed": "1"}
    assert boss.post(f"/access-templates/edit?id={template.id}", data=settled).location.endswith("/access-templates/")


def test_a_template_is_made_and_removed(sqlite_app, client_as_sqlite):
    boss = client_as_sqlite("super")
    assert boss.post("/access-templates/new", data={"name": "Web", "roles": [role("office").id]}).status_code == 303
    made = db.session.scalars(select(AccessTemplate).where(AccessTemplate.name == "Web")).one()
    assert boss.post("/access-templates/new", data={"name": "Web"}).status_code == 200
    assert boss.post("/access-templates/delete", data={"id": made.id}).status_code == 303
    assert db.session.scalar(select(AccessTemplate.id).where(AccessTemplate.name == "Web")) is None
