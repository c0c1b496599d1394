"""Users: who works here, what each may do, and where they are logged in."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_admin.form import BaseForm
from flask_babel import ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import BooleanField, Form, SelectField, StringField
from wtforms.validators import Email, InputRequired, Length, Optional

from gecko.db import db, transaction
from gecko.language import _ as lazy
from gecko.models.people import AccessTemplate, Role, StaffUser, staff_user_role
from gecko.operations import granting, one_time_links, sessions, users
from gecko.operations.users import UserValues
from gecko.permissions import Permission

from .account import LANGUAGES
from .base import GridView, principal
from .grid.filters import Boolean, Relation
from .grid.records import read_id
from .record_choices import CheckboxListField, TemplateField, group_choices, role_choices
from .roles import role_name


class UserForm(BaseForm):
    """What an administrator decides about a user."""

    username = StringField(
        lazy("User name"),
        [InputRequired(), Length(max=200)],
        render_kw={"autocomplete": "off", "autocapitalize": "none"},
    )
    name = StringField(lazy("Name"), [InputRequired(), Length(max=200)], render_kw={"autocomplete": "off"})
    email = StringField(lazy("E-mail"), [Optional(), Email(), Length(max=254)], render_kw={"autocomplete": "off"})
    language = SelectField(lazy("Language"), choices=LANGUAGES)
    is_active = BooleanField(lazy("May log in"), default=True)
    access_template = TemplateField(lazy("Access template"))
    roles = CheckboxListField(lazy("Roles"), choices=role_choices)
    is_limited = BooleanField(lazy("Sees only customers of certain groups"))
    groups = CheckboxListField(
        lazy("Customer groups"), choices=group_choices, description=lazy("Counts only where the tick above is set.")
    )


def _values(values: dict[str, Any]) -> UserValues:
    return UserValues(
        username=values["username"] or "",
        name=values["name"] or "",
        email=values["email"] or None,
        language=values["language"],
        is_active=bool(values["is_active"]),
        is_limited=bool(values["is_limited"]),
        template_id=values["access_template"] or None,
        role_ids=frozenset(values["roles"] or ()),
        group_ids=frozenset(values["groups"] or ()),
    )


class UsersView(GridView):
    """The users, without those who were deleted."""

    model = StaffUser
    slug = "users"
    title = lazy("Users")
    icon = "users"
    permission = Permission.USER_MANAGE
    create_permission = Permission.USER_MANAGE
    edit_permission = Permission.USER_MANAGE
    delete_permission = Permission.USER_MANAGE

    column_list = ("username", "name", "roles", "access_template.name", "is_active", "is_limited", "last_login_at")
    column_hidden = ("email", "created_at")
    column_labels = {
        "username": lazy("User name"),
        "name": lazy("Name"),
        "roles": lazy("Roles"),
        "access_template.name": lazy("Access template"),
        "is_active": lazy("May log in"),
        "is_limited": lazy("Limited"),
        "last_login_at": lazy("Last logged in"),
        "email": lazy("E-mail"),
        "created_at": lazy("Created"),
        "access_template_id": lazy("Access template"),
    }
    column_sortable_list = ("username",)
    column_default_sort = "username"
    column_filters = (
        Boolean("is_active"),
        Relation("access_template_id", target=AccessTemplate),
    )
    form_columns = (
        "username",
        "name",
        "email",
        "language",
        "is_active",
        "access_template",
        "roles",
        "is_limited",
        "groups",
    )
    form_groups = (
        (lazy("Person"), ("username", "name", "email", "language", "is_active")),
        (lazy("Rights"), ("access_template", "roles")),
        (lazy("Customers"), ("is_limited", "groups")),
    )

    def get_form(self) -> type[Form]:
        """Our own form: choices are ids, and one operation decides."""
        return UserForm

    def page_values(self, ids: list[int]) -> dict[str, dict[int, Any]]:
        """The roles of the page's users in one query."""
        link = staff_user_role.c
        statement = select(link.user_id, Role).join(Role, Role.id == link.role_id).where(link.user_id.in_(ids))
        names: dict[int, list[str]] = {}
        for user_id, role in db.session.execute(statement.order_by(link.user_id, link.role_id)):
            names.setdefault(user_id, []).append(str(role_name(role)))
        return {"roles": {user_id: ", ".join(found) for user_id, found in names.items()}}

    def perform_create(self, values: dict[str, Any]) -> StaffUser:
        """By the rules of granting."""
        return users.create(_values(values), by=principal())

    def perform_update(self, row: StaffUser, values: dict[str, Any]) -> StaffUser:
        """By the rules of granting, and never the last super administrator out."""
        return users.change(row.id, _values(values), row_version=row.row_version, by=principal())

    def perform_delete(self, row: StaffUser) -> None:
        """Hidden and logged out."""
        users.delete(row.id, by=principal())

    def perform_restore(self, row: StaffUser) -> None:
        """Back as they were."""
        users.restore(row.id, by=principal())

    def delete_effect(self, row: StaffUser) -> list[str]:
        """How many sessions end."""
        number = len(sessions.live(row.id))
        return [ngettext("%(num)d session ends.", "%(num)d sessions end.", number)] if number else []

    def saved_url(self, row: StaffUser) -> str:
        """Back to the user's page, where the log-in link is made."""
        return url_for(".details_view", id=row.id)

    def title_of(self, row: StaffUser) -> str:
        """The name."""
        return row.name

    @expose("/details/")
    def details_view(self) -> str:
        """One user, with sessions and the way to a new password."""
        return self._details(self.one_or_404())

    def _details(self, row: StaffUser, link: str | None = None) -> str:
        return self.render(
            "users/details.html",
            row=row,
            grid=self,
            cells=self.details(row),
            live=sessions.live(row.id),
            own=principal().session_id,
            link=link,
        )

    @expose("/link", methods=("POST",))
    def link(self) -> str:
        """Make a link to set a password and show it this once: it is kept nowhere, so there is no page to go on to."""
        row_id = self.one_or_404(request.form.get("id", "")).id
        with transaction():
            granting.check_user(principal(), row_id)
            path = one_time_links.password_link(row_id)
        return self._details(self.one_or_404(row_id), request.host_url.rstrip("/") + path)

    @expose("/sessions/end", methods=("POST",))
    def end_session(self) -> Response:
        """Log a user out of one browser, or of all."""
        row_id = self.one_or_404(request.form.get("user_id", "")).id
        with transaction():
            granting.check_user(principal(), row_id)
            if request.form.get("all"):
                number = sessions.end_all(row_id, but=principal().session_id)
            else:
                number = sessions.end(read_id(request.form.get("id", "")) or 0, user_id=row_id)
        flash(ngettext("%(num)d session is ended.", "%(num)d sessions are ended.", number), "success")
        return redirect(url_for(".details_view", id=row_id), 303)
