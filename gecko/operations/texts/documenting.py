"""The table of codes for people: what stands beside the editor and on the page of codes, each with an example."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import select

from ...db import db
from ...language import _
from ...models.customer_fields import CustomerField
from . import rendering, sample
from .codes import Code, Subject
from .parsing import parse
from .registry import AREAS, CODES, LOOPS
from .reviewing import FIELD
from .writing import SHOWN_SUFFIXES

_EXAMPLE_FIELD = 123
_AROUND = {Subject.TAG: "[CUSTOMERTAG_BEGIN]{}[CUSTOMERTAG_END]"}


@dataclass(frozen=True, slots=True)
class Line:
    """A code or a pair of codes, with brackets. names: every name of the same value; insert: what a click writes."""

    names: tuple[str, ...]
    insert: str
    about: Any
    example: str
    suffixes: tuple[str, ...] = ()
    unfit: Any = None


@dataclass(frozen=True, slots=True)
class Chapter:
    """Codes about one thing."""

    label: Any
    lines: tuple[Line, ...]


def chapters(language: str) -> list[Chapter]:
    """Every code with an example in the language; the installation's own custom fields last."""
    fields = tuple(_field(row) for row in db.session.scalars(_LIVING))
    return [*_shipped(language), *([Chapter(_("Customer fields"), fields)] if fields else [])]


_LIVING = (
    select(CustomerField).where(CustomerField.deleted_at.is_(None)).order_by(CustomerField.position, CustomerField.id)
)


@cache
def _shipped(language: str) -> tuple[Chapter, ...]:
    told = [
        Chapter(label, tuple(_line(code, language) for code in CODES if code.subject in subjects))
        for label, subjects in AREAS
    ]
    return *told, Chapter(_("Repetitions"), _loops())


def _line(code: Code, language: str) -> Line:
    names = tuple(f"[{name}{'XXX' if code.has_parameter else ''}]" for name in code.names)
    tried = f"[{code.names[0]}{_EXAMPLE_FIELD if code.has_parameter else ''}]"
    around = _AROUND.get(code.subject, "{}")
    example = rendering.as_words(parse(around.format(tried)), sample.facts(), language)
    insert = names[0] if language == "da" else names[-1]
    return Line(names, insert, code.about, example, SHOWN_SUFFIXES.get(code.kind, ()), code.unfit)


def _loops() -> tuple[Line, ...]:
    lines = []
    for loop in LOOPS:
        begins = [f"[{'_'.join(filter(None, (loop.begin, option)))}]" for option in (*loop.options, "")]
        insert = f"{begins[0]}\n[{loop.end}]"
        lines.append(Line((*begins, f"[{loop.end}]"), insert, loop.about, "", (), loop.unfit))
    return tuple(lines)


def _field(row: CustomerField) -> Line:
    name = f"[RFS{row.id}]"
    return Line((name,), name, row.name, "", (), FIELD if row.is_sensitive else None)
