"""The page behind a one-time link: choose a password, and as the first administrator a name too."""

from __future__ import annotations

from typing import Any

from flask import Flask, make_response, redirect, render_template, request
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from gecko.db import transaction
from gecko.errors import GeckoError
from gecko.language import _ as lazy
from gecko.language import explain
from gecko.models.sessions import LinkPurpose
from gecko.operations import one_time_links, passwords, sessions, users
from gecko.operations.one_time_links import Link

from .login import set_cookie

NEW = {"autocomplete": "new-password"}


class PasswordForm(FlaskForm):
    """A new password, twice."""

    password = PasswordField(
        lazy("New password"),
        [InputRequired(), Length(max=1000)],
        description=lazy("At least 8 characters. A few words in a row are easy to remember and hard to guess."),
        render_kw=NEW,
    )
    repeat = PasswordField(
        lazy("Repeat the password"),
        [InputRequired(), EqualTo("password", lazy("The two passwords differ."))],
        render_kw=NEW,
    )


class FirstAdministratorForm(PasswordForm):
    """The first administrator also chooses a user name."""

    username = StringField(
        lazy("User name"), [InputRequired(), Length(max=200)], render_kw={"autocomplete": "username"}
    )
    name = StringField(lazy("Name"), [InputRequired(), Length(max=200)], render_kw={"autocomplete": "name"})


def one_time_link(token: str) -> Response:
    """Show the form of a link that still works; use the link up when the form is sent."""
    try:
        link = one_time_links.look(token)
        is_first = link.purpose is LinkPurpose.FIRST_ADMINISTRATOR
        form = FirstAdministratorForm() if is_first else PasswordForm()
        if form.validate_on_submit():
            done = _use(token, link, form)
            if done is not None:
                return _guarded(done)
    except one_time_links.LinkSpent as error:
        return _guarded(render_template("one_time_link_spent.html", message=explain(error.message, {})), 410)
    return _guarded(render_template("one_time_link.html", form=form, link=link, is_first=is_first))


def _guarded(content: Any, status: int | None = None) -> Response:
    """The address holds a secret: no page that is opened from here may learn it."""
    response = make_response(content) if status is None else make_response(content, status)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _use(token: str, link: Link, form: PasswordForm) -> Response | None:
    """Set the password and sign its owner in; None where the form was refused."""
    password = form.password.data or ""
    is_first = isinstance(form, FirstAdministratorForm)
    try:
        if isinstance(form, FirstAdministratorForm):
            link = Link(link.purpose, None, users.normal_username(form.username.data or ""), form.name.data, None)
        passwords.check(password, context=(link.username, link.name, link.email))
        hashed = passwords.hash_password(password)
        with transaction() as session:
            if is_first:
                user = one_time_links.create_first_administrator(
                    token, username=link.username or "", name=link.name or "", password_hash=hashed
                )
            else:
                user = one_time_links.set_password(token, hashed)
            session.flush()
            cookie = sessions.start(user, ip=request.remote_addr, user_agent=request.user_agent.string)
    except one_time_links.LinkSpent:
        raise
    except GeckoError as error:
        field = getattr(error, "field", None) or "password"
        form[field].errors = [*form[field].errors, explain(error.message, error.params)]
        return None
    found = sessions.find(cookie)
    response = redirect("/", 303)
    set_cookie(response, cookie, found.session_id if found else None)
    return response


def init_app(app: Flask) -> None:
    """Open the address."""
    app.add_url_rule("/link/<token>", "one_time_link", one_time_link, methods=["GET", "POST"])
