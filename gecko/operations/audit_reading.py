"""The log in words: who, what, and each field's old and new value as people read it.

Both databases log raw values in forms of their own (1 or true, a space or a T in an instant); they meet here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from flask_babel import get_locale
from sqlalchemy import Boolean, Date, Enum, Table, select

from .. import money, permissions
from ..audit import AUDITED
from ..clock import local
from ..db import Base, UtcDateTime, db
from ..language import _
from ..models.audit import AuditEntry
from ..modules import FEATURE_LABELS, MODULE_LABELS
from . import audit_facts, field_policies
from .audit_words import ACTIONS, CHOICES, COLUMNS, ENTITIES, EVENTS, SOURCES, WHO
from .texts.shipping import USAGES

Names = dict[tuple[str, str], Any]
MASK = "******"
_NAME_COLUMNS = ("company_name", "name", "number", "username")


@dataclass(frozen=True, slots=True)
class Line:
    """One field: what it was and what it became."""

    label: Any
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Reading:
    """One entry of the log in words. outside: nobody signed it, so it was made outside the product."""

    id: int
    at: datetime
    who: Any
    source: Any
    ip: str | None
    entity: Any
    subject: str
    action: Any
    lines: list[Line]
    customer_id: int | None
    customer: str
    outside: bool


def read(entries: Sequence[AuditEntry]) -> list[Reading]:
    """Put entries into words, with one query for each kind of thing they name."""
    names = _names(entries)
    return [_reading(entry, names) for entry in entries]


def _reading(entry: AuditEntry, names: Names) -> Reading:
    changes = entry.changes or {}
    is_row = entry.action in ACTIONS
    lines = [_line(entry, column, pair, names) for column, pair in changes.items()] if is_row else _facts(changes)
    return Reading(
        id=entry.id,
        at=entry.at,
        who=WHO.get(entry.name or "", entry.name) if entry.user_id is None else entry.name,
        source=SOURCES.get(entry.source or "", entry.source),
        ip=entry.ip,
        entity=ENTITIES.get(entry.entity, entry.entity),
        subject=_subject(entry, names),
        action=_action(entry, changes),
        lines=[line for line in lines if line.old != line.new],
        customer_id=entry.customer_id,
        customer=str(names.get(("customer", str(entry.customer_id)), "")),
        outside=entry.name is None,
    )


def _action(entry: AuditEntry, changes: dict[str, Any]) -> Any:
    if entry.action == "update" and "deleted_at" in changes:
        return _("deleted") if changes["deleted_at"][1] else _("restored")
    return ACTIONS.get(entry.action) or EVENTS.get(entry.action, entry.action)


def _facts(facts: dict[str, Any]) -> list[Line]:
    return [Line(label, "", value) for label, value in audit_facts.pairs(facts)]


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return CHOICES.get(value, value) if isinstance(value, str) else value


def _subject(entry: AuditEntry, names: Names) -> str:
    """What the entry is about, by name where the row still has one."""
    audited, table = AUDITED.get(entry.entity), Base.metadata.tables.get(entry.entity)
    if audited is None or table is None:
        named = names.get((entry.entity, entry.entity_id))
        return str(named or audit_facts.VALUES.get(entry.entity_id, entry.entity_id))
    if audited.key == ("id",):
        return str(names.get((entry.entity, entry.entity_id)) or _former_name(entry, names))
    if entry.entity == "setting":
        return str(_setting_label(entry.entity_id))
    parts = entry.entity_id.split(":", len(audited.key) - 1)
    return " · ".join(str(_value(table, key, part, names)) for key, part in zip(audited.key, parts, strict=False))


def _former_name(entry: AuditEntry, names: Names) -> str:
    """What is gone by the name it had; what never had one by the customer it belongs to."""
    for column in _NAME_COLUMNS:
        pair = (entry.changes or {}).get(column)
        if isinstance(pair, list) and (pair[0] or pair[1]):
            return str(pair[0] or pair[1])
    return str(names.get(("customer", str(entry.customer_id)), f"#{entry.entity_id}"))


def _setting_label(key: str) -> Any:
    kind, _dot, name = key.partition(".")
    if kind == "module":
        return {str(module): label for module, label in MODULE_LABELS.items()}.get(name, key)
    if kind == "feature":
        return {str(feature): label for feature, label in FEATURE_LABELS.items()}.get(name, key)
    return _("A mobile or a telephone number is required") if key == field_policies.PHONE_RULE else key


def _line(entry: AuditEntry, column: str, pair: Any, names: Names) -> Line:
    old, new = pair
    table, audited = Base.metadata.tables[entry.entity], AUDITED[entry.entity]
    label = COLUMNS.get(column, column)
    if column in audited.masked:
        return Line(label, MASK if old else "", f"{MASK} " if old and new else MASK if new else "")
    if entry.entity == "customer_field_value" and column == "value":
        field, kind = names.get(("customer_field", entry.entity_id), (None, "")), ""
        label, kind = (field.name, field.kind) if isinstance(field, _Field) else (label, kind)
        return Line(label, answer(kind, old), answer(kind, new))
    return Line(label, _value(table, column, old, names), _value(table, column, new, names))


def _value(table: Table, column: str, raw: Any, names: Names) -> Any:
    """One raw value in words."""
    if raw is None or raw == "":
        return ""
    known = table.columns[column]
    for key in known.foreign_keys:
        target = key.target_fullname.split(".")[0]
        return names.get((target, str(raw)), f"#{raw}")
    if column.endswith("_ore"):
        return money.format_ore(int(raw), str(get_locale() or "da"))
    for kind, word in _BY_TYPE:
        if isinstance(known.type, kind):
            return word(raw)
    return _by_name(table.name, column, raw)


def _by_name(table: str, column: str, raw: Any) -> Any:
    if column == "language":
        return CHOICES.get(raw, raw)
    if (table, column) == ("field_policy", "field"):
        return field_policies.LABELS.get(raw, raw)
    if (table, column) == ("text_override", "key"):
        return {str(key): usage.name for key, usage in USAGES.items()}.get(raw, raw)
    if column == "permission":
        return {str(right): label for right, label in permissions.LABELS.items()}.get(raw, raw)
    if table == "setting":
        return _plain(_json(raw))
    return raw


def _json(raw: Any) -> Any:
    try:
        return json.loads(raw) if isinstance(raw, str) else raw
    except ValueError:
        return raw


def answer(kind: str, raw: Any) -> Any:
    """An answer to a custom field of this type."""
    if raw is None or raw == "":
        return ""
    if kind == "yes_no":
        return _truth(raw)
    if kind == "date":
        return _day(raw)
    if kind == "number":
        return str(raw).replace(".", ",") if str(get_locale() or "da") == "da" else raw
    return raw


def _truth(raw: Any) -> Any:
    return _("Yes") if raw in (True, 1, "1", "true", "t") else _("No")


def _day(raw: Any) -> str:
    return f"{date.fromisoformat(str(raw)[:10]):%d-%m-%Y}"


def _instant(raw: Any) -> str:
    found = datetime.fromisoformat(str(raw).replace("Z", "+00:00"))
    return f"{local(found.replace(tzinfo=found.tzinfo or UTC)):%d-%m-%Y %H:%M}"


_BY_TYPE: tuple[tuple[type[Any], Callable[[Any], Any]], ...] = (
    (Boolean, _truth),
    (Date, _day),
    (UtcDateTime, _instant),
    (Enum, lambda raw: CHOICES.get(raw, raw)),
)


@dataclass(frozen=True, slots=True)
class _Field:
    """A custom field as the log names it."""

    name: str
    kind: str

    def __str__(self) -> str:
        return self.name


def _names(entries: Iterable[AuditEntry]) -> Names:
    """The names of everything the entries point at."""
    wanted: dict[str, set[str]] = {}
    for entry in entries:
        for table, row_id in _pointers(entry):
            wanted.setdefault(table, set()).add(row_id)
    found: Names = {}
    for table_name, ids in wanted.items():
        for row_id, name in _names_of(Base.metadata.tables[table_name], ids):
            found[(table_name, row_id)] = name
    return found


def _pointers(entry: AuditEntry) -> Iterable[tuple[str, str]]:
    audited, table = AUDITED.get(entry.entity), Base.metadata.tables.get(entry.entity)
    if entry.customer_id is not None:
        yield "customer", str(entry.customer_id)
    if table is None:
        return
    if audited is None or audited.key == ("id",):
        if "id" in table.columns:
            yield entry.entity, entry.entity_id
        keys: Iterable[tuple[str, Any]] = ()
    else:
        keys = zip(audited.key, entry.entity_id.split(":"), strict=False)
    pairs = (entry.changes or {}).items() if entry.action in ACTIONS else ()
    for column, values in (*((key, [value]) for key, value in keys), *pairs):
        for key in table.columns[column].foreign_keys if column in table.columns else ():
            yield from ((key.target_fullname.split(".")[0], str(value)) for value in values if value is not None)


def _names_of(table: Table, ids: set[str]) -> Iterable[tuple[str, Any]]:
    columns = [table.c[column] for column in _NAME_COLUMNS if column in table.columns]
    numbers = [int(row_id) for row_id in ids if row_id.isdigit()]
    if not columns or not numbers:
        return
    if table.name == "customer_field":
        columns = [table.c.name, table.c.type]
    for row in db.session.execute(select(table.c.id, *columns).where(table.c.id.in_(numbers))):
        if table.name == "customer_field":
            yield str(row[0]), _Field(row[1], str(row[2]))
        else:
            yield str(row[0]), next((value for value in row[1:] if value), f"#{row[0]}")
