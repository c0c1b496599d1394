"""The look-up that form fields use to find one of many records: few results, the grid's own right and scope."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request
from flask_admin import expose
from sqlalchemy import select

from gecko.db import db

from .listing import Listing
from .state import LONGEST_SEARCH, GridState

MOST_RESULTS = 20


class Lookup(Listing):
    """`/<endpoint>/lookup?q=`."""

    @expose("/lookup")
    def lookup_view(self) -> Any:
        """Up to twenty records as [{id, text}]; `id=` names one."""
        wanted = request.args.get("id")
        if wanted is not None:
            row = self.get_one(wanted)
            return jsonify([] if row is None else [self._result(row)])
        limit = request.args.get("limit", MOST_RESULTS, type=int)
        size = max(1, min(limit, MOST_RESULTS))
        return jsonify([self._result(row) for row in self.lookup_rows(request.args.get("q", ""), size)])

    def lookup_rows(self, typed: str, size: int) -> list[Any]:
        """The first records that match what was typed, in the grid's order."""
        state = GridState(search=" ".join(typed[:LONGEST_SEARCH].split()), size=size)
        ids = self.source(state)[0].page(state).ids
        rows = {row.id: row for row in db.session.scalars(select(self.model).where(self.model.id.in_(ids)))}
        return [rows[row_id] for row_id in ids if row_id in rows]

    def _result(self, row: Any) -> dict[str, str]:
        return {"id": str(row.id), "text": self.lookup_text(row)}

    def lookup_text(self, row: Any) -> str:
        """Override: how a record is written in a look-up's list."""
        return self.title_of(row)
