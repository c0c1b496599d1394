"""Roles: a matrix of rights that shows what a change would reach before it is made."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length

from gecko.db import transaction
from gecko.errors import Conflict, Invalid
from gecko.language import _ as lazy
from gecko.models.people import Role
from gecko.operations import roles
from gecko.permissions import LABELS, SEED_ROLES, SUPER, Permission

from .base import PageView, message_of, principal
from .grid.records import read_id

AREAS = (
    (lazy("Customers"), ("customer", "contact")),
    (lazy("Debtors and invoices"), ("debtor", "invoice")),
    (lazy("Purchases and items"), ("purchase", "item")),
    (lazy("System"), ("job", "view", "audit", "user", "settings")),
)
SEEDED = {
    "super": lazy("Super administrator"),
    "office": lazy("Office manager"),
    "accountant": lazy("Accountant"),
    "reviewer": lazy("Reviewer"),
    "receptionist": lazy("Receptionist"),
}


def role_name(role: Role) -> Any:
    """A seeded role that nobody renamed is called by its name in the reader's language."""
    if role.key and role.name == SEED_ROLES[role.key][0]:
        return SEEDED[role.key]
    return role.name


class RoleForm(FlaskForm):
    """A role's name; for a new one, the role whose rights it starts with."""

    name = StringField(lazy("Name"), [InputRequired(), Length(max=80)])
    like = SelectField(lazy("Starts with the rights of"), coerce=int, default=0)
    row_version = HiddenField()


class RolesView(PageView):
    """Who may do what."""

    permission = Permission.USER_MANAGE
    slug = "roles"
    title = lazy("Roles")
    icon = "user-shield"

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Response | str | tuple[str, int]:
        """The matrix; saving it shows first what would change and for how many."""
        if request.method == "GET":
            return self._matrix()
        wanted = _wanted()
        changes = roles.plan(wanted)
        if not changes:
            flash(_("Nothing was changed."), "info")
            return redirect(self.get_url(".index"), 303)
        if not request.form.get("confirmed"):
            names = {role.id: role_name(role) for role in roles.listed()}
            return self.render("roles/preview.html", changes=changes, names=names, posted=_posted(), labels=LABELS)
        try:
            with transaction():
                changes = roles.apply(wanted, versions=_versions(), by=principal())
        except Conflict:
            flash(
                _("Somebody else changed the roles meanwhile. Nothing was saved; here is what stands now."), "warning"
            )
            return self._matrix(), 409
        flash(_("The roles are saved. The change holds from each user's next click."), "success")
        return redirect(self.get_url(".index"), 303)

    def _matrix(self) -> str:
        who = principal()
        return self.render(
            "roles/index.html",
            roles=roles.listed(),
            users=roles.reached(),
            areas=[(label, _in_area(prefixes)) for label, prefixes in AREAS],
            labels=LABELS,
            may=lambda right: who.is_super or who.has(right),
            role_name=role_name,
            super_key=SUPER,
        )

    @expose("/new", methods=("GET", "POST"))
    def create(self) -> Response | str:
        """Make a role."""
        form = RoleForm()
        form.like.choices = [
            SelectChoice(0, _("No rights")),
            *(SelectChoice(role.id, str(role_name(role))) for role in _copyable()),
        ]
        if form.validate_on_submit():
            try:
                with transaction():
                    roles.create(form.name.data or "", like=form.like.data or None, by=principal())
            except Invalid as error:
                form.name.errors = [*form.name.errors, message_of(error)]
            else:
                flash(_("The role is created. Tick what it may do."), "success")
                return redirect(self.get_url(".index"), 303)
        return self.render("roles/form.html", form=form, role=None)

    @expose("/edit", methods=("GET", "POST"))
    def edit(self) -> Response | str:
        """Call a role something else."""
        role = roles.get(read_id(request.args.get("id", "")) or 0)
        form = RoleForm(obj=role)
        form.like.choices = [SelectChoice(0, "")]
        if form.validate_on_submit():
            version = read_id(form.row_version.data) or 0
            try:
                with transaction():
                    roles.rename(role.id, form.name.data or "", row_version=version)
            except Invalid as error:
                form.name.errors = [*form.name.errors, message_of(error)]
            else:
                flash(_("The role is saved."), "success")
                return redirect(self.get_url(".index"), 303)
        return self.render("roles/form.html", form=form, role=role)

    @expose("/delete", methods=("POST",))
    def delete(self) -> Response:
        """Remove a role that nobody has."""
        role_id = read_id(request.form.get("id", "")) or 0
        with transaction():
            roles.delete(role_id, by=principal())
        flash(_("The role is deleted."), "success")
        return redirect(self.get_url(".index"), 303)


def _copyable() -> list[Role]:
    who = principal()
    return [
        role
        for role in roles.listed()
        if who.is_super or (role.key != SUPER and {right.permission for right in role.permissions} <= who.permissions)
    ]


def _in_area(prefixes: tuple[str, ...]) -> list[Permission]:
    return [right for right in Permission if right.split(".")[0] in prefixes]


def _posted() -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name == "right" or name.startswith("version-")
    ]


def _versions() -> dict[int, int]:
    pairs = ((read_id(name.removeprefix("version-")), read_id(value)) for name, value in _posted() if name != "right")
    return {role_id: version for role_id, version in pairs if role_id and version}


def _wanted() -> dict[int, frozenset[str]]:
    """The ticks, with those that the reader may not move left as they are."""
    who, known = principal(), {str(right) for right in Permission}
    ticked: dict[int, set[str]] = {role_id: set() for role_id in _versions()}
    for value in request.form.getlist("right"):
        number, _colon, right = value.partition(":")
        role_id = read_id(number)
        if role_id in ticked and right in known:
            ticked[role_id].add(right)
    if who.is_super:
        return {role_id: frozenset(rights) for role_id, rights in ticked.items()}
    stand = {role.id: {right.permission for right in role.permissions} for role in roles.listed()}
    return {
        role_id: frozenset((rights & who.permissions) | (stand.get(role_id, set()) - who.permissions))
        for role_id, rights in ticked.items()
    }
