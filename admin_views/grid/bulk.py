"""Many rows at once: chosen ones or everything that matches; the effect is shown in numbers before anything happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import abort, flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from gecko import chunks
from gecko.db import db, transaction
from gecko.errors import GeckoError, NotFound
from gecko.operations import job_runs
from jobs import queue

from ..guard import Needed, holds, message_of
from ..login import principal
from . import state as states
from .columns import label_of
from .inline import Inline
from .raw import as_formdata, snapshot
from .records import read_id

AT_ONCE = 200
"""Rows that are changed while the page waits; more become a job."""


@dataclass(frozen=True, slots=True)
class BulkAction:
    """Something to do with each of many rows: `apply(view, row)` calls one operation inside the open transaction."""

    label: Any
    permission: Needed
    apply: Callable[[Any, Any], object]
    warning: Any = ""


@dataclass(frozen=True, slots=True)
class BulkPage:
    """Something to do with many rows that has a page of its own: it is posted what was chosen (see `Bulk.chosen`)."""

    label: Any
    permission: Needed
    endpoint: str


@dataclass(slots=True)
class Chosen:
    """What a bulk form names: ids, or everything that a query matches; and what to do."""

    action: str
    ids: list[int] = field(default_factory=list)
    query: str | None = None
    value: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """What came of it."""

    changed: int = 0
    refused: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def refuse(self, reason: str) -> None:
        """Count a row that a rule turned away."""
        self.refused += 1
        self.reasons[reason] = self.reasons.get(reason, 0) + 1


class Bulk(Inline):
    """Bulk edit of `bulk_edit_columns`, delete, and what a grid adds in `bulk_actions`."""

    def bulk_actions(self) -> dict[str, BulkAction]:
        """Override to add actions: {key: BulkAction}."""
        return {}

    def bulk_pages(self) -> dict[str, BulkPage]:
        """Override to add pages: {key: BulkPage}."""
        return {}

    def has_bulk(self) -> bool:
        """Whether anything can be done with several rows at once."""
        return bool(self.bulk_choices())

    def bulk_choices(self) -> list[tuple[str, Any]]:
        """What the user may do with several rows."""
        found: list[tuple[str, Any]] = []
        if holds(self.edit_permission):
            found += [
                (f"set:{name}", _("Change %(field)s", field=self._label(name))) for name in self.bulk_edit_columns
            ]
        offered = {**self.bulk_actions(), **self.bulk_pages()}
        found += [(key, one.label) for key, one in offered.items() if holds(one.permission)]
        if holds(self.delete_permission):
            found.append(("delete", _("Delete")))
        return found

    def _label(self, name: str) -> Any:
        return (self.column_labels or {}).get(name) or label_of(name)

    @expose("/bulk", methods=("POST",))
    def bulk_view(self) -> Any:
        """First show what would happen, then, confirmed, do it: now for few rows, as a job for many."""
        chosen = self.chosen()
        words = dict(self.bulk_choices()).get(chosen.action)
        if words is None:
            abort(403)
        count = self.count_chosen(chosen)
        if count == 0:
            flash(_("No row is selected."), "danger")
            return redirect(self._back(), 303)
        if page := self.bulk_pages().get(chosen.action):
            return redirect(self.get_url(page.endpoint), 307)  # type: ignore[attr-defined]
        form = self._value_form(chosen)
        if not request.form.get("confirmed") or (form is not None and not form.validate()):
            return self._preview(chosen, words, count, form)
        if count > AT_ONCE:
            return self._start(chosen)
        outcome = self.do_bulk(chosen)
        self._report(chosen, outcome)
        return redirect(self._back(), 303)

    def chosen(self) -> Chosen:
        """What the form that was sent names."""
        ids = [found for text in request.form.getlist("ids") if (found := read_id(text))]
        action = request.form.get("action", "")
        query = request.form.get("query", "")[:2000] if request.form.get("all") else None
        name = action.removeprefix("set:")
        value = request.form.getlist(name) if action.startswith("set:") else []
        return Chosen(action, [] if query is not None else list(dict.fromkeys(ids)), query, value)

    def count_chosen(self, chosen: Chosen) -> int:
        """How many of the chosen rows the user may really see."""
        if chosen.query is not None:
            state = states.read_query(chosen.query)
            return 0 if state.is_deleted else self.source(state)[0].exact_count()  # the deleted are only restored
        return len(self.visible(chosen.ids))

    def visible(self, ids: list[int]) -> list[int]:
        """Those of `ids` that exist, are not deleted, and may be seen."""
        found: set[int] = set()
        for start in range(0, len(ids), 500):
            statement = self.scope(select(self.model.id).where(self.model.id.in_(ids[start : start + 500])))
            if self.has_soft_delete:
                statement = statement.where(self.model.deleted_at.is_(None))
            found |= set(db.session.scalars(statement))
        return [row_id for row_id in ids if row_id in found]

    def _value_form(self, chosen: Chosen) -> Any:
        """The edit form with only the field that is to be set."""
        if not chosen.action.startswith("set:"):
            return None
        name = chosen.action.removeprefix("set:")
        data = request.form if request.form.get("confirmed") else None
        form = self.bind_form(self._edit_form_class, data)  # type: ignore[attr-defined]
        for other in [one.name for one in form if one.name != name]:
            del form[other]
        return form

    def _preview(self, chosen: Chosen, words: Any, count: int, form: Any) -> Any:
        action = self.bulk_actions().get(chosen.action)
        page = self.render(  # type: ignore[attr-defined]
            "admin/model/bulk_preview.html", grid=self, chosen=chosen, words=words, count=count, form=form,
            warning=action.warning if action else "", is_job=count > AT_ONCE, back=self._back(), once=self.once(),
        )  # fmt: skip
        return page, (422 if request.form.get("confirmed") else 200)

    def _start(self, chosen: Chosen) -> Any:
        user_id = principal().user_id
        parameters = {"endpoint": self.endpoint, "action": chosen.action, "ids": chosen.ids,
                      "query": chosen.query, "value": chosen.value}  # type: ignore[attr-defined]  # fmt: skip
        with transaction():
            key = f"{user_id}:{request.form.get('once', '')[:40]}"
            run_id = job_runs.create(kind="grid.bulk", key=key, parameters=parameters, user_id=user_id)
        queue.wake(run_id)
        return redirect(f"/jobs/{run_id}", 303)

    def matching(self, chosen: Chosen, *, above: int = 0) -> Iterator[int]:
        """The ids to work on, by id, so that a change which ends a match cannot skip the next row."""
        if chosen.query is None:
            yield from (row_id for row_id in sorted(self.visible(chosen.ids)) if row_id > above)
            return
        while True:
            source, _applied = self.source(states.read_query(chosen.query))
            statement = source.base(source.id).where(source.id > above).order_by(source.id).limit(500)
            ids = list(db.session.scalars(statement))
            yield from ids
            if len(ids) < 500:
                return
            above = ids[-1]

    def do_bulk(self, chosen: Chosen, *, above: int = 0, after: Callable[[int, int], None] | None = None) -> Outcome:
        """Work through the rows in short transactions; a rule's refusal counts and goes on."""
        outcome = Outcome()
        last = [above]

        def write(row_id: int) -> None:
            try:
                self._one(row_id, chosen)
                outcome.changed += 1
            except GeckoError as error:
                outcome.refuse(message_of(error))
            except IntegrityError as error:
                outcome.refuse(message_of(self.integrity_error(error)))
            last[0] = row_id

        tell = (lambda count: after(count, last[0])) if after else None
        chunks.write_in_chunks(self.matching(chosen, above=above), write, after=tell)
        return outcome

    def _one(self, row_id: int, chosen: Chosen) -> None:
        row = self.get_one(row_id)
        if row is None:
            raise NotFound
        with db.session.begin_nested():
            if chosen.action.startswith("set:"):
                self._set(row, chosen)
            elif chosen.action == "delete":
                self.perform_delete(row)
            else:
                self.bulk_actions()[chosen.action].apply(self, row)

    def _set(self, row: Any, chosen: Chosen) -> None:
        name = chosen.action.removeprefix("set:")
        values = snapshot(self.bind_form(self._edit_form_class, None, row))  # type: ignore[attr-defined]
        form = self.bind_form(self._edit_form_class, as_formdata({**values, name: chosen.value}), row)  # type: ignore[attr-defined]
        if not form[name].validate(form):
            reason = " ".join(map(str, form[name].errors))
            raise GeckoError(reason)
        self.perform_update(row, self.inline_values(row, name, form))

    def _report(self, chosen: Chosen, outcome: Outcome) -> None:
        if outcome.changed and chosen.action == "delete":
            flash(ngettext("%(num)d record is deleted.", "%(num)d records are deleted.", outcome.changed), "success")
        elif outcome.changed:
            flash(ngettext("%(num)d record is changed.", "%(num)d records are changed.", outcome.changed), "success")
        for reason, times in outcome.reasons.items():
            flash(f"{times} × {reason}", "danger")
