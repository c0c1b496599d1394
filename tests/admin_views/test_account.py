"""My account: own taste, own password, own sessions."""

import pytest
from sqlalchemy import select

from gecko.db import db
from gecko.models.people import StaffUser
from gecko.models.sessions import StaffSession
from gecko.operations import passwords
from tests import factories

NEW = "fire røde paraplyer"


@pytest.fixture
def who(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    return factories.user_with_password("reviewer", username="bo")


def stored(who):
    db.session.expire_all()
    return db.session.get(StaffUser, who.id)


def test_name_language_and_theme_are_ones_own_to_choose(sqlite_app, who):
    client = factories.signed_in(sqlite_app, who)
    values = {"name": "Bodil", "language": "en", "theme": "dark", "row_version": str(stored(who).row_version)}
    assert client.post("/account/", data=values | {"username": "chef", "is_active": ""}).status_code == 303
    after = stored(who)
    assert (after.name, after.language, after.theme) == ("Bodil", "en", "dark")
    assert (after.username, after.is_active) == ("bo", True), "fields that are not on the form must not be taken"
    assert client.post("/account/", data=values | {"name": "Other"}).status_code == 409
    assert stored(who).name == "Bodil"


def test_the_password_is_changed_by_who_knows_it_and_logs_out_elsewhere(sqlite_app, who):
    here, elsewhere = (factories.signed_in(sqlite_app, who) for _ in range(2))
    wrong = here.post("/account/password", data={"present": "no", "password": NEW, "repeat": NEW})
    assert wrong.status_code == 200
    assert "Den nuværende adgangskode er forkert." in wrong.get_data(as_text=True)
    weak = here.post(
        "/account/password", data={"present": factories.PASSWORD, "password": "kodeord1", "repeat": "kodeord1"}
    )
    assert weak.status_code == 200
    assert passwords.verify(stored(who).password_hash, factories.PASSWORD)
    right = here.post("/account/password", data={"present": factories.PASSWORD, "password": NEW, "repeat": NEW})
    assert right.status_code == 303
    assert passwords.verify(stored(who).password_hash, NEW)
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 303


def test_guessing_the_present_password_is_slowed_down_too(sqlite_app, who):
    client = factories.signed_in(sqlite_app, who)
    texts = [
        client.post("/account/password", data={"present": "no", "password": NEW, "repeat": NEW}).get_data(as_text=True)
        for _ in range(6)
    ]
    assert "For mange forsøg" in texts[-1]
    assert "For mange forsøg" not in texts[0]


def test_one_ends_ones_own_sessions_and_nobody_elses(sqlite_app, who):
    here, there, third = (factories.signed_in(sqlite_app, who) for _ in range(3))
    stranger = factories.signed_in(sqlite_app, factories.user("super"))
    ids = db.session.scalars(select(StaffSession.id).order_by(StaffSession.id)).all()
    here.post("/account/sessions/end", data={"id": ids[1]})
    assert there.get("/account/").status_code == 303
    here.post("/account/sessions/end", data={"id": ids[3]})
    assert stranger.get("/account/").status_code == 200
    page = here.get("/account/").get_data(as_text=True)
    assert page.count('name="id"') == 1
    here.post("/account/sessions/end", data={"others": "1"})
    assert third.get("/account/").status_code == 303
    assert here.get("/account/").status_code == 200
