"""Error pages: what happened, what was kept, what to do; in the reader's language, and without a stack trace."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Flask, g, jsonify, make_response, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import (
    BadRequest,
    Conflict,
    Forbidden,
    HTTPException,
    InternalServerError,
    NotFound,
    ServiceUnavailable,
)
from werkzeug.wrappers import Response

from gecko import errors
from gecko.db import is_transient
from gecko.language import _


@dataclass(frozen=True, slots=True)
class Words:
    """Heading and advice of one kind of error."""

    title: Any
    advice: Any
    params: dict[str, Any] = field(default_factory=dict)


WORDS = {
    400: Words(_("The request could not be read"), _("Nothing was saved. Go back and try again.")),
    401: Words(_("You are not logged in"), _("Log in and try again. Nothing was saved.")),
    403: Words(
        _("You do not have access to this"),
        _("Your roles do not give you this right. Ask an administrator if you need it."),
    ),
    404: Words(
        _("There is nothing here"),
        _("It does not exist, was deleted, or is not yours to see. Check the address, or search for it."),
    ),
    405: Words(
        _("That cannot be done at this address"),
        _("Nothing was changed. Open the page from the menu and use its buttons."),
    ),
    409: Words(
        _("Somebody else was first"),
        _("The record was changed meanwhile. Nothing of yours was saved. Reload the page to see how it stands now."),
    ),
    413: Words(_("The file is too large"), _("Nothing was uploaded. Split the file, or ask an administrator.")),
    429: Words(_("Too many attempts"), _("Wait a little and try again.")),
    500: Words(
        _("Something went wrong in the program"),
        _("Nothing of this was saved. Try again; if it happens again, tell your administrator the number below."),
    ),
    503: Words(
        _("The system is busy"),
        _("Nothing was saved. Go back and try again in a moment; your form still holds what you typed."),
    ),
}
CSRF = Words(
    _("The form is out of date"),
    _("Nothing was saved. You may have logged in or out in another window. Go back, reload the page and try again."),
)
ANY = Words(_("This could not be done."), _("Nothing was saved. Go back and try again."))
FALLBACK = "<!doctype html><html lang='{}'><meta charset='utf-8'><title>{}</title><h1>{}</h1><p>{}</p>"


def words_of(error: HTTPException) -> Words:
    """The words for an error; a rule's own message stands as the advice."""
    if isinstance(error, CSRFError):
        return CSRF
    words = WORDS.get(error.code or 500, ANY)
    if isinstance(error.__cause__, errors.GeckoError):
        cause = error.__cause__
        return Words(words.title, cause.message, cause.params)
    return words


def show(error: HTTPException) -> Response | HTTPException:
    """The page of an HTTP error; redirects pass."""
    code = error.code or 500
    if code < 400 or error.response is not None:
        return error
    words = words_of(error)
    advice = gettext(str(words.advice)) % words.params if words.params else gettext(str(words.advice))
    if request.accept_mimetypes.best == "application/json":
        response = jsonify(error=str(words.title), message=advice)
    else:
        response = make_response(
            render_template("gecko/error.html", code=code, title=words.title, advice=advice, number=g.get("request_id"))
        )
    response.status_code = code
    for name, value in error.get_headers(request.environ):
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def show_crash(error: InternalServerError) -> Response | HTTPException:
    """A bug: its page, or a bare one where even that cannot be drawn (the log has the trace)."""
    try:
        return show(error)
    except Exception:
        words = WORDS[500]
        text = FALLBACK.format("en", "Gecko", str(words.title), str(words.advice))
        return make_response(text, 500)


_KINDS: tuple[tuple[type[errors.GeckoError], type[HTTPException]], ...] = (
    (errors.NotFound, NotFound),
    (errors.Closed, NotFound),
    (errors.NotAllowed, Forbidden),
    (errors.Conflict, Conflict),
)


def show_refusal(error: errors.GeckoError) -> Response | HTTPException:
    """A rule that no view caught."""
    kind = next((http for ours, http in _KINDS if isinstance(error, ours)), BadRequest)
    refusal = kind()
    if not isinstance(error, errors.NotFound | errors.Closed):
        refusal.__cause__ = error
    return show(refusal)


def show_database_error(error: DBAPIError) -> Response | HTTPException:
    """503 where the database only says "not now"; anything else is a bug."""
    if not is_transient(error):
        raise error
    return show(ServiceUnavailable(retry_after=2))


def init_app(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(HTTPException, show)
    app.register_error_handler(InternalServerError, show_crash)
    app.register_error_handler(errors.GeckoError, show_refusal)
    app.register_error_handler(DBAPIError, show_database_error)
