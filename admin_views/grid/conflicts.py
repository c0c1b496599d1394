"""Two people, one record: a stale save is refused, and both versions are shown field by field."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import request
from wtforms import Form

from gecko.errors import Conflict

from .raw import as_formdata, raw, shown, snapshot
from .records import Records


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that stands differently in the two versions. `choice` is what is ticked at first."""

    name: str
    label: Any
    mine: str
    theirs: str
    mine_raw: list[str]
    choice: str
    is_both: bool


class Conflicts(Records):
    """Optimistic locking for GridView."""

    def check_version(self, row: Any, seen: str | None) -> None:
        """Raise Conflict unless the form was filled in over the record as it stands."""
        if self.has_version and seen != str(row.row_version):
            raise Conflict

    def resolved(self, row: Any) -> Any:
        """The conflict page's answer as form data: for each field the chosen version."""
        theirs = snapshot(self._edit_form_class(None, obj=row))  # type: ignore[attr-defined]
        values = {}
        for name, current in theirs.items():
            mine = request.form.getlist(f"mine-{name}")
            values[name] = current if request.form.get(f"choice-{name}") == "theirs" else mine
        return as_formdata(values)

    def conflict_page(self, row_id: int, form: Form) -> Any:
        """Show what was typed beside what stands now; nothing is lost, nothing is overwritten."""
        row = self.one_or_404(row_id)
        current = self._edit_form_class(None, obj=row)  # type: ignore[attr-defined]
        original = self._original()
        differences, kept = [], {}
        for field in form:
            if field.name not in snapshot(current):
                continue
            mine, theirs = raw(field), raw(current[field.name])
            if mine == theirs:
                kept[field.name] = mine
                continue
            differences.append(self._difference(field, current[field.name], original.get(field.name)))
        page = self.render(  # type: ignore[attr-defined]
            "admin/model/conflict.html",
            row=row,
            grid=self,
            differences=differences,
            kept=kept,
            original=json.dumps(snapshot(current), ensure_ascii=False),
            changed_by=self.last_change(row),
        )
        return page, 409

    def _difference(self, mine: Any, theirs: Any, before: list[str] | None) -> Difference:
        i_changed = before is None or raw(mine) != before
        they_changed = before is None or raw(theirs) != before
        return Difference(
            name=mine.name,
            label=mine.label.text,
            mine=shown(mine),
            theirs=shown(theirs),
            mine_raw=raw(mine),
            choice="mine" if i_changed else "theirs",
            is_both=i_changed and they_changed,
        )

    def _original(self) -> dict[str, list[str]]:
        """What the form showed when it was opened, as it carried along; only sets what is ticked at first."""
        try:
            found = json.loads(request.form.get("original", ""))
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def last_change(self, row: Any) -> Any:
        """The log's newest entry about the record: who saved meanwhile, and when."""
        from sqlalchemy import select

        from gecko.db import db
        from gecko.models.audit import AuditEntry

        return db.session.scalar(
            select(AuditEntry)
            .where(AuditEntry.entity == self.table.name, AuditEntry.entity_id == str(row.id))
            .order_by(AuditEntry.id.desc())
            .limit(1)
        )
