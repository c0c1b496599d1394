"""Forged forms are refused everywhere, and looking changes nothing."""

from dataclasses import replace

import pytest

from gecko.db import db
from gecko.gateway_settings import GatewaySettings
from gecko.models.sessions import StaffSession
from gecko.operations import sessions
from tests import factories, pages
from tests.matrix import table, walk, world


@pytest.fixture
def ids(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = True
    return world.build()


def token_of(client):
    return pages.csrf_token(client.get("/account/").get_data(as_text=True))


def writing(app):
    return [
        (rule, method) for rule in walk.rules(app) for method in walk.methods(rule) if method not in {"GET", "HEAD"}
    ]


def forms(app):
    return [(rule, method) for rule, method in writing(app) if rule.endpoint not in table.WEBHOOKS]


def test_every_form_without_the_right_token_is_refused(sqlite_app, ids):
    client, other = (factories.signed_in(sqlite_app, factories.user("super")) for _ in range(2))
    foreign, own = token_of(other), token_of(client)
    before, wrong = walk.digest(), []
    assert len(writing(sqlite_app)) > 15
    for rule, method in forms(sqlite_app):
        path = world.address(rule, ids)
        for forged in ({}, {"csrf_token": ""}, {"csrf_token": "x" * 90}, {"csrf_token": foreign}):
            response = client.open(path, method=method, data=forged)
            if response.status_code != 400:
                wrong.append((method, path, forged, response.status_code))
    assert not wrong, wrong
    assert walk.digest() == before
    assert client.post("/preferences", data={"csrf_token": own, "theme": "dark"}).status_code == 303


def test_a_token_of_one_session_is_no_good_in_the_next_of_the_same_browser(sqlite_app):
    who = factories.user("super")
    client = factories.signed_in(sqlite_app, who)
    old = token_of(client)
    with sqlite_app.app_context():
        fresh = factories.signed_in(sqlite_app, who)
    token = fresh.get_cookie("gecko").value
    client.set_cookie("gecko", token)  # the form cookie of the former session is still there
    assert client.post("/preferences", data={"csrf_token": old, "theme": "dark"}).status_code == 400


def test_looking_changes_nothing(sqlite_app, ids):
    client = factories.signed_in(sqlite_app, factories.user("super"))
    db.session.rollback()
    before = walk.digest()
    for rule in walk.rules(sqlite_app):
        if "GET" in walk.methods(rule):
            client.get(world.address(rule, ids)).close()
            client.head(world.address(rule, ids)).close()
    after = walk.digest()
    made_when_first_asked_for = {"document_file"}  # from what was issued, and never again
    assert {name for name in after if after[name] != before[name]} == made_when_first_asked_for


def test_the_session_table_gives_nobody_a_cookie(sqlite_app):
    """Whoever reads the database cannot sign in with what stands there."""
    factories.signed_in(sqlite_app, factories.user("super"))
    stolen = db.session.query(StaffSession).one()
    for value in (stolen.token_hash, str(stolen.id)):
        assert sessions.find(value) is None
        thief = sqlite_app.test_client()
        thief.set_cookie("gecko", value)
        assert thief.get("/account/").status_code == 303


def test_public_addresses_take_no_forged_forms_either(sqlite_app, ids):
    client = sqlite_app.test_client()
    for rule, method in forms(sqlite_app):
        if rule.endpoint in table.PUBLIC:
            assert client.open(world.address(rule, ids), method=method, data={}).status_code == 400


def test_webhooks_refuse_what_is_not_signed_whoever_is_signed_in(sqlite_app, ids):
    ways = GatewaySettings(webhook_secret="aftalt", bounce_secret="aftalt", bounce_domain="bounces.klinik.dk")
    sqlite_app.config["GECKO"] = replace(sqlite_app.config["GECKO"], gateways=ways)
    client = factories.signed_in(sqlite_app, factories.user("super"))
    own = token_of(client)
    before = walk.digest()
    called = [(rule, method) for rule, method in writing(sqlite_app) if rule.endpoint in table.WEBHOOKS]
    assert {rule.endpoint for rule, _method in called} == table.WEBHOOKS
    for rule, method in called:
        for data in ({}, {"csrf_token": own}, b"{}", b"\xff"):
            assert client.open(world.address(rule, ids), method=method, data=data).status_code == 403
    assert walk.digest() == before
