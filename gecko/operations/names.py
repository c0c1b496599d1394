"""Names of the short lists that staff set up: filled in, and used once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from ..db import db
from ..errors import Invalid
from ..language import _


def require_unused_name(model: Any, name: str | None, *, but: int | None = None) -> str:
    """The trimmed name; raises Invalid where it is empty or another row of `model` bears it, however written."""
    wanted = (name or "").strip()
    if not wanted:
        raise Invalid(_("A name is required."), field="name")
    taken = select(model.id).where(func.lower(model.name) == wanted.lower())
    if but is not None:
        taken = taken.where(model.id != but)
    if db.session.scalar(taken.limit(1)) is not None:
        raise Invalid(_("“%(name)s” is already in use."), field="name", name=wanted)
    return wanted
