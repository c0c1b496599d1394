"""The texts in force: as shipped, or as somebody changed them. Putting a text back is taking its row away."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import select

from ...channels import MessageChannel
from ...db import db
from ...errors import Conflict, Invalid, NotFound
from ...language import _
from ...models.texts import TextOverride
from .reviewing import Source
from .shipping import Name, shipped

LONGEST_SUBJECT, LONGEST_BODY = 200, 20_000


@dataclass(frozen=True, slots=True)
class Held:
    """A text in force, and whether somebody changed it."""

    name: Name
    source: Source
    is_changed: bool

    @property
    def mark(self) -> str:
        """Names what stands there: a form carries the one it was filled in over."""
        return hashlib.sha256(repr((self.source.subject, self.source.body)).encode()).hexdigest()[:16]


def all_held() -> dict[Name, Held]:
    """Every text in force, in the order of the list, with one query: whoever writes to many reads them once."""
    changed = {
        (row.key, row.channel, row.language): Source(row.subject or "", row.body)
        for row in db.session.scalars(select(TextOverride))
    }
    return {
        name: Held(name, changed.get(_place(name), source), _place(name) in changed)
        for name, source in shipped().items()
    }


def held(name: Name) -> Held:
    """One text in force; raises NotFound where the product has no such text."""
    source = _shipped(name)
    row = _row(name)
    return Held(name, source, False) if row is None else Held(name, Source(row.subject or "", row.body), True)


def named(key: str, channel: str, language: str) -> Name:
    """The name of a text that the product ships; raises NotFound for any other."""
    for name in shipped():
        if (name.key, name.channel, name.language) == (key, channel, language):
            return name
    raise NotFound


def change(name: Name, source: Source, *, seen: str) -> Held:
    """Write a text anew; where it says what is shipped, the row goes. Raises Conflict unless `seen` still holds."""
    source = checked(source, name.channel)
    row = _row(name, lock=True)
    now = held(name)
    if now.source == source:
        return now  # the same again, as a form sent twice
    if now.mark != seen:
        raise Conflict
    if source == _shipped(name):
        if row is not None:
            db.session.delete(row)
    elif row is None:
        db.session.add(
            TextOverride(key=name.key, channel=name.channel, language=name.language, **_columns(name, source))
        )
    else:
        for column, value in _columns(name, source).items():
            setattr(row, column, value)
    db.session.flush()
    return held(name)


def reset(name: Name, *, seen: str) -> Held:
    """Put back what is shipped."""
    return change(name, _shipped(name), seen=seen)


def checked(source: Source, channel: MessageChannel) -> Source:
    """A text as it is stored: line breaks as one sign, no blank ends; raises Invalid where something is missing."""
    subject = " ".join(source.subject.split()) if channel == MessageChannel.EMAIL else ""
    body = source.body.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip("\n")
    if channel == MessageChannel.EMAIL and not subject:
        raise Invalid(_("This field is required."), field="subject")
    if not body.strip():
        raise Invalid(_("This field is required."), field="body")
    if len(subject) > LONGEST_SUBJECT:
        raise Invalid(_("The subject is too long."), field="subject")
    if len(body) > LONGEST_BODY:
        raise Invalid(_("The text is too long."), field="body")
    return Source(subject, body)


def _columns(name: Name, source: Source) -> dict[str, str | None]:
    return {"subject": source.subject if name.channel == MessageChannel.EMAIL else None, "body": source.body}


def _shipped(name: Name) -> Source:
    source = shipped().get(name)
    if source is None:
        raise NotFound
    return source


def _place(name: Name) -> tuple[str, MessageChannel, str]:
    return name.key, name.channel, name.language


def _row(name: Name, *, lock: bool = False) -> TextOverride | None:
    wanted = select(TextOverride).where(
        TextOverride.key == name.key, TextOverride.channel == name.channel, TextOverride.language == name.language
    )
    return db.session.scalars(wanted.with_for_update() if lock else wanted).one_or_none()
