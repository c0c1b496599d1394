"""Merges: who was merged into whom, what that moved, and the way back."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext

from gecko.db import transaction
from gecko.errors import Conflict
from gecko.language import _
from gecko.models.merges import Merge
from gecko.operations import merging
from gecko.operations.duplicates import deciding
from gecko.operations.merging import reading
from gecko.permissions import Permission

from ..grid.records import read_id
from ..guard import PageView, holds, require
from ..login import principal
from . import words


class MergesView(PageView):
    """The list of merges, one merge, and undoing it."""

    permission = Permission.DUPLICATE_REVIEW
    slug = "merges"
    title = _("Merges")
    icon = "switch-horizontal"

    @expose("/")
    def index(self) -> Any:
        """Merges, newest first."""
        mine = request.args.get("mine") == "1"
        page = reading.page(principal(), mine=mine, before=read_id(request.args.get("before")))
        return self.render(
            "merges/list.html",
            merges=page.merges,
            older=page.older,
            mine=mine,
            names=reading.actors(page.merges),
            total=lambda merge: sum(count for _label, count in reading.moved(merge.counts)),
        )

    @expose("/<int:merge_id>")
    def show(self, merge_id: int) -> Any:
        """One merge."""
        return self._page(reading.get(merge_id, principal()))

    @expose("/<int:merge_id>/undo", methods=("POST",))
    def undo(self, merge_id: int) -> Any:
        """Show what undoing would do; with `confirmed` do it."""
        require(Permission.DUPLICATE_UNDO)
        merge = reading.get(merge_id, principal())
        try:
            if request.form.get("confirmed") != "1":
                return self._preview(merge)
            with transaction():
                undone = deciding.undo_merge(merge_id, principal=principal())
        except merging.Blocked as error:
            return self._page(reading.get(merge_id, principal()), hindrances=error.hindrances), 409
        if undone.is_new:
            flash(gettext("The merge is undone."), "success")
            for sentence in undone.kept:
                flash(str(sentence), "info")
        return redirect(url_for(".show", merge_id=merge_id), 303)

    def _preview(self, merge: Merge) -> Any:
        if merge.undone_at is not None:
            raise Conflict(_("This merge is undone already."))
        undone = reading.try_undo(merge.id, principal=principal())
        return self._page(reading.get(merge.id, principal()), preview=undone)

    def _page(self, merge: Merge, *, preview: merging.Undone | None = None, hindrances: Any = ()) -> Any:
        return self.render(
            "merges/show.html",
            merge=merge,
            names=reading.actors([merge]),
            moved=reading.moved(merge.counts),
            changes=reading.changes(merge),
            preview=preview,
            back=reading.moved(preview.back) if preview else [],
            hindrances=[str(one) for one in hindrances],
            facts=words.facts,
            shown=words.shown,
            may_undo=merge.undone_at is None and holds(Permission.DUPLICATE_UNDO),
        )
