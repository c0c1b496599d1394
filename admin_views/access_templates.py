"""Access templates: what several users share, with the number of users a change reaches."""

from __future__ import annotations

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import InputRequired, Length

from gecko.db import db, transaction
from gecko.errors import Conflict, GeckoError, NotAllowed, NotFound
from gecko.language import _ as lazy
from gecko.models.people import AccessTemplate
from gecko.operations import access_templates
from gecko.operations.access_templates import TemplateValues
from gecko.permissions import Permission

from .base import PageView, message_of, principal
from .grid.records import read_id
from .record_choices import CheckboxListField, group_choices, role_choices


class TemplateForm(FlaskForm):
    """What a template lends."""

    name = StringField(lazy("Name"), [InputRequired(), Length(max=80)])
    roles = CheckboxListField(lazy("Roles"), choices=role_choices)
    is_limited = BooleanField(lazy("Sees only customers of certain groups"))
    groups = CheckboxListField(
        lazy("Customer groups"), choices=group_choices, description=lazy("Counts only where the tick above is set.")
    )
    row_version = HiddenField()

    def values(self) -> TemplateValues:
        """As the operation takes them."""
        return TemplateValues(
            name=self.name.data or "",
            is_limited=bool(self.is_limited.data),
            role_ids=frozenset(self.roles.data or ()),
            group_ids=frozenset(self.groups.data or ()),
        )


class AccessTemplatesView(PageView):
    """Bundles of roles and groups."""

    permission = Permission.USER_MANAGE
    slug = "access_templates"
    title = lazy("Access templates")
    icon = "template"

    def __init__(self) -> None:
        super().__init__(url="/access-templates")

    @expose("/")
    def index(self) -> str:
        """Every template with what it lends and to how many."""
        return self.render(
            "access_templates/index.html", templates=access_templates.listed(), users=access_templates.reached()
        )

    @expose("/new", methods=("GET", "POST"))
    def create(self) -> Response | str:
        """Make a template."""
        form = TemplateForm()
        if form.validate_on_submit():
            try:
                with transaction():
                    access_templates.create(form.values(), by=principal())
            except (NotFound, NotAllowed):
                raise
            except GeckoError as error:
                _show(form, error)
            else:
                flash(_("The access template is created."), "success")
                return redirect(self.get_url(".index"), 303)
        return self._form(form, None)

    @expose("/edit", methods=("GET", "POST"))
    def edit(self) -> Response | str | tuple[str, int]:
        """Change a template; where users have it, the effect is shown first."""
        template_id = read_id(request.args.get("id", "")) or 0
        template = access_templates.get(template_id)
        form = TemplateForm(obj=template)
        if not form.validate_on_submit():
            return self._form(form, template)
        users = access_templates.reached().get(template_id, 0)
        if users and not request.form.get("confirmed"):
            return self.render(
                "access_templates/preview.html", form=form, record=template, users=users, posted=_posted()
            )
        try:
            with transaction():
                reached = access_templates.change(
                    template_id, form.values(), row_version=read_id(form.row_version.data) or 0, by=principal()
                )
        except Conflict:
            return self._stale(form, template_id), 409
        except (NotFound, NotAllowed):
            raise
        except GeckoError as error:
            _show(form, error)
            return self._form(form, access_templates.get(template_id))
        flash(ngettext("Saved; it reaches %(num)d user.", "Saved; it reaches %(num)d users.", reached), "success")
        return redirect(self.get_url(".index"), 303)

    def _stale(self, form: TemplateForm, template_id: int) -> str:
        """What was typed stays, now over the version that stands; the preview shows both before it is saved."""
        db.session.expire_all()
        template = access_templates.get(template_id)
        form.row_version.data = str(template.row_version)
        form.form_errors.append(
            _("Somebody else changed the template meanwhile. What you chose is kept; save again to use it.")
        )
        return self._form(form, template)

    def _form(self, form: TemplateForm, template: AccessTemplate | None) -> str:
        users = access_templates.reached().get(template.id, 0) if template else 0
        return self.render("access_templates/form.html", form=form, record=template, users=users)

    @expose("/delete", methods=("POST",))
    def delete(self) -> Response:
        """Remove a template that nobody has."""
        template_id = read_id(request.form.get("id", "")) or 0
        with transaction():
            access_templates.delete(template_id, by=principal())
        flash(_("The access template is deleted."), "success")
        return redirect(self.get_url(".index"), 303)


def _show(form: TemplateForm, error: GeckoError) -> None:
    field = form[error.field] if getattr(error, "field", None) in form else form.name
    field.errors = [*field.errors, message_of(error)]


def _posted() -> list[tuple[str, str]]:
    return [pair for pair in request.form.items(multi=True) if pair[0] in TemplateForm.__dict__]
