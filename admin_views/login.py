"""Who is signed in: the session cookie is read into a Principal once per request, and nobody else gets in."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import urlsplit

from flask import (
    Flask,
    Request,
    Response,
    abort,
    current_app,
    g,
    has_request_context,
    jsonify,
    redirect,
    request,
    session,
    url_for,
)
from flask_login import LoginManager, current_user
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response as AnyResponse

from gecko import actor
from gecko.db import is_transient, only_read, transaction
from gecko.operations import sessions
from gecko.permissions import Principal

manager = LoginManager()
manager.session_protection = None  # the session lives in the database

# Every endpoint that answers without a log-in; everything else asks for one. Webhooks and the links in
# newsletters check a signature or secret.
PUBLIC_ENDPOINTS = frozenset(
    {
        "static", "admin.static", "login", "one_time_link", "preferences.save", "webhooks.sms", "webhooks.bounce",
        "unsubscribing.page", "unsubscribing.answer", "opening.picture",
    }
)  # fmt: skip
_acting: ContextVar[Principal | None] = ContextVar("acting_principal", default=None)
_BOUND = "for"  # in the form cookie: the session its CSRF token belongs to


def cookie_name() -> str:
    """The session cookie's name; the browser enforces the __Host- rules where served over https."""
    return "__Host-gecko" if current_app.config["GECKO"].secure else "gecko"


def principal() -> Principal:
    """The signed-in user, or in a job the one it runs for; 401 where there is none."""
    who = signed_in()
    if who is None:
        abort(401)
    return who


def signed_in() -> Principal | None:
    """The same, or None."""
    acting = _acting.get()
    if acting is not None:
        return acting
    if not has_request_context():
        return None
    if "signed_in" not in g:  # asked some hundred times for a page
        g.signed_in = current_user._get_current_object() if current_user.is_authenticated else None
    return g.signed_in


@contextmanager
def acting_for(who: Principal) -> Iterator[None]:
    """Let the code of a page run inside a job with the rights and the scope of `who`."""
    token = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(token)


def set_cookie(response: AnyResponse, token: str, session_id: int | None) -> None:
    """Give the browser a fresh session, and forget every form it had open before."""
    session.clear()
    session[_BOUND] = session_id
    response.set_cookie(
        cookie_name(), token, httponly=True, samesite="Lax", secure=current_app.config["GECKO"].secure, path="/"
    )


def clear_cookie(response: AnyResponse) -> None:
    """Take the session from the browser."""
    session.clear()
    response.delete_cookie(
        cookie_name(), httponly=True, samesite="Lax", secure=current_app.config["GECKO"].secure, path="/"
    )


@manager.request_loader
def load(incoming: Request) -> Principal | None:
    """Who sent this request."""
    token = incoming.cookies.get(cookie_name())
    found = sessions.find(token) if token else None
    if found is None:
        return None
    if sessions.needs_touch(found):
        _touch(found.session_id)
    return found.principal


def _touch(session_id: int) -> None:
    try:
        with transaction():
            sessions.touch(session_id)
    except DBAPIError as error:
        if not is_transient(error):
            raise  # a busy database only means that the next request notes it


def identify() -> None:
    """Tell the log who acts in this request, and throw away forms of another session."""
    g.request_id = secrets.token_hex(8)
    if request.endpoint in {"static", "admin.static"}:
        return
    only_read()
    user = signed_in()
    actor.become(
        actor.Actor(
            user_id=user.user_id if user else None,
            name=user.name if user else "anonymous",
            source="web",
            ip=request.remote_addr,
            request_id=g.request_id,
        )
    )
    bound = user.session_id if user else None
    if session.get(_BOUND) != bound:
        session.clear()
        session[_BOUND] = bound


def forget(_error: BaseException | None) -> None:
    """The next request on this thread starts as nobody."""
    actor.become(actor.SYSTEM)


def ask_for_login() -> AnyResponse | None:
    """Send the anonymous to the log-in page, and back afterwards; scripts get 401."""
    if request.endpoint in PUBLIC_ENDPOINTS or signed_in() is not None:
        return None
    if request.headers.get("HX-Request") == "true":
        target = url_for("login", next=local_target(request.headers.get("HX-Current-URL"), own_host=True))
        return Response(status=401, headers={"HX-Redirect": target})
    if request.is_json or request.accept_mimetypes.best == "application/json":
        response = jsonify(error="unauthorised")
        response.status_code = 401
        return response
    if request.method in {"GET", "HEAD"}:
        back = local_target(request.full_path.rstrip("?"))
    else:
        back = local_target(request.referrer, own_host=True)
    return redirect(url_for("login", next=back if back != "/" else None), 303)


def local_target(target: str | None, *, own_host: bool = False) -> str:
    """`target` where it is a path of this site (or, with `own_host`, an address of it), else the start page."""
    if (
        not target
        or target.startswith("//")
        or len(target) > 2000
        or any(ord(sign) < 32 or sign == "\\" for sign in target)
    ):
        return "/"
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/"
    ours = own_host and parts.scheme in {"http", "https"} and parts.netloc == request.host
    if (parts.scheme or parts.netloc) and not ours:
        return "/"
    path = parts.path
    if not path.startswith("/") or path.startswith("//") or path in {"/login", "/logout"}:
        return "/"
    return f"{path}?{parts.query}" if parts.query else path


def init_app(app: Flask) -> None:
    """Set Flask-Login up; the door is checked before anything else, CSRF included."""
    manager.init_app(app)
    app.before_request(identify)
    app.before_request(ask_for_login)
    app.teardown_request(forget)
