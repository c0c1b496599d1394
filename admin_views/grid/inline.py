"""Edit one cell in the list: the cell becomes a small form, saving gives back the row."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from flask_admin import expose
from wtforms import Form

from gecko.errors import Conflict

from .deleting import Deleting
from .listing import GridPage, Listing
from .markup import RowMarkup
from .raw import as_formdata, snapshot
from .source import Found
from .state import GridState
from .totals import Total


class Inline(RowMarkup, Listing, Deleting):
    """Editing in place for `inline_columns`; the edit page is the way without JavaScript."""

    @expose("/inline", methods=("GET", "POST"))
    def inline_view(self) -> Any:
        """GET: the cell's form. POST: save under the row's version, and answer with the row as it is now."""
        self.demand(self.edit_permission)
        column = request.values.get("column", "")
        if column not in self.inline_columns:
            abort(404)
        row = self.one_or_404()
        if request.method == "GET":
            return self._editor(row, column, self.bind_form(self._edit_form_class, None, row))  # type: ignore[attr-defined]
        values = snapshot(self.bind_form(self._edit_form_class, None, row))  # type: ignore[attr-defined]
        values[column] = request.form.getlist(column)
        form = self.bind_form(self._edit_form_class, as_formdata(values), row)  # type: ignore[attr-defined]
        if not form.validate():
            return self._editor(row, column, form), 422
        row_id = row.id
        try:
            saved = self._attempt(form, lambda: self._update_cell(row_id, column, form))
        except Conflict:
            row = self.one_or_404(row_id)
            form = self.bind_form(self._edit_form_class, request.form, row)  # type: ignore[attr-defined]
            return self._editor(row, column, form, is_stale=True), 409
        if saved is None:
            return self._editor(self.one_or_404(row_id), column, form), 422
        return self._row(row_id)

    def _update_cell(self, row_id: int, column: str, form: Form) -> Any:
        row = self.one_or_404(row_id)
        self.check_version(row, request.form.get("row_version"))
        return self.perform_update(row, self.inline_values(row, column, form)) or row

    def inline_values(self, row: Any, column: str, form: Form) -> dict[str, Any]:
        """Override where an operation wants every field: what is handed to `perform_update` for one cell."""
        return {column: form[column].data}

    def _editor(self, row: Any, column: str, form: Form, *, is_stale: bool = False) -> str:
        shown = self.columns.get(column)
        theirs = self.cell(row, shown) if shown is not None and is_stale else None
        return self.render(  # type: ignore[attr-defined,no-any-return]
            "admin/model/editor.html", grid=self, row=row, column=column, field=form[column], is_stale=is_stale,
            theirs=theirs, errors=[*form[column].errors, *form.form_errors],
        )  # fmt: skip

    def _row(self, row_id: int) -> Any:
        shown = self.shown_columns(self.choice().columns)  # type: ignore[attr-defined]
        state = GridState()
        rows = self.load_rows([row_id], shown)
        page = GridPage(state, shown, rows, self.shown_values(rows, shown), Found([row_id]), Total(1), [], "", False)
        back = self.get_url(".index_view")  # type: ignore[attr-defined]
        return self.render("admin/model/one_row.html", grid=self, page=page, row=rows[0], state=state, back=back)  # type: ignore[attr-defined]
