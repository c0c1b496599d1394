"""The log-in page and the way out."""

from __future__ import annotations

from flask import Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from gecko.db import transaction
from gecko.errors import GeckoError, NotAllowed
from gecko.language import _ as lazy
from gecko.operations import passwords, sessions, settings, signing_in

from .i18n import locale
from .login import clear_cookie, cookie_name, local_target, set_cookie


class LoginForm(FlaskForm):
    """User name and password."""

    username = StringField(
        lazy("User name"), [InputRequired(), Length(max=200)], render_kw={"autocomplete": "username", "autofocus": True}
    )
    password = PasswordField(
        lazy("Password"), [InputRequired(), Length(max=1000)], render_kw={"autocomplete": "current-password"}
    )
    next = HiddenField()


def login() -> Response | str | tuple[str, int]:
    """Ask who it is, and let them in."""
    target = local_target(request.values.get("next"))
    if current_user.is_authenticated:
        return redirect(target, 303)
    form = LoginForm(next=target)
    status = 200
    if form.validate_on_submit():
        try:
            token = _sign_in(form.username.data or "", form.password.data or "")
        except GeckoError as error:
            form.form_errors.append(_(str(error.message), **error.params))
            status = 429 if error.params else 401
        else:
            found = sessions.find(token)
            response = redirect(target, 303)
            set_cookie(response, token, found.session_id if found else None)
            return response
    accounts = settings.get("demo.accounts", [])
    return render_template("login.html", form=form, language=locale(), demo_accounts=accounts), status


def _sign_in(username: str, password: str) -> str:
    """The token of a new session; raises what the page shows. The password is looked at outside any transaction."""
    ip = request.remote_addr or "unknown"
    with transaction():
        candidate = signing_in.begin(username, ip)
    if not passwords.verify(candidate.password_hash, password):
        with transaction():
            signing_in.refuse(candidate)
        raise NotAllowed(lazy("The user name or the password is wrong."))
    stored = candidate.password_hash or ""
    rehashed = passwords.hash_password(password) if passwords.is_outdated(stored) else None
    with transaction():
        return signing_in.admit(
            candidate,
            rehashed=rehashed,
            former=request.cookies.get(cookie_name()),
            ip=ip,
            user_agent=request.user_agent.string,
        )


def logout() -> Response:
    """End this session."""
    token = request.cookies.get(cookie_name())
    if token:
        with transaction():
            sessions.end_by_token(token)
    response = redirect(url_for("login"), 303)
    clear_cookie(response)
    flash(_("You are logged out."), "success")
    return response


def init_app(app: Flask) -> None:
    """Open the two addresses."""
    app.add_url_rule("/login", "login", login, methods=["GET", "POST"])
    app.add_url_rule("/logout", "logout", logout, methods=["POST"])
