"""Every answer is protected: policy, sniffing, framing, caching, transport."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import factories


@pytest.fixture
def app(sqlite_app: Flask) -> Flask:
    return sqlite_app


PATHS = ["/", "/login", "/nowhere", "/search/results?q=a", "/static/gecko/gecko.css", "/static/none.css"]


@pytest.mark.parametrize("path", PATHS)
def test_every_kind_of_answer_has_the_headers(client_as: Callable[..., FlaskClient], path: str) -> None:
    with client_as("office").get(path) as answer:
        headers = answer.headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == policy["connect-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers, "not over plain http"


@pytest.mark.parametrize("path", ["/", "/login", "/nowhere", "/search/?q=a"])
def test_pages_are_kept_by_no_cache(client_as: Callable[..., FlaskClient], path: str) -> None:
    assert client_as("office").get(path).headers["Cache-Control"] == "no-store"


def test_https_is_remembered_where_it_is_used(app: Flask) -> None:
    app.config["GECKO"] = replace(app.config["GECKO"], secure=True)
    assert "max-age=31536000" in app.test_client().get("/login").headers["Strict-Transport-Security"]


def test_a_page_has_nothing_inline(client_as: Callable[..., FlaskClient]) -> None:
    factories.customer()
    client = client_as("office")
    for path in ("/", "/search/?q=customer", "/nowhere", "/customers/"):
        text = client.get(path).text
        for forbidden in (" style=", "<style", "javascript:", " onclick=", " onchange=", " onsubmit=", " hx-on"):
            assert forbidden not in text, f"{forbidden} on {path}"
        assert "<script>" not in text
