"""Managing users: nobody hands out more than they hold, and somebody always keeps every right."""

import re

import pytest
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.models.audit import AuditEntry
from gecko.models.people import AccessTemplate, Role, StaffUser
from gecko.models.sessions import StaffSession
from gecko.operations import sessions
from gecko.permissions import Permission
from tests import factories


def role_id(key):
    return db.session.scalar(select(Role.id).where(Role.key == key))


def form_of(user_id, **changes):
    db.session.expire_all()
    user = db.session.get(StaffUser, user_id)
    values = {
        "username": user.username, "name": user.name, "email": user.email or "", "language": user.language,
        "is_active": "1", "access_template": str(user.access_template_id or 0),
        "roles": [str(role.id) for role in user.roles], "groups": [str(group.id) for group in user.groups],
        "row_version": str(user.row_version),
    }  # fmt: skip
    return {name: value for name, value in (values | changes).items() if value is not None}


def fresh(user_id):
    db.session.expire_all()
    return db.session.get(StaffUser, user_id)


def test_a_new_user_gets_in_through_the_link_that_is_shown_once(app, client_as):
    client = client_as("super")
    wanted = {
        "username": "Ny.Kollega",
        "name": "Ny Kollega",
        "language": "da",
        "is_active": "1",
        "access_template": "0",
    }
    response = client.post("/users/new/", data=wanted | {"roles": [str(role_id("office"))]})
    assert response.status_code == 303, response.get_data(as_text=True)
    who = db.session.scalars(select(StaffUser).where(StaffUser.username == "ny.kollega")).one()
    assert who.password_hash is None
    assert [role.key for role in who.roles] == ["office"]
    page = client.post("/users/link", data={"id": who.id}).get_data(as_text=True)
    path = re.search(r'value="http://localhost(/link/[^"]+)"', page)[1]
    assert app.test_client().get(path).status_code == 200
    assert path not in client.get(f"/users/details/?id={who.id}").get_data(as_text=True)


def test_rights_taken_away_are_gone_at_the_next_request(app, client_as):
    who = factories.user("super")
    boss, client = client_as("super"), factories.signed_in(app, who)
    assert client.get("/users/").status_code == 200
    assert (
        boss.post(f"/users/edit/?id={who.id}", data=form_of(who.id, roles=[str(role_id("office"))])).status_code == 303
    )
    assert client.get("/users/").status_code == 403
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "role.change")).all()[-1]
    assert entry.changes["before"] == ["Super administrator"]
    assert entry.changes["after"] == ["Office manager"]


def test_deactivating_ends_the_sessions(sqlite_app, client_as_sqlite):
    who = factories.user("office")
    boss, client = client_as_sqlite("super"), factories.signed_in(sqlite_app, who)
    assert boss.post(f"/users/edit/?id={who.id}", data=form_of(who.id, is_active=None)).status_code == 303
    assert client.get("/account/").status_code == 303
    open_ones = select(StaffSession.id).where(StaffSession.user_id == who.id, StaffSession.ended_at.is_(None))
    assert db.session.scalars(open_ones).all() == []


@pytest.mark.parametrize("way", ["demote", "deactivate", "delete", "template"])
def test_the_last_super_administrator_stays(app, client_as, way):
    last = factories.user_with_password("super")
    boss = client_as("super")  # has no password, so cannot log in again once the session ends
    template = factories.save(AccessTemplate(name="Empty"))
    if way == "template":
        with transaction() as session:
            user = session.get(StaffUser, last.id)
            user.roles = []
            template = session.get(AccessTemplate, template.id)
            template.roles = list(session.scalars(select(Role).where(Role.key == "super")))
            user.access_template = template
        changes = {"name": "Empty", "row_version": str(db.session.get(AccessTemplate, template.id).row_version)}
        response = boss.post(f"/access-templates/edit?id={template.id}", data=changes | {"confirmed": "1"})
    elif way == "delete":
        version = str(fresh(last.id).row_version)
        response = boss.post(f"/users/delete/?id={last.id}", data={"id": last.id, "row_version": version})
    else:
        changes = {"roles": []} if way == "demote" else {"is_active": None}
        response = boss.post(f"/users/edit/?id={last.id}", data=form_of(last.id, **changes))
    after = fresh(last.id)
    assert after.is_active
    assert after.deleted_at is None
    assert sessions.principal(last.id).is_super, response.get_data(as_text=True)


def manager_of_users(app, **values):
    """One who may manage users but is no super administrator."""
    role = Role(name="Personnel")
    from gecko.models.people import RolePermission

    role.permissions = [
        RolePermission(permission=str(right)) for right in (Permission.USER_MANAGE, Permission.CUSTOMER_VIEW)
    ]
    factories.save(role)
    who = factories.user(**values)
    with transaction() as session:
        session.get(StaffUser, who.id).roles = [session.get(Role, role.id)]
    app.config["WTF_CSRF_ENABLED"] = False
    return who, factories.signed_in(app, who), role.id


def test_nobody_hands_out_rights_they_lack(sqlite_app):
    _who, client, own_role = manager_of_users(sqlite_app)
    clerk = factories.user()
    for key in ("super", "accountant"):
        refused = client.post(f"/users/edit/?id={clerk.id}", data=form_of(clerk.id, roles=[str(role_id(key))]))
        assert refused.status_code in {403, 422}
        assert fresh(clerk.id).roles == []
    assert client.post(f"/users/edit/?id={clerk.id}", data=form_of(clerk.id, roles=[str(own_role)])).status_code == 303
    assert len(fresh(clerk.id).roles) == 1


def test_nobody_takes_over_a_user_with_more_rights(sqlite_app):
    _who, client, _role = manager_of_users(sqlite_app)
    boss = factories.user_with_password("super")
    factories.user_with_password("super")
    assert client.post("/users/link", data={"id": boss.id}).status_code == 403
    assert client.post("/users/sessions/end", data={"user_id": boss.id, "all": "1"}).status_code == 403
    assert client.post(f"/users/edit/?id={boss.id}", data=form_of(boss.id, username="mine")).status_code in {403, 422}
    version = str(fresh(boss.id).row_version)
    assert client.post("/users/delete/", data={"id": boss.id, "row_version": version}).status_code == 403
    assert fresh(boss.id).username == boss.username
    assert fresh(boss.id).deleted_at is None


def test_a_limited_manager_gives_no_wider_view(sqlite_app):
    mine, other = factories.group(), factories.group()
    who, client, _role = manager_of_users(sqlite_app, is_limited=True)
    with transaction() as session:
        session.get(StaffUser, who.id).groups = [session.get(type(mine), mine.id)]
    clerk = factories.user(is_limited=True)
    for changes in ({"is_limited": None}, {"is_limited": "1", "groups": [str(other.id)]}):
        assert client.post(f"/users/edit/?id={clerk.id}", data=form_of(clerk.id, **changes)).status_code in {403, 422}
    given = form_of(clerk.id, is_limited="1", groups=[str(mine.id)])
    assert client.post(f"/users/edit/?id={clerk.id}", data=given).status_code == 303


def test_two_administrators_changing_only_roles_do_not_overwrite_each_other(app, client_as):
    boss, who = client_as("super"), factories.user()
    first, second = form_of(who.id, roles=[str(role_id("office"))]), form_of(who.id, roles=[str(role_id("reviewer"))])
    assert boss.post(f"/users/edit/?id={who.id}", data=first).status_code == 303
    assert boss.post(f"/users/edit/?id={who.id}", data=second).status_code == 409
    assert [role.key for role in fresh(who.id).roles] == ["office"]


def test_ending_one_session_of_a_user(sqlite_app, client_as_sqlite):
    who = factories.user("office")
    boss, one, other = client_as_sqlite("super"), *(factories.signed_in(sqlite_app, who) for _ in range(2))
    first = db.session.scalars(
        select(StaffSession.id).where(StaffSession.user_id == who.id).order_by(StaffSession.id)
    ).first()
    assert boss.post("/users/sessions/end", data={"user_id": who.id, "id": first}).status_code == 303
    assert one.get("/account/").status_code == 303
    assert other.get("/account/").status_code == 200
    assert boss.post("/users/sessions/end", data={"user_id": who.id, "all": "1"}).status_code == 303
    assert other.get("/account/").status_code == 303


@pytest.mark.parametrize("username", ["", "a", "to ord", "x" * 61, "a/b", "taken"])
def test_a_user_name_must_be_usable_and_free(sqlite_app, client_as_sqlite, username):
    factories.user(username="taken")
    client = client_as_sqlite("super")
    wanted = {"username": username, "name": "N", "language": "da", "is_active": "1", "access_template": "0"}
    assert client.post("/users/new/", data=wanted).status_code == 422
