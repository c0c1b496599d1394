"""The form that maps columns: between what a page posts and the mapping that an import reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from gecko.operations.importing import guessing
from gecko.operations.importing.fields import FIELDS, Field, Kind, Value
from gecko.operations.importing.preview import Glance

PARTS = 3  # how many columns one field can be joined from
ENCODINGS = ("utf-8", "cp1252", "utf-16")
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_READING = ("encoding", "delimiter", "sheet")
_TEXTS = ("decimal", "group", "credit_note_prefix")


@dataclass(frozen=True, slots=True)
class Line:
    """One field of the form: its columns as chosen, its format, its cleaning, and what the file holds there."""

    field: Field
    columns: tuple[str, ...]
    format: str
    clean: str
    sample: str

    @property
    def has_parts(self) -> bool:
        """Whether several columns may be joined."""
        return self.field.value == Value.TEXT

    @property
    def is_date(self) -> bool:
        """Whether a date format may be stated."""
        return self.field.value in {Value.DATE, Value.INSTANT}


def reading(form: MultiDict[str, str]) -> dict[str, Any]:
    """How the file is to be read, as far as stated."""
    found: dict[str, Any] = {name: form[name] for name in _READING if form.get(name)}
    if "delimiter" in found:
        names = {name: sign for sign, name in DELIMITERS.items()}
        found["delimiter"] = names.get(found["delimiter"], found["delimiter"][:1])
    if form.get("skip_initial_space"):
        found["skip_initial_space"] = True
    return found


def mapping(form: MultiDict[str, str], kind: Kind, read: dict[str, Any]) -> dict[str, Any]:
    """The mapping a posted form describes, as TOML would give it; `parse` checks it."""
    found: dict[str, Any] = {"kind": str(kind), "columns": {}, "format": {}, "clean": {}, **read}
    for field in FIELDS[kind]:
        columns = [name for name in form.getlist(f"column-{field.name}") if name]
        if columns:
            found["columns"][field.name] = columns[0] if len(columns) == 1 else columns
            for table in ("format", "clean"):
                if value := form.get(f"{table}-{field.name}", "").strip():
                    found[table][field.name] = value
    found["fields"] = {
        name.removeprefix("custom-"): column for name, column in form.items() if name.startswith("custom-") and column
    }
    found |= {name: form[name].strip() for name in _TEXTS if form.get(name, "").strip()}
    if form.get("round"):
        found["round"] = "half_up"
    if form.get("update"):
        found["update"] = True
    if missing := form.getlist("create_missing"):
        found["create_missing"] = missing
    return {name: value for name, value in found.items() if value != {}}


def lines(kind: Kind, chosen: dict[str, Any], glance: Glance) -> list[Line]:
    """The form's fields with what is chosen now."""
    return [_line(field, chosen, glance) for field in FIELDS[kind]]


def _line(field: Field, chosen: dict[str, Any], glance: Glance) -> Line:
    columns = chosen.get("columns", {}).get(field.name, ())
    parts = (columns,) if isinstance(columns, str) else tuple(columns)
    at = [glance.header.index(name) for name in parts if name in glance.header]
    samples = [" ".join(str(row[i]) for i in at if i < len(row)).strip() for row in glance.rows[:20]] if at else []
    return Line(
        field,
        parts,
        chosen.get("format", {}).get(field.name) or (chosen.get("date_format") or ""),
        chosen.get("clean", {}).get(field.name, ""),
        next((sample for sample in samples if sample), ""),
    )


def suggestion(kind: Kind, glance: Glance) -> dict[str, Any]:
    """What the form starts with."""
    return guessing.suggest(kind, glance.header, glance.rows)


def delimiter_choices() -> list[tuple[str, str]]:
    """The delimiters a person may state."""
    return [("comma", _("Comma")), ("semicolon", _("Semicolon")), ("tab", _("Tabulator")), ("bar", _("Vertical bar"))]
