"""Language and theme are the reader's own choice, kept on the user or, before sign-in, in the form session."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from gecko.db import db
from gecko.models.people import StaffUser


@pytest.fixture
def app(sqlite_app: Flask) -> Flask:
    return sqlite_app


def test_a_choice_is_kept_on_the_user(client_as: Callable[..., FlaskClient]) -> None:
    client = client_as("office", username="hanne")
    assert '<html lang="da" data-theme="auto" data-bs-theme="light">' in client.get("/").text
    back = {"Referer": "http://localhost/search/?q=%C3%A5se"}
    answer = client.post("/preferences", data={"theme": "dark"}, headers=back)
    assert (answer.status_code, answer.location) == (303, "/search/?q=%C3%A5se")
    client.post("/preferences", data={"language": "en"})
    assert '<html lang="en" data-theme="dark" data-bs-theme="dark">' in client.get("/").text
    db.session.rollback()
    user = db.session.scalars(select(StaffUser).where(StaffUser.username == "hanne")).one()
    assert (user.theme, user.language) == ("dark", "en")


def test_a_choice_before_sign_in_is_kept_for_the_visit(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    assert '<html lang="da"' in client.get("/login").text
    assert '<html lang="en"' in client.get("/login", headers={"Accept-Language": "en-GB"}).text
    client.post("/preferences", data={"language": "en"})
    assert '<html lang="en"' in client.get("/login").text


@pytest.mark.parametrize("data", [{}, {"theme": "pink"}, {"language": "de"}, {"username": "x"}])
def test_anything_else_is_refused(client_as: Callable[..., FlaskClient], data: dict[str, str]) -> None:
    assert client_as("office").post("/preferences", data=data).status_code == 400


def test_a_foreign_page_is_not_gone_back_to(client_as: Callable[..., FlaskClient]) -> None:
    headers = {"Referer": "https://evil.example/x"}
    answer = client_as("office").post("/preferences", data={"theme": "dark"}, headers=headers)
    assert answer.location == "/"
