"""How each user likes a grid: columns, page size, saved views."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from flask import abort, flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _
from sqlalchemy import Select, and_, bindparam, or_, select
from sqlalchemy.orm import aliased

from gecko.db import db, transaction
from gecko.models.people import StaffUser
from gecko.models.saved_views import GridChoice, SavedView
from gecko.permissions import Permission

from ..guard import holds, return_url
from ..login import principal
from .config import Declared
from .records import read_id
from .state import SIZES, read_query

LONGEST_NAME = 60


@dataclass(slots=True)
class Choice:
    """A user's taste in one grid."""

    columns: list[str] | None = None
    size: int = 50
    views: list[tuple[SavedView, str]] = field(default_factory=list)
    """Each with its owner's name."""


@cache
def _chosen() -> Select[Any]:
    """Built once: every list asks it."""
    me, endpoint, owner = bindparam("me"), bindparam("endpoint"), aliased(StaffUser)
    return (
        select(GridChoice.columns, GridChoice.page_size, SavedView, owner.name)
        .select_from(StaffUser)
        .outerjoin(GridChoice, and_(GridChoice.user_id == StaffUser.id, GridChoice.endpoint == endpoint))
        .outerjoin(
            SavedView,
            and_(SavedView.endpoint == endpoint, or_(SavedView.user_id == StaffUser.id, SavedView.is_shared)),
        )
        .outerjoin(owner, owner.id == SavedView.user_id)
        .where(StaffUser.id == me)
        .order_by(SavedView.name, SavedView.id)
        .limit(50)
    )


class Choices(Declared):
    """Column chooser and saved views."""

    endpoint: str

    def choice(self) -> Choice:
        """What the user chose for this grid, and the views they may open."""
        found = db.session.execute(_chosen(), {"me": principal().user_id, "endpoint": self.endpoint}).all()
        columns, size = (found[0][0], found[0][1]) if found else (None, None)
        return Choice(columns, size or 50, [(view, name) for _columns, _size, view, name in found if view is not None])

    @expose("/columns", methods=("POST",))
    def columns_view(self) -> Any:
        """Remember columns, their order and the page size."""
        wanted = [name for name in request.form.getlist("column") if name in self.columns]
        size = request.form.get("size", "")
        user_id = principal().user_id
        with transaction() as session:
            if request.form.get("reset"):
                wanted, size = [], ""
            stored = session.get(GridChoice, (user_id, self.endpoint))
            if stored is None:
                stored = GridChoice(user_id=user_id, endpoint=self.endpoint)
                session.add(stored)
            stored.columns = wanted or None
            stored.page_size = int(size) if size in map(str, SIZES) else None
        return redirect(self._list_url(), 303)

    @expose("/views", methods=("POST",))
    def save_view(self) -> Any:
        """Save the list as it stands under a name; the same name again replaces it."""
        name = " ".join(request.form.get("name", "").split())[:LONGEST_NAME]
        wants_share = bool(request.form.get("share"))
        if wants_share and not holds(Permission.VIEW_SHARE):
            abort(403)
        if not name:
            flash(_("Give the view a name."), "danger")
            return redirect(self._list_url(), 303)
        query, user_id = plain_query(), principal().user_id
        with transaction() as session:
            view = session.scalar(
                select(SavedView).where(
                    SavedView.user_id == user_id, SavedView.endpoint == self.endpoint, SavedView.name == name
                )
            )
            if view is None:
                view = SavedView(user_id=user_id, endpoint=self.endpoint, name=name, query=query)
                session.add(view)
            view.query, view.is_shared = query, wants_share
        flash(_("The view “%(name)s” is saved.", name=name), "success")
        return redirect(self._list_url(query), 303)

    @expose("/views/delete", methods=("POST",))
    def delete_saved_view(self) -> Any:
        """Delete one of one's own views; those who may share may remove shared ones too."""
        view_id, user_id = read_id(request.form.get("view")), principal().user_id
        with transaction() as session:
            view = session.get(SavedView, view_id) if view_id else None
            if view is None or view.endpoint != self.endpoint:
                abort(404)
            if view.user_id != user_id and not (view.is_shared and holds(Permission.VIEW_SHARE)):
                abort(404)
            session.delete(view)
        flash(_("The view is deleted."), "success")
        return redirect(self._list_url(), 303)

    def _list_url(self, query: str = "") -> str:
        plain = self.get_url(".index_view")  # type: ignore[attr-defined]
        return f"{plain}?{query}" if query else return_url(plain)


def plain_query() -> str:
    """The list that a form was sent from, without the place in it: search, sort and filters."""
    return read_query(request.form.get("query", "")[:2000]).query_string()
