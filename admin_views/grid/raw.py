"""Form values as text: what a browser would send for what a field holds. The conflict page compares these."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FileField, Form, PasswordField, SelectMultipleField


def raw(field: Any) -> list[str]:
    """The texts that a browser would send back for the field as it stands."""
    if isinstance(field, BooleanField):
        return ["y"] if field.data else []
    if isinstance(field, SelectMultipleField):
        return [str(value) for value in field.data or ()]
    if hasattr(field, "iter_choices"):
        return [str(choice[0]) for choice in field.iter_choices() if choice[2]]
    value = field._value() if hasattr(field, "_value") else field.data
    return [] if value is None or value == "" else [str(value)]


def snapshot(form: Form) -> dict[str, list[str]]:
    """All fields that can stand in a comparison: no passwords, no files."""
    return {field.name: raw(field) for field in form if not isinstance(field, PasswordField | FileField)}


def shown(field: Any) -> str:
    """The value in words, for people."""
    if isinstance(field, BooleanField):
        return "✓" if field.data else "–"
    if hasattr(field, "iter_choices"):
        return ", ".join(str(choice[1]) for choice in field.iter_choices() if choice[2])
    value = field._value() if hasattr(field, "_value") else field.data
    return "" if value is None else str(value)


def as_formdata(values: dict[str, list[str]]) -> MultiDict[str, str]:
    """Texts per field as a form would arrive."""
    return MultiDict([(name, text) for name, texts in values.items() for text in texts])
