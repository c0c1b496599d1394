"""Delete with a preview and an undo; rows that can come back are hidden, not removed."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask_admin import expose
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.exc import IntegrityError

from gecko.clock import now
from gecko.db import db, transaction, write_patiently
from gecko.errors import Invalid

from ..guard import return_url
from .forms import Forms


class Deleting(Forms):
    """Delete and restore."""

    delete_permission: Any = None

    def perform_delete(self, row: Any) -> None:
        """Override to call one operation; hides the record where it can be hidden, else removes it."""
        if self.has_soft_delete:
            row.deleted_at = now()
        else:
            db.session.delete(row)

    def perform_restore(self, row: Any) -> None:
        """Override to call one operation; brings a hidden record back."""
        row.deleted_at = None

    def delete_effect(self, row: Any) -> list[str]:
        """Override: what deleting this record means, in sentences with numbers."""
        return []

    @expose("/delete/", methods=("GET", "POST"))
    def delete_view(self) -> Any:
        """Ask first, then delete."""
        self.demand(self.delete_permission)
        row = self.one_or_404()
        if request.method == "GET":
            return self.render(  # type: ignore[attr-defined]
                "admin/model/delete.html", row=row, grid=self, effect=self.delete_effect(row), return_url=self._back()
            )
        row_id, title = row.id, self.title_of(row)
        try:
            write_patiently(lambda: self._delete(row_id))
        except IntegrityError:
            raise Invalid("“%(name)s” is in use and cannot be deleted.", name=title) from None
        flash(self._deleted_message(row_id, title), "success")
        return redirect(self._back(), 303)

    def _delete(self, row_id: int) -> None:
        row = self.get_one(row_id)
        if row is None:
            abort(404)
        self.check_version(row, request.form.get("row_version"))
        self.perform_delete(row)

    def _deleted_message(self, row_id: int, title: str) -> str:
        if not self.has_soft_delete:
            return _("“%(name)s” is deleted.", name=title)
        return Markup(  # noqa: S704 (a template's escaped output)
            render_template(
                "admin/model/undo.html",
                title=title,
                row_id=row_id,
                action=self.get_url(".restore_view"),
                back=self._back(),  # type: ignore[attr-defined]
            )
        )

    @expose("/restore/", methods=("POST",))
    def restore_view(self) -> Any:
        """Undo a deletion; doing it twice changes nothing."""
        self.demand(self.delete_permission if self.has_soft_delete else None)
        row_id = self.one_or_404(with_deleted=True).id
        with transaction():
            row = self.one_or_404(row_id, with_deleted=True)
            if row.deleted_at is not None:
                self.perform_restore(row)
        flash(_("“%(name)s” is back.", name=self.title_of(self.one_or_404(row_id))), "success")
        return redirect(self._back(), 303)

    def _back(self) -> str:
        return return_url(self.get_url(".index_view"))  # type: ignore[attr-defined]
