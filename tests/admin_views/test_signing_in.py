"""Logging in: the right password opens a fresh session, everything else gets the same answer."""

import re
from datetime import timedelta

import pytest
import time_machine
from argon2 import PasswordHasher
from psycopg.pq import TransactionStatus
from sqlalchemy import select

from admin_views import login
from admin_views.login import local_target
from gecko import clock
from gecko.db import db, transaction
from gecko.models.audit import AuditEntry
from gecko.models.people import StaffUser
from gecko.models.sessions import LoginThrottle, StaffSession
from gecko.operations import sessions, settings
from tests import factories


def log_in(client, username, password=factories.PASSWORD, **more):
    page = client.get("/login").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    return client.post("/login", data={"username": username, "password": password, "csrf_token": token, **more})


def cookie(response, name="gecko"):
    return next((line for line in response.headers.getlist("Set-Cookie") if line.startswith(name + "=")), None)


def test_a_right_password_opens_a_session_kept_only_as_a_hash(app):
    who = factories.user_with_password("office", username="åse")
    client = app.test_client()
    response = log_in(client, " Åse ", next="/customers/?q=1")
    assert (response.status_code, response.location) == (303, "/customers/?q=1")
    line = cookie(response)
    assert "HttpOnly" in line
    assert "SameSite=Lax" in line
    assert "Path=/" in line
    token = line.split("=", 1)[1].split(";")[0]
    stored = db.session.scalars(select(StaffSession)).one()
    assert (stored.user_id, stored.token_hash) == (who.id, sessions.token_hash(token))
    assert token not in stored.token_hash
    assert db.session.scalar(select(AuditEntry).where(AuditEntry.action == "session.start")).user_id is None


def test_served_over_https_the_cookie_is_secure_and_bound_to_the_host(sqlite_app):
    from dataclasses import replace

    sqlite_app.config["GECKO"] = replace(sqlite_app.config["GECKO"], secure=True)
    factories.user_with_password(username="bo")
    line = cookie(log_in(sqlite_app.test_client(), "bo"), "__Host-gecko")
    assert "Secure" in line
    assert "Domain" not in line


@pytest.mark.parametrize(
    ("username", "password"), [("bo", "wrong one"), ("nobody", "x"), ("gone", None), ("off", None)]
)
def test_every_refusal_reads_the_same(sqlite_app, username, password):
    factories.user_with_password(username="bo")
    factories.user_with_password(username="gone", deleted_at=clock.now())
    factories.user_with_password(username="off", is_active=False)
    response = log_in(sqlite_app.test_client(), username, password or factories.PASSWORD)
    assert response.status_code == 401
    assert cookie(response) is None
    assert "Brugernavnet eller adgangskoden er forkert." in response.get_data(as_text=True)
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "login.failed"))
    assert entry.changes == ({"username": "bo"} if username == "bo" else {"known": False})


def test_logging_in_ends_the_former_session_and_its_forms(sqlite_app):
    factories.user_with_password(username="bo")
    client = sqlite_app.test_client()
    first = cookie(log_in(client, "bo")).split("=", 1)[1].split(";")[0]
    assert sessions.find(first)
    client.set_cookie("gecko", first)
    # The browser still has the first session; somebody logs in from a page opened before that.
    with sqlite_app.app_context():
        other = sqlite_app.test_client()
    page = other.get("/login").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    log_in(other, "bo")
    again = other.post("/logout", data={"csrf_token": token})
    assert again.status_code == 400, "a form from before the log-in must not be accepted after it"


def test_logging_out_kills_the_cookie_on_the_server(sqlite_app):
    factories.user_with_password(username="bo")
    client = sqlite_app.test_client()
    token = cookie(log_in(client, "bo")).split("=", 1)[1].split(";")[0]
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    assert client.post("/logout").status_code == 303
    thief = sqlite_app.test_client()
    thief.set_cookie("gecko", token)
    assert thief.get("/nothing").status_code == 303
    assert sessions.find(token) is None


def test_sessions_end_by_idleness_and_by_age(sqlite_app):
    who = factories.user("office")
    with time_machine.travel("2026-03-02 08:00+01:00", tick=False) as clock_hand:
        client = factories.signed_in(sqlite_app, who)
        assert client.get("/nothing").status_code == 404
        for _ in range(28):
            clock_hand.shift(timedelta(minutes=25))
            assert client.get("/nothing").status_code == 404
        clock_hand.shift(timedelta(minutes=21))  # 12 h 1 min since log-in
        assert client.get("/nothing").status_code == 303
        client = factories.signed_in(sqlite_app, who)
        clock_hand.shift(timedelta(minutes=30))
        assert client.get("/nothing").status_code == 303


def test_the_time_outs_are_settings_that_take_effect_at_once(sqlite_app):
    client = factories.signed_in(sqlite_app, factories.user("office"))
    with transaction():
        settings.put("session.idle_minutes", 5)
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
        assert client.get("/nothing").status_code == 303


def test_a_disabled_user_is_out_at_the_next_request(app):
    who = factories.user("office")
    client = factories.signed_in(app, who)
    assert client.get("/nothing").status_code == 404
    with transaction() as session:
        session.get(StaffUser, who.id).is_active = False
    assert client.get("/nothing").status_code == 303


def test_guessing_gets_slower_and_never_ends_for_good(app):
    factories.user_with_password(username="bo")
    client = app.test_client()
    tries = 0
    with time_machine.travel("2026-03-02 08:00+01:00", tick=False) as clock_hand:
        for _ in range(240):  # an hour, every 15 seconds
            tries += log_in(client, "bo", "wrong").status_code == 401
            clock_hand.shift(timedelta(seconds=15))
        assert 5 < tries <= 20
        assert log_in(client, "bo").status_code == 429
        clock_hand.shift(timedelta(seconds=361))
        assert log_in(client, "bo").status_code == 303
    assert db.session.scalars(select(LoginThrottle.key).where(LoginThrottle.key.like("account:%"))).all() == []


def test_unknown_users_are_slowed_down_just_the_same(sqlite_app):
    client = sqlite_app.test_client()
    statuses = [log_in(client, "nobody", "wrong").status_code for _ in range(7)]
    assert statuses == [401] * 5 + [429] * 2


def test_a_strangers_guessing_does_not_keep_one_out_who_was_here_before(sqlite_app):
    factories.user_with_password(username="bo")
    home, stranger = sqlite_app.test_client(), sqlite_app.test_client()
    stranger.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    assert log_in(home, "bo").status_code == 303
    for _ in range(8):
        last = log_in(stranger, "bo", "wrong").status_code
    assert last == 429
    assert log_in(sqlite_app.test_client(), "bo").status_code == 303


def test_one_address_guessing_at_many_accounts_is_slowed_down(sqlite_app):
    client = sqlite_app.test_client()
    statuses = [log_in(client, f"user{n}", "wrong").status_code for n in range(32)]
    assert statuses == [401] * 30 + [429] * 2


def test_a_password_kept_with_older_parameters_is_hashed_anew(sqlite_app):
    old = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(factories.PASSWORD)
    who = factories.user(username="bo", password_hash=old)
    assert log_in(sqlite_app.test_client(), "bo").status_code == 303
    db.session.expire_all()
    assert db.session.get(StaffUser, who.id).password_hash != old
    assert log_in(sqlite_app.test_client(), "bo").status_code == 303


@pytest.mark.parametrize(
    "target",
    ["https://evil.dk/", "//evil.dk", "/\\evil.dk", "\\\\evil", "javascript:alert(1)", "/a\nb", "", None, "login",
     "/login?next=/", "http:///evil", "///evil.dk", "/" + "a" * 3000, "http://[", "/logout"],
)  # fmt: skip
def test_after_log_in_one_stays_on_this_site(sqlite_app, target):
    with sqlite_app.test_request_context():
        assert local_target(target) == "/"


def test_who_is_not_signed_in_is_sent_to_log_in_and_back(sqlite_app):
    client = sqlite_app.test_client()
    response = client.get("/customers/?q=æ&page=2")
    assert response.status_code == 303
    assert response.location.startswith("/login?next=/customers/?q%3D")
    assert client.post("/whatever").status_code == 303
    partial = client.get("/x", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/customers/?q=1"})
    assert partial.status_code == 401
    assert partial.headers["HX-Redirect"] == "/login?next=/customers/?q%3D1"
    script = client.get("/x", headers={"Accept": "application/json"})
    assert (script.status_code, script.json) == (401, {"error": "unauthorised"})


def test_a_form_begins_no_transaction_before_it_writes(postgres_app):
    """A form that only asks (who is like the one typed) costs PostgreSQL no BEGIN and ROLLBACK."""
    with postgres_app.test_request_context("/customers/new/matches", method="POST"):
        login.identify()
        connection = db.session.connection()
        connection.execute(select(1))
        assert connection.connection.driver_connection.info.transaction_status is TransactionStatus.IDLE
        with transaction() as session:
            writing = session.connection().connection.driver_connection
            assert writing.info.transaction_status is TransactionStatus.INTRANS
