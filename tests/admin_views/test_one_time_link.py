"""One-time links: the first administrator and new passwords; each works once."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from gecko import clock
from gecko.db import db, transaction
from gecko.models.audit import AuditEntry
from gecko.models.people import StaffUser
from gecko.models.sessions import OneTimeLink
from gecko.operations import one_time_links, sessions
from tests import factories

GOOD = "tre grønne cykler"


def post(client, path, **values):
    page = client.get(path).get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    return client.post(path, data={"csrf_token": found[1] if found else "", **values})


def link_for(user):
    with transaction():
        return one_time_links.password_link(user.id)


def first_link():
    with transaction():
        return one_time_links.first_administrator_link()


def test_the_first_administrator_makes_the_account_and_is_signed_in(app):
    path = first_link()
    assert path.startswith("/link/")
    client = app.test_client()
    opened = client.get(path)
    assert opened.headers["Referrer-Policy"] == "no-referrer"
    assert opened.headers["Cache-Control"] == "no-store"
    response = post(client, path, username="Chef", name="Åse", password=GOOD, repeat=GOOD)
    assert (response.status_code, response.location) == (303, "/")
    who = db.session.scalars(select(StaffUser)).one()
    assert (who.username, who.name) == ("chef", "Åse")
    assert sessions.principal(who.id).is_super
    assert client.get("/nothing").status_code == 404
    assert client.get(path).status_code == 410
    assert first_link() is None


def test_a_first_link_is_dead_once_there_is_an_administrator(sqlite_app):
    path = first_link()
    factories.user_with_password("super")
    assert sqlite_app.test_client().get(path).status_code == 410
    assert first_link() is None


def test_a_newer_first_link_replaces_the_older(sqlite_app):
    older, newer = first_link(), first_link()
    client = sqlite_app.test_client()
    assert client.get(older).status_code == 410
    assert client.get(newer).status_code == 200


def test_a_password_link_sets_the_password_once_and_ends_other_sessions(app):
    who = factories.user("office", username="bo")
    elsewhere = factories.signed_in(app, who)
    path = link_for(who)
    assert post(app.test_client(), path, password=GOOD, repeat=GOOD).status_code == 303
    assert elsewhere.get("/nothing").status_code == 303
    assert app.test_client().get(path).status_code == 410
    assert post(app.test_client(), path, password=GOOD, repeat=GOOD).status_code in {400, 410}
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "password.change"))
    assert entry.entity_id == str(who.id)
    stored = db.session.scalars(select(OneTimeLink.token_hash)).all()
    assert path.rsplit("/", 1)[1] not in stored


def test_two_uses_of_one_link_at_the_same_time_give_one_success(sqlite_app):
    who = factories.user("office")
    token = link_for(who).rsplit("/", 1)[1]
    with transaction():
        one_time_links.set_password(token, "one")
    with pytest.raises(one_time_links.LinkSpent), transaction():
        one_time_links.set_password(token, "two")
    assert db.session.scalar(select(StaffUser.password_hash).where(StaffUser.id == who.id)) == "one"


@pytest.mark.parametrize("reason", ["old", "disabled", "deleted", "made up"])
def test_a_link_that_must_not_work_says_so_and_nothing_more(sqlite_app, reason):
    who = factories.user("office")
    path = link_for(who)
    if reason == "made up":
        path = "/link/" + "x" * 43
    changes = {"disabled": {"is_active": False}, "deleted": {"deleted_at": clock.now()}}.get(reason)
    if changes:
        with transaction() as session:
            session.execute(update(StaffUser).where(StaffUser.id == who.id).values(**changes))
    late = timedelta(days=4) if reason == "old" else timedelta(0)
    with time_machine.travel(clock.now() + late):
        response = sqlite_app.test_client().get(path)
    assert response.status_code == 410
    assert who.username not in response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("password", "repeat", "says"),
    [
        ("kort", "kort", "mindst 8 tegn"),
        ("sommer2026", "sommer2026", "en af de første"),
        ("aaaaaaaaaaaa", "aaaaaaaaaaaa", "en af de første"),
        ("birgitte.holm1", "birgitte.holm1", "lavet af dit navn"),
        (GOOD, GOOD + "x", "De to adgangskoder er forskellige."),
        ("x" * 300, "x" * 300, "højst have 256 tegn"),
    ],
)
def test_weak_passwords_are_refused_with_a_reason(sqlite_app, password, repeat, says):
    who = factories.user("office", username="birgitte.holm", name="Birgitte Holm")
    path = link_for(who)
    response = post(sqlite_app.test_client(), path, password=password, repeat=repeat)
    assert response.status_code == 200
    assert says in response.get_data(as_text=True)
    assert sqlite_app.test_client().get(path).status_code == 200, "a refused form must not use the link up"


def test_a_long_sentence_without_signs_is_a_good_password(sqlite_app):
    who = factories.user("office")
    long = "en meget lang sætning uden tal eller store bogstaver " * 3
    assert post(sqlite_app.test_client(), link_for(who), password=long, repeat=long).status_code == 303
