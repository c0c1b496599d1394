"""Log-in: the session cookie is read into a Principal once per request."""

from __future__ import annotations

import secrets

from flask import Flask, Request, current_app, g, request
from flask_login import LoginManager

from gecko import actor
from gecko.db import transaction
from gecko.operations import sessions
from gecko.permissions import Principal

manager = LoginManager()
manager.session_protection = None  # the session lives in the database


def cookie_name() -> str:
    """The session cookie's name; the browser enforces the __Host- rules where served over https."""
    return "__Host-gecko" if current_app.config["GECKO"].secure else "gecko"


@manager.request_loader
def load(incoming: Request) -> Principal | None:
    """Who sent this request."""
    token = incoming.cookies.get(cookie_name())
    found = sessions.find(token) if token else None
    if found is None:
        return None
    session, principal = found
    if sessions.needs_touch(session):
        session_id = session.id
        with transaction():
            sessions.touch(session_id)
    return principal


def identify() -> None:
    """Tell the log who acts in this request."""
    from flask_login import current_user

    g.request_id = secrets.token_hex(8)
    user = current_user if current_user.is_authenticated else None
    actor.become(
        actor.Actor(
            user_id=user.user_id if user else None,
            name=user.name if user else "anonymous",
            source="web",
            ip=request.remote_addr,
            request_id=g.request_id,
        )
    )


def init_app(app: Flask) -> None:
    """Set Flask-Login up."""
    manager.init_app(app)
    app.before_request(identify)
