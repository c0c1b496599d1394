"""Two versions of one form, field by field, and the choice between them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, Form, PasswordField

_NEVER = frozenset({"cpr", "cpr_remove", "password_remove"})


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that stands differently. prefers_mine: only I changed it, as far as the opened form can tell."""

    name: str
    label: str
    mine: str
    theirs: str
    mine_raw: str
    prefers_mine: bool


def raw(field: Field) -> str:
    """What a browser would send for the field as it stands."""
    if isinstance(field, BooleanField):
        return "y" if field.data else ""
    return "" if field.data is None else str(field.data).replace("\r\n", "\n")


def words(field: Field) -> str:
    """The value as people read it."""
    if isinstance(field, BooleanField):
        return "✓" if field.data else "–"
    if hasattr(field, "choices"):
        return next((str(one.label) for one in field.choices if str(one.value) == raw(field)), raw(field))
    return raw(field)


def snapshot(form: Form) -> str:
    """The form as it was opened, to travel along with it; no secrets."""
    return json.dumps({field.name: raw(field) for field in form if _comparable(field)}, ensure_ascii=False)


def _comparable(field: Field) -> bool:
    return not isinstance(field, PasswordField) and field.name not in _NEVER


def compare(mine: Form, theirs: Form, opened: str) -> list[Difference]:
    """The fields in which what was typed differs from what is stored now."""
    try:
        before: Any = json.loads(opened)
    except ValueError:
        before = {}
    before = before if isinstance(before, dict) else {}
    differences = []
    for field in mine:
        if not _comparable(field) or field.name not in theirs or raw(field) == raw(theirs[field.name]):
            continue
        touched = field.name not in before or raw(field) != str(before[field.name]).replace("\r\n", "\n")
        differences.append(
            Difference(field.name, str(field.label.text), words(field), words(theirs[field.name]), raw(field), touched)
        )
    return differences


def resolved(stored: Form, chosen: Any) -> MultiDict[str, str]:
    """The conflict page's answer as the form would have been posted."""
    values: MultiDict[str, str] = MultiDict()
    for field in stored:
        if not _comparable(field):
            continue
        value = chosen.get(f"mine-{field.name}", "") if chosen.get(f"choice-{field.name}") == "mine" else raw(field)
        if value or not isinstance(field, BooleanField):
            values[field.name] = value
    return values
