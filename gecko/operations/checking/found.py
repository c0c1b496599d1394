"""What a check found, and how it is put."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from ...db import db

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Check:
    """One check: whether all is well, its figures, and the first of what is wrong."""

    name: str
    is_ok: bool
    figures: dict[str, Any]
    problems: list[str] = field(default_factory=list)


def found(name: str, figures: dict[str, Any], problems: list[str]) -> Check:
    """A check by its name, its figures and all that is wrong."""
    return Check(name, not problems, {**figures, "problems": len(problems)}, problems[:_SHOWN])


def listed(statement: Any, words: str) -> list[str]:
    """A problem for each row of a statement, in `words`."""
    return [words % tuple(row) for row in db.session.execute(statement)]


def count(model: Any) -> int:
    """How many rows there are."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0
