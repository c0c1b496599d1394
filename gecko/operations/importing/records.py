"""Writing records that are identified by a number: customers, debtors, items. One base, a writer per kind.

What is there already counts as existing; with `update` in the mapping it takes the file's values. A blank cell never
empties a field. Imports may leave records incomplete: the demands of forms do not bind them, the rules of values do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import FromClause, select

from ...db import db
from ...errors import GeckoError
from .faults import Refused
from .mapping import Mapping
from .parsing import Parsed, Remark
from .writing import Batch, Content, Context, Outcome, Seen, allocate, insert, only_import, plain


@dataclass(slots=True)
class Wanted:
    """A row as the record it asks for.

    key: what makes it the same record. extra: what belongs to it in other tables. fallback: what a new record takes
    where the row says nothing. remarks: warnings that hold only where the record is made.
    """

    row: Parsed
    key: str
    columns: dict[str, Any]
    extra: dict[int, str] = field(default_factory=dict)
    fallback: dict[str, Any] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Present:
    """A record that is there. id None: it was made by an earlier row of this chunk, or of this dry run."""

    id: int | None
    content: Content
    is_deleted: bool = False
    wanted: Wanted | None = None


class RecordWriter:
    """Decides on rows of records and writes the new and changed ones; each kind fills in the gaps below."""

    table: Any
    required_defaults: dict[str, Any] = {}  # noqa: RUF012

    def __init__(self, mapping: Mapping, context: Context, decimal: str = ".") -> None:
        self.mapping = mapping
        self.context = context
        self.decimal = decimal
        self._seen = Seen() if context.is_dry else None

    def prepare(self, batch: Batch) -> None:
        """Look up what rows may name (groups, terms), once per chunk."""

    def want(self, row: Parsed, batch: Batch) -> Wanted:
        """The record a row asks for, with every rule about its values checked; raises GeckoError."""
        raise NotImplementedError

    def known(self, wanted: Sequence[Wanted]) -> dict[str, Present]:
        """The records that are there already, by key."""
        raise NotImplementedError

    def may_update(self, present: Present) -> bool:
        """Whether the one who imports may change this record."""
        return self.context.groups is None

    def write_extra(self, written: Sequence[tuple[int, Wanted]], *, new: bool) -> None:
        """Write what belongs to records in other tables."""

    def look_at(self, fresh: Sequence[Wanted], batch: Batch) -> None:
        """Note what is remarkable about records that are about to be made."""

    def write(self, rows: Sequence[Parsed], batch: Batch) -> None:
        """Decide on every row and write what is new or changed."""
        only_import(self.context)
        self.prepare(batch)
        wanted = [found for row in rows if (found := self._wanted(row, batch)) is not None]
        known = self.known(wanted)
        if self._seen is not None:
            missing = {one.key for one in wanted} - set(known)
            known |= {key: Present(None, content) for key, content in self._seen.find(missing).items()}
        fresh: list[Wanted] = []
        changed: list[tuple[int, Wanted]] = []
        for one in wanted:
            try:
                batch.count(one.row, self._decide(one, known, fresh, changed))
            except Refused as reason:
                batch.reject(one.row, reason)
        batch.warnings += [Remark(one.row.line, remark) for one in fresh for remark in one.remarks]
        self.look_at(fresh, batch)
        if self._seen is None:
            self._insert(fresh)
            self._update(changed)

    def _wanted(self, row: Parsed, batch: Batch) -> Wanted | None:
        try:
            return self.want(row, batch)
        except GeckoError as reason:
            batch.reject(row, reason)
            return None

    def _decide(
        self, one: Wanted, known: dict[str, Present], fresh: list[Wanted], changed: list[tuple[int, Wanted]]
    ) -> Outcome:
        present = known.get(one.key)
        content = plain({name: value for name, value in one.columns.items() if value is not None}) | _extra(one.extra)
        if present is None:
            known[one.key] = Present(None, content, wanted=one)
            fresh.append(one)
            self._remember(one.key, content)
            return Outcome.IMPORTED
        if present.is_deleted:
            raise Refused("It was deleted; restore it before you import it.")
        before = plain(present.content)
        if not self.mapping.update or all(before.get(name) == value for name, value in content.items()):
            return Outcome.EXISTING
        if present.id is not None and not self.may_update(present):
            raise Refused("You may not change this record.")
        present.content = {**present.content, **content}
        self._remember(one.key, {**before, **content})
        if present.wanted is not None:  # made earlier in this chunk: it is written with the later row's values
            present.wanted.columns |= {name: value for name, value in one.columns.items() if value is not None}
            present.wanted.extra |= one.extra
        elif present.id is not None:
            changed.append((present.id, one))
        return Outcome.UPDATED

    def _remember(self, key: str, content: Content) -> None:
        if self._seen is not None:
            self._seen.add(key, content)

    def _insert(self, fresh: list[Wanted]) -> None:
        written = list(zip(allocate(self.table, len(fresh)), fresh, strict=True))
        insert(self.table, [{"id": new_id, **self.complete(one)} for new_id, one in written])
        self.write_extra(written, new=True)

    def complete(self, one: Wanted) -> dict[str, Any]:
        """The columns of a new record: a blank one takes its fallback or default; all rows get equal keys."""
        given = {name: value for name, value in one.columns.items() if value is not None}
        return dict.fromkeys(one.columns) | self.required_defaults | one.fallback | given

    def _update(self, changed: list[tuple[int, Wanted]]) -> None:
        connection = db.session.connection()
        for record_id, one in changed:
            values = {name: value for name, value in one.columns.items() if value is not None}
            values["row_version"] = self.table.c.row_version + 1
            connection.execute(self.table.update().where(self.table.c.id == record_id).values(values))
        self.write_extra(changed, new=False)


def _extra(extra: dict[int, str]) -> Content:
    return {f"extra {key}": value for key, value in extra.items()}


class Names:
    """Rows of a short list (groups, terms) by name; may make the ones that are missing."""

    def __init__(self, model: Any, batch: Batch, noun: str, *, is_dry: bool) -> None:
        self._model, self._batch, self._noun, self._is_dry = model, batch, noun, is_dry
        table: FromClause = model.__table__
        rows = db.session.execute(select(table.c.id, table.c.name))
        self._ids: dict[str, int | None] = {name.casefold(): row_id for row_id, name in rows}

    def find(self, name: str) -> int | None:
        """The id of that name; raises Refused where there is none."""
        if name.casefold() not in self._ids:
            raise Refused("“%(text)s” is not known.", text=name)
        return self._ids[name.casefold()]

    def find_or_make(self, name: str) -> int | None:
        """The id of that name, made when missing; None for one that a dry run would make."""
        key = name.casefold()
        if key not in self._ids:
            row = None
            if not self._is_dry:
                row = self._model(name=name)
                db.session.add(row)
                db.session.flush()
            self._ids[key] = row.id if row is not None else None
            self._batch.make(self._noun, 1)
        return self._ids[key]
