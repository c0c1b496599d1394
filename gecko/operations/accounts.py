"""What users change about themselves: name, language, theme and password."""

from __future__ import annotations

from sqlalchemy import select

from .. import audit
from ..db import db
from ..errors import Conflict, Invalid, NotFound
from ..language import LANGUAGES, _
from ..models.people import StaffUser
from . import sessions

THEMES = ("auto", "light", "dark")


def update(user_id: int, *, name: str, language: str, theme: str, row_version: int) -> None:
    """Change how one is called and what the pages look like; raises Conflict."""
    user = db.session.get(StaffUser, user_id)
    if user is None:
        raise NotFound
    if user.row_version != row_version:
        raise Conflict
    if not name.strip():
        raise Invalid(_("Fill in a name."), field="name")
    if language not in LANGUAGES or theme not in THEMES:
        raise Invalid(_("Choose one of the values offered."), field="language")
    user.name, user.language, user.theme = name.strip(), language, theme


def password_hash(user_id: int) -> str | None:
    """The hash to verify the present password against."""
    return db.session.scalar(select(StaffUser.password_hash).where(StaffUser.id == user_id))


def change_password(user_id: int, new_hash: str, *, verified: str | None, session_id: int | None) -> None:
    """Set a new password; every other session of the user ends. `verified`: the hash the old one was checked by."""
    user = db.session.get(StaffUser, user_id)
    if user is None:
        raise NotFound
    if user.password_hash != verified:
        raise Conflict
    user.password_hash = new_hash
    sessions.end_all(user_id, but=session_id)
    audit.record("password.change", entity="staff_user", entity_id=user_id, facts={"by": "self"})
