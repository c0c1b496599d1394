"""One record: found by the address's id, through the row-level policy, or not at all."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from sqlalchemy import select

from gecko.db import db

from .config import Declared

LARGEST_ID = 2**63 - 1


def read_id(text: Any) -> int | None:
    """A record's id out of an address or form; None where it can be none (`1,2`, letters, a number too large)."""
    if isinstance(text, int):
        return text if 0 < text <= LARGEST_ID else None
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    return read_id(int(text))


class Records(Declared):
    """Fetching single records."""

    def scope(self, statement: Any) -> Any:
        """Override: narrow a statement over the model to what the user may see, by `.where` alone."""
        return statement

    def get_one(self, id: Any, *, with_deleted: bool = False) -> Any:  # noqa: A002
        """The record of an id that the user may see, or None."""
        row_id = read_id(id)
        if row_id is None:
            return None
        statement = self.scope(select(self.model).where(self.model.id == row_id))
        if self.has_soft_delete and not with_deleted:
            statement = statement.where(self.model.deleted_at.is_(None))
        return db.session.scalar(statement)

    def one_or_404(self, id: Any = None, *, with_deleted: bool = False) -> Any:  # noqa: A002
        """The record named by `id` or the request; 404 where there is none for this user."""
        row = self.get_one(request.values.get("id") if id is None else id, with_deleted=with_deleted)
        if row is None:
            abort(404)
        return row
