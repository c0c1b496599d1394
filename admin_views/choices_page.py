"""A page of settings: saved over what was seen, or shown again beside what others chose meanwhile."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from flask_admin import expose
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from gecko.db import transaction
from gecko.errors import Conflict, Invalid
from gecko.operations import settings

from .base import PageView, message_of


class ChoicesPage(PageView):
    """A form over settings, in groups; its hidden field `seen` names the state it was filled in over."""

    form_class: type[FlaskForm]
    template = "settings/index.html"

    def current(self) -> dict[str, Any]:
        """Override: what is chosen now, by field."""
        raise NotImplementedError

    def chosen(self, form: Any) -> dict[str, Any]:
        """Override: what a valid form says, by setting; raises Invalid."""
        raise NotImplementedError

    def groups(self, form: Any) -> tuple[tuple[Any, tuple[str, ...]], ...]:
        """Override: headings, each with the names of its fields."""
        raise NotImplementedError

    def blamed(self, error: Invalid) -> str:
        """The field that an error is about."""
        return error.field or "seen"

    def facts(self) -> dict[str, Any]:
        """Override: what else the template shows."""
        return {}

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Response | str | tuple[str, int]:
        """See and change the choices; a form filled in over other people's changes is shown again."""
        form = self.form_class(data={**self.current(), "seen": settings.fingerprint()})
        if not form.validate_on_submit():
            return self._page(form)
        try:
            with transaction():
                changed = settings.save(self.chosen(form), seen=form.seen.data or "")
        except Invalid as error:
            field = form[self.blamed(error)]
            field.errors = [*field.errors, message_of(error)]
            return self._page(form)
        except (Conflict, StaleDataError, IntegrityError):
            return self._conflict(form), 409
        if changed:
            flash(_("The settings are saved."), "success")
        else:
            flash(_("Nothing was changed."), "info")
        return redirect(self.get_url(".index"), 303)

    def _conflict(self, form: Any) -> str:
        now = self.current()
        names = [name for _heading, fields in self.groups(form) for name in fields]
        theirs = [(form[name].label.text, form[name].data, now[name]) for name in names if form[name].data != now[name]]
        form.seen.data = settings.fingerprint()
        return self._page(form, theirs)

    def _page(self, form: Any, theirs: list[Any] | None = None) -> str:
        return str(self.render(self.template, form=form, groups=self.groups(form), theirs=theirs, **self.facts()))
