"""Every address as anonymous and as every role: what the table says, no more and no less."""

import pytest

from admin_views.customer_profile import registry
from admin_views.login import PUBLIC_ENDPOINTS
from gecko.db import transaction
from gecko.modules import Feature, Gate, Module
from gecko.operations import settings
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
    assert not wrong, wrong


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
            data = {"action": "delete"} if rule.endpoint.endswith(".bulk_view") else None
            response = client.open(path, method=method, data=data)
            response.close()
            has_row = rule.endpoint not in table.WITHOUT_ROW and not rule.endpoint.endswith(".inline_view")
            if not _is_right(response, letter in allowed, method, has_row):
                wrong.append((method, path, response.status_code, "allowed" if letter in allowed else "refused"))
    assert not wrong, wrong


@pytest.mark.parametrize("letter", table.ROLES)
def test_each_role_gets_its_tabs_and_what_they_offer(sqlite_app, ids, letter):
    role, wrong = table.ROLES[letter], []
    with transaction():
        settings.put("feature.cpr", True)
        settings.put("module.sms", True)
    client = factories.signed_in(sqlite_app, factories.user(*([role] if role else [])))
    assert {tab.key for tab in registry.TABS} == set(table.TABS)
    assert {(tab.key, name) for tab in registry.TABS for name in tab.posts} == set(table.TAB_POSTS)
    for key, allowed in table.TABS.items():
        response = client.get(f"/customers/{ids['customer']}/{key}")
        if not _is_right(response, letter in allowed, "GET", True):
            wrong.append((key, response.status_code))
    for (key, name), allowed in table.TAB_POSTS.items():
        if name == "delete":
            continue  # would take the row from the others; test_matrix walks it on the grid
        response = client.post(f"/customers/{ids['customer']}/{key}/{name}")
        if not _is_right(response, letter in allowed, "POST", True):
            wrong.append((key, name, response.status_code))
    assert not wrong, wrong


def test_a_closed_gate_takes_the_menu_line_and_the_address_away(sqlite_app, ids):
    """Every gated view with its gate closed: not in the menu, and 404 on every address, whatever one's rights."""
    client = factories.signed_in(sqlite_app, factories.user("super"))
    gated = {name: view for name, view in walk.views(sqlite_app).items() if getattr(view, "gate", Gate()).needs}
    with transaction():
        for name in (*Module, *Feature):
            settings.put(f"{'module' if name in set(Module) else 'feature'}.{name}", False)
    start = client.get("/").get_data(as_text=True)
    wrong = []
    for rule in walk.rules(sqlite_app):
        view = str(rule.endpoint).rpartition(".")[0]
        for method in walk.methods(rule) if view in gated else ():
            status = client.open(world.address(rule, ids), method=method).status_code
            if status != 404:
                wrong.append((method, rule.rule, status))
    assert not wrong, wrong
    assert [name for name in gated if f'href="/{name}/"' in start] == []
    for tab in registry.TABS:
        if tab.gate.needs:
            assert client.get(f"/customers/{ids['customer']}/{tab.key}").status_code == 404, tab.key


def _is_right(response, is_allowed, method, has_row):
    if is_sent_to_log_in(response):
        return False
    if not is_allowed:
        return response.status_code in {403, 404}
    if method == "GET":
        return response.status_code in ({200, 302, 303} if has_row else {404})
    return response.status_code not in {401, 403, 405} and response.status_code < 500
