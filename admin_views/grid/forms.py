"""Create, see and edit one record: the right is checked, the transaction opened, the version compared."""

from __future__ import annotations

import json
from typing import Any

from flask import abort, flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from wtforms import Form

from gecko.db import db, write_patiently
from gecko.errors import Conflict, GeckoError, Invalid

from ..guard import holds, message_of, return_url
from .conflicts import Conflicts
from .raw import snapshot
from .records import Records
from .rows import Rows

UNSEEN = ("HiddenField", "CSRFTokenField")


class Forms(Conflicts, Rows, Records):
    """The pages of one record."""

    create_permission: Any = None
    edit_permission: Any = None
    form_groups: Any = None
    """((heading, (field, ...)), ...); every field in one card where not given."""

    def perform_create(self, values: dict[str, Any]) -> Any:
        """Override to call one operation; makes and returns the record inside the open transaction."""
        row = self.model(**values)
        db.session.add(row)
        return row

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """Override to call one operation; changes the record inside the open transaction."""
        for name, value in values.items():
            setattr(row, name, value)

    def form_values(self, form: Form) -> dict[str, Any]:
        """What a valid form says, by field."""
        return {field.name: field.data for field in form}

    def bind_form(self, form_class: type[Form], formdata: Any, row: Any = None) -> Form:
        """A form over posted data and a record."""
        return form_class(formdata, obj=row)

    def saved_url(self, row: Any) -> str:
        """Where people go after saving."""
        return return_url(self.get_url(".details_view", id=row.id))  # type: ignore[attr-defined]

    @expose("/details/")
    def details_view(self) -> Any:
        """One record to read."""
        row = self.one_or_404(with_deleted=holds(self.delete_permission))  # type: ignore[attr-defined]
        return self.render("admin/model/details.html", row=row, grid=self, cells=self.details(row))  # type: ignore[attr-defined]

    def details(self, row: Any) -> list[tuple[Any, Any]]:
        """Label and value of everything the details page shows."""
        extra = self.shown_values([row], list(self.columns.values()))
        return [(column.label, self.cell(row, column, extra)) for column in self.columns.values()]

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> Any:
        """Create one record."""
        self.demand(self.create_permission)
        form = self.bind_form(self._create_form_class, request.form if request.method == "POST" else None)  # type: ignore[attr-defined]
        if request.method == "GET":
            self.prefill(form)
        elif form.validate():
            row_id = self._attempt(form, lambda: self.perform_create(self.form_values(form)))
            if row_id is not None:
                return self._created(row_id)
        return self._form_page("admin/model/create.html", form, None)

    def prefill(self, form: Form) -> None:
        """Override: put proposals into an empty create form."""

    def _created(self, row_id: int) -> Any:
        row = self.get_one(row_id)
        if row is None:  # made outside what its maker may see
            flash(_("The record is created."), "success")
            return redirect(self.get_url(".index_view"), 303)  # type: ignore[attr-defined]
        flash(_("“%(name)s” is created.", name=self.title_of(row)), "success")
        again = request.form.get("_add_another")
        return redirect(self.get_url(".create_view") if again else self.saved_url(row), 303)  # type: ignore[attr-defined]

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> Any:
        """Edit one record; a save over somebody else's change leads to the conflict page."""
        self.demand(self.edit_permission)
        row = self.one_or_404(request.args.get("id", ""))
        if request.method == "GET":
            return self._form_page("admin/model/edit.html", self.bind_form(self._edit_form_class, None, row), row)  # type: ignore[attr-defined]
        formdata = self.resolved(row) if request.form.get("resolve") else request.form
        form = self.bind_form(self._edit_form_class, formdata, row)  # type: ignore[attr-defined]
        if form.validate():
            try:
                row_id = self._attempt(form, lambda: self._update(row.id, form))
            except Conflict:
                return self.conflict_page(row.id, form)
            if row_id is not None:
                return self._saved(row_id)
        return self._form_page("admin/model/edit.html", form, self.one_or_404(row.id))

    def _update(self, row_id: int, form: Form) -> Any:
        row = self.get_one(row_id)
        if row is None:
            abort(404)
        self.check_version(row, request.form.get("row_version"))
        changed = self.perform_update(row, self.form_values(form))
        return row if changed is None else changed

    def _saved(self, row_id: int) -> Any:
        row = self.get_one(row_id)
        if row is None:  # moved out of what its editor may see
            flash(_("The record is saved."), "success")
            return redirect(self.get_url(".index_view"), 303)  # type: ignore[attr-defined]
        flash(_("“%(name)s” is saved.", name=self.title_of(row)), "success")
        return redirect(self.saved_url(row), 303)

    def _attempt(self, form: Form, work: Any) -> int | None:
        """Do `work` in one transaction; a rule's refusal becomes a form error and None. A Conflict goes on up."""
        try:
            row_id: int = write_patiently(lambda: self._written(work()))
        except StaleDataError:
            raise Conflict from None
        except Conflict:
            raise
        except GeckoError as error:
            self.show_error(form, error)
            return None
        except IntegrityError as error:
            self.show_error(form, self.integrity_error(error))
            return None
        else:
            return row_id

    def _written(self, row: Any) -> int:
        db.session.flush()
        return int(row.id)

    def integrity_error(self, error: IntegrityError) -> GeckoError:
        """Override: what a broken constraint means to people."""
        taken = "unique" in str(error.orig).lower()
        return Invalid("This already exists.") if taken else Invalid("The database refused these values.")

    def show_error(self, form: Form, error: GeckoError) -> None:
        """Put a refusal beside its field, or on top of the form."""
        name = getattr(error, "field", None)
        if name and name in form:
            form[name].errors = [*form[name].errors, message_of(error)]
        else:
            form.form_errors.append(message_of(error))

    def demand(self, permission: Any) -> None:
        """404 where the action does not exist on this grid, 403 where the user lacks the right."""
        if permission is None:
            abort(404)
        if not holds(permission):
            abort(403)

    def grouped(self, form: Form) -> list[tuple[Any, list[Any]]]:
        """The form's fields under their headings; those in no group stand last."""
        groups = [
            (heading, [form[name] for name in names if name in form]) for heading, names in self.form_groups or ()
        ]
        placed = {field.name for _heading, fields in groups for field in fields}
        rest = [field for field in form if field.name not in placed]
        if groups and all(field.type in UNSEEN for field in rest):  # they make no card of their own
            groups[0][1].extend(rest)
            rest = []
        return [group for group in [*groups, ("", rest)] if group[1]]

    def _form_page(self, template: str, form: Form, row: Any) -> Any:
        failed = request.method == "POST"
        original = request.form.get("original") if failed else None
        return self.render(  # type: ignore[attr-defined]
            template,
            form=form,
            row=row,
            grid=self,
            groups=self.grouped(form),
            row_version=request.form.get("row_version") if failed else getattr(row, "row_version", ""),
            original=original or (json.dumps(snapshot(form), ensure_ascii=False) if row is not None else ""),
            return_url=return_url(self.get_url(".index_view")),  # type: ignore[attr-defined]
        ), (422 if failed else 200)
