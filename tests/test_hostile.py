"""Hostile values in every parameter of every page: no 5xx, nothing comes back unescaped, nothing is evaluated."""

import pytest

from tests import factories
from tests.matrix import walk, world

MARK = "gk<x'\">gk"
VALUES = [
    "99999999999999999999999",
    "-1",
    "0",
    "\x00",
    "%",
    "' OR 1=1 --",
    MARK,
    "zz{{7*7}}zz${7*7}%(x)s",
    "a" * 10_000,
    "1,2",
    "٣",
    "²",
    "=1+1",
    "../../etc/passwd",
    "\u202e\ud7ff\uffff",
]
NAMES = [
    "id", "q", "page", "size", "sort", "next", "previous", "at", "letter", "deleted", "exact", "url", "view", "state",
    "before", "mine", "customer_id", "debtor_id", "from", "to", "search_date", "columns", "count", "tab", "group",
]  # fmt: skip
ALONE = ("id", "q", "sort", "page", "next")
FIELDS = [
    "id", "name", "username", "email", "row_version", "seen", "roles", "groups", "right", "user_id", "url", "language",
    "theme", "state", "columns", "rows", "ids", "action", "query",
]  # fmt: skip


def names_of(app, rule):
    view = walk.views(app).get(str(rule.endpoint).rpartition(".")[0])
    filters = getattr(view, "filters", None) or {}
    return NAMES + [f"f_{parameter}" for one in filters.values() for parameter in one.parameters]


def reading(app):
    return [rule for rule in walk.rules(app) if "GET" in walk.methods(rule) and rule.endpoint != "static"]


@pytest.fixture
def client(sqlite_app):
    sqlite_app.config["PROPAGATE_EXCEPTIONS"] = False
    return factories.signed_in(sqlite_app, factories.user("super"))


def problem(response):
    if response.status_code >= 500:
        return response.status_code
    text = response.get_data().decode("utf-8", "replace")  # some pages are files and pictures
    if MARK in text or "gk<x" in text:
        return "reflected unescaped"
    return "evaluated" if "zz49zz" in text else None


@pytest.mark.parametrize("value", VALUES, ids=[ascii(value)[:20] for value in VALUES])
def test_hostile_values_in_every_parameter(sqlite_app, client, value):
    ids, wrong = world.build(), []
    for number, rule in enumerate(reading(sqlite_app), start=VALUES.index(value)):
        path = world.address(rule, ids).split("?")[0]
        names = names_of(sqlite_app, rule)
        everywhere, alone = dict.fromkeys(names, value), {ALONE[number % len(ALONE)]: value}
        asked = [everywhere | {"id": ids.get("customer")} if number % 2 else everywhere]
        asked += [alone] if number % 3 == 0 else []  # over all values, every page meets each of these alone, once
        for arguments in asked:
            found = problem(client.get(path, query_string=arguments))
            if found:
                wrong.append((path, sorted(arguments)[:3], found))
    assert not wrong, wrong


def test_bytes_that_are_no_text(sqlite_app, client):
    ids, wrong = world.build(), []
    for rule in reading(sqlite_app):
        path = world.address(rule, ids).split("?")[0]
        found = problem(client.get(f"{path}?q=%ff%fe%80&id=%c3%28&sort=%a0%a1&f_name=%e2%82"))
        if found:
            wrong.append((path, found))
    assert not wrong, wrong


@pytest.mark.parametrize("value", VALUES, ids=[ascii(value)[:20] for value in VALUES])
def test_hostile_values_in_forms(sqlite_app, client, value):
    """Every form with a hostile value in whatever it may ask for: a refusal or a save, never a crash."""
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    ids, wrong = world.build(), []
    for rule in walk.rules(sqlite_app):
        if "POST" not in walk.methods(rule) or rule.endpoint in {"logout", "login", "account.password"}:
            continue
        found = problem(client.post(world.address(rule, ids), data=dict.fromkeys(FIELDS, value)))
        if found:
            wrong.append((rule.rule, found))
    assert not wrong, wrong
