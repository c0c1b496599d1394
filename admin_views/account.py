"""My account: name, language and theme, the password, and the browsers that are signed in."""

from __future__ import annotations

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, PasswordField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length

from gecko.db import db, transaction
from gecko.errors import Conflict, GeckoError, Invalid
from gecko.language import _ as lazy
from gecko.models.people import StaffUser
from gecko.operations import accounts, passwords, sessions, signing_in, throttle

from .base import SIGNED_IN, PageView, message_of, principal
from .grid.records import read_id
from .one_time_link import PasswordForm

LANGUAGES = (SelectChoice("da", "Dansk"), SelectChoice("en", "English"))
THEMES = (
    SelectChoice("auto", lazy("As the system")),
    SelectChoice("light", lazy("Light")),
    SelectChoice("dark", lazy("Dark")),
)


class AccountForm(FlaskForm):
    """What users decide about themselves."""

    name = StringField(lazy("Name"), [InputRequired(), Length(max=200)], render_kw={"autocomplete": "name"})
    language = SelectField(lazy("Language"), choices=LANGUAGES)
    theme = SelectField(lazy("Theme"), choices=THEMES)
    row_version = HiddenField()


class ChangePasswordForm(PasswordForm):
    """The present password, then the new one twice."""

    present = PasswordField(
        lazy("Present password"), [InputRequired(), Length(max=1000)], render_kw={"autocomplete": "current-password"}
    )


class AccountView(PageView):
    """Everybody's own page."""

    permission = SIGNED_IN
    slug = "account"
    title = lazy("My account")
    in_menu = False

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Response | str | tuple[str, int]:
        """See and change what is one's own."""
        user = db.session.get_one(StaffUser, principal().user_id)
        form = AccountForm(obj=user)
        if form.validate_on_submit():
            try:
                self._save(form)
            except Conflict:
                db.session.expire_all()
                user = db.session.get_one(StaffUser, principal().user_id)
                form.row_version.data = str(user.row_version)
                form.form_errors.append(_("Your account was changed meanwhile. Look at it and save again."))
                return self._page(form, user), 409
            flash(_("Your account is saved."), "success")
            return redirect(self.get_url(".index"), 303)
        return self._page(form, user)

    def _save(self, form: AccountForm) -> None:
        version = form.row_version.data or ""
        with transaction():
            accounts.update(
                principal().user_id,
                name=form.name.data or "",
                language=form.language.data,
                theme=form.theme.data,
                row_version=read_id(version) or 0,
            )

    def _page(self, form: AccountForm, user: StaffUser) -> str:
        live = sessions.live(user.id)
        return self.render("account/index.html", form=form, user=user, live=live, own=principal().session_id)

    @expose("/password", methods=("GET", "POST"))
    def password(self) -> Response | str:
        """Change the password; the present one is asked for, so that a borrowed browser cannot do it."""
        form = ChangePasswordForm()
        if form.validate_on_submit():
            try:
                self._change_password(form)
            except GeckoError as error:
                target = form.present if getattr(error, "field", None) == "present" else form.password
                target.errors = [*target.errors, message_of(error)]
            else:
                flash(_("Your password is changed. You are logged out everywhere else."), "success")
                return redirect(self.get_url(".index"), 303)
        return self.render("account/password.html", form=form)

    def _change_password(self, form: ChangePasswordForm) -> None:
        who, new = principal(), form.password.data or ""
        with transaction():
            candidate = signing_in.begin(who.username, request.remote_addr or "unknown")
        if not passwords.verify(candidate.password_hash, form.present.data or ""):
            with transaction():
                signing_in.refuse(candidate)
            raise Invalid(lazy("The present password is wrong."), field="present")
        passwords.check(new, context=(who.username, who.name))
        hashed = passwords.hash_password(new)
        with transaction():
            throttle.forgive(list(candidate.buckets))
            accounts.change_password(who.user_id, hashed, verified=candidate.password_hash, session_id=who.session_id)

    @expose("/sessions/end", methods=("POST",))
    def end_session(self) -> Response:
        """End one of one's own sessions, or with `others` all but this."""
        who = principal()
        with transaction():
            if request.form.get("others"):
                number = sessions.end_all(who.user_id, but=who.session_id)
            else:
                number = sessions.end(read_id(request.form.get("id")) or 0, user_id=who.user_id)
        flash(ngettext("%(num)d session is ended.", "%(num)d sessions are ended.", number), "success")
        return redirect(self.get_url(".index"), 303)
