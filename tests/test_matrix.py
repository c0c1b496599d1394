"""Every address as anonymous and as every role: what the table says, no more and no less."""

import pytest

from admin_views.login import PUBLIC_ENDPOINTS
from tests import factories
from tests.matrix import table, walk, world


@pytest.fixture
def ids(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    return world.build()


def is_sent_to_log_in(response):
    return response.status_code == 303 and response.location.startswith("/login")


def test_every_address_stands_in_the_table(sqlite_app):
    endpoints = {str(rule.endpoint) for rule in walk.rules(sqlite_app)} - table.PUBLIC
    assert {endpoint for endpoint in endpoints if table.expected(endpoint) is None} == set()


def test_the_table_names_nothing_that_is_gone(sqlite_app):
    endpoints = {str(rule.endpoint) for rule in walk.rules(sqlite_app)}
    assert set(table.PAGES) - endpoints == set()
    assert {name for name in table.GRIDS if f"{name}.index_view" not in endpoints} == set()


def test_the_public_addresses_are_the_reviewed_ones(sqlite_app):
    endpoints = {str(rule.endpoint) for rule in walk.rules(sqlite_app)}
    assert PUBLIC_ENDPOINTS & endpoints == table.PUBLIC


def test_what_views_declare_is_what_the_table_says(sqlite_app):
    wrong = {}
    for rule in walk.rules(sqlite_app):
        endpoint = str(rule.endpoint)
        said, declared = table.expected(endpoint), walk.declared(sqlite_app, endpoint)
        if said is None or declared is None:
            continue
        is_exact = endpoint.rpartition(".")[2] in table.Grid(table.EVERYBODY).cells()
        if (set(said) != set(declared)) if is_exact else not set(said) <= set(declared):
            wrong[endpoint] = f"the table says {said!r}, the view {declared!r}"
    assert wrong == {}


def test_anonymous_gets_nowhere(sqlite_app, ids):
    client, wrong = sqlite_app.test_client(), []
    for rule in walk.rules(sqlite_app):
        if rule.endpoint in table.PUBLIC:
            continue
        for method in walk.methods(rule):
            path = world.address(rule, ids)
            page = client.open(path, method=method)
            partial = client.open(path, method=method, headers={"HX-Request": "true"})
            script = client.open(path, method=method, headers={"Accept": "application/json"})
            if not (is_sent_to_log_in(page) and partial.status_code == 401 and script.status_code == 401):
                wrong.append((method, path, page.status_code, partial.status_code, script.status_code))
    assert wrong == []


@pytest.mark.parametrize("letter", table.ROLES)
def test_each_role_gets_what_the_table_says(sqlite_app, ids, letter):
    role, wrong = table.ROLES[letter], []
    who = factories.user(*([role] if role else []))
    client = factories.signed_in(sqlite_app, who)
    for rule in walk.rules(sqlite_app):
        allowed = table.expected(str(rule.endpoint))
        if rule.endpoint in {"logout", *table.PUBLIC} or allowed is None:
            continue
        for method in walk.methods(rule):
            path = world.address(rule, ids)
            response = client.open(path, method=method)
            if not _is_right(response, letter in allowed, method):
                wrong.append((method, path, response.status_code, "allowed" if letter in allowed else "refused"))
    assert wrong == []


def _is_right(response, is_allowed, method):
    if is_sent_to_log_in(response):
        return False
    if not is_allowed:
        return response.status_code in {403, 404}
    if method == "GET":
        return response.status_code in {200, 302, 303}
    return response.status_code not in {401, 403, 405} and response.status_code < 500
