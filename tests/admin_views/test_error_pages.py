"""Errors are pages of ours: in words, in the reader's language, with the right status and no trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from gecko import errors

HEADINGS = {
    400: ("Forespørgslen kunne ikke læses", "The request could not be read"),
    403: ("Du har ikke adgang til dette", "You do not have access to this"),
    404: ("Her er ikke noget", "There is nothing here"),
    405: ("Det kan ikke gøres på denne adresse", "That cannot be done at this address"),
    409: ("En anden kom først", "Somebody else was first"),
    413: ("Filen er for stor", "The file is too large"),
    429: ("For mange forsøg", "Too many attempts"),
    503: ("Systemet har travlt", "The system is busy"),
}


@pytest.fixture
def app(sqlite_app: Flask) -> Flask:
    return sqlite_app


def raising(app: Flask, error: Callable[[], Any]) -> None:
    app.add_url_rule("/broken", "broken", error)


@pytest.mark.parametrize("code", HEADINGS)
@pytest.mark.parametrize("language", ["da", "en"])
def test_each_error_has_its_words(app: Flask, client_as: Callable[..., FlaskClient], code: int, language: str) -> None:
    raising(app, lambda: abort(code))
    answer = client_as("office", language=language).get("/broken")
    assert answer.status_code == code
    assert f'<html lang="{language}"' in answer.text
    assert f'<h1 class="g-title">{HEADINGS[code][language == "en"]}</h1>' in answer.text
    assert "Content-Security-Policy" in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def crash() -> None:
    raise ZeroDivisionError("a secret in the message")


def test_a_bug_shows_its_number_and_no_trace(app: Flask, client_as: Callable[..., FlaskClient]) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    raising(app, crash)
    answer = client_as("office").get("/broken")
    assert answer.status_code == 500
    assert "Der gik noget galt i programmet" in answer.text
    assert "<code>" in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert "a secret in the message" not in answer.text


def test_a_bug_in_the_frame_itself_still_gets_an_answer(
    app: Flask, client_as: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    raising(app, crash)
    monkeypatch.setitem(app.jinja_env.globals, "page_theme", crash)
    answer = client_as("office").get("/broken")
    assert answer.status_code == 500
    assert "Gecko" in answer.text
    assert "ZeroDivisionError" not in answer.text


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (errors.NotFound(), 404, "findes ikke"),
        (errors.Closed(), 404, "findes ikke"),
        (errors.NotAllowed(), 403, "Du har ikke ret til at gøre dette."),
        (errors.Conflict(), 409, "En anden har ændret posten i mellemtiden."),
        (errors.Invalid("“%(text)s” is not an amount.", text="<b>"), 400, "“&lt;b&gt;” er ikke et beløb."),
    ],
)
def test_a_rule_that_no_view_caught_speaks_for_itself(
    app: Flask, client_as: Callable[..., FlaskClient], error: Exception, code: int, text: str
) -> None:
    def refuse() -> None:
        raise error

    raising(app, refuse)
    answer = client_as("office").get("/broken")
    assert answer.status_code == code
    assert text in answer.text


def test_a_busy_database_is_not_a_bug(app: Flask, client_as: Callable[..., FlaskClient]) -> None:
    def busy() -> None:
        raise OperationalError("UPDATE customer", {}, Exception("database is locked"))

    raising(app, busy)
    answer = client_as("office").get("/broken")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert "UPDATE customer" not in answer.text


def test_a_missing_token_says_what_to_do(app: Flask, client_as: Callable[..., FlaskClient]) -> None:
    answer = client_as("office", csrf=True).post("/preferences", data={"theme": "dark"})
    assert answer.status_code == 400
    assert "Formularen er forældet" in answer.text


def test_scripts_get_json(app: Flask, client_as: Callable[..., FlaskClient]) -> None:
    answer = client_as("office").get("/nowhere", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.get_json() == {"error": "Her er ikke noget", "message": answer.get_json()["message"]}


def test_a_wrong_method_names_the_right_one(app: Flask, client_as: Callable[..., FlaskClient]) -> None:
    answer = client_as("office").get("/preferences")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
