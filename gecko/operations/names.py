"""Names of the short lists that staff set up: filled in, and used once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from ..db import db
from ..errors import Invalid
from ..language import _


def require_unused_name(model: Any, name: str | None, *, but: int | None = None) -> str:
    """The trimmed name; raises Invalid where it is empty or another row of `model` bears it, however written."""
    wanted = (name or "").strip()
    if not wanted:
        raise Invalid(_("A name is required."), field="name")
    rows = db.session.execute(select(model.id, model.name))  # SQLite's lower() knows no æ, ø and å
    if any(name.casefold() == wanted.casefold() and row_id != but for row_id, name in rows):
        raise Invalid(_("“%(name)s” is already in use."), field="name", name=wanted)
    return wanted
