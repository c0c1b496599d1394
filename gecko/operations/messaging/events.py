"""The steps of a message, written beside each change of its state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

from sqlalchemy import bindparam, insert, select

from ... import actor
from ...clock import now
from ...db import db
from ...models.messages import Message, MessageEvent, MessagePhase, MessageReason, MessageState

LONGEST_DETAIL = 500
_TOGETHER = "gecko_steps_of_messages"
_TABLE: Any = cast(Any, MessageEvent.__table__)
_INSERT: Any = insert(_TABLE).inline()  # nobody asks for the ids
"""Built once, and past the session, like `_same`: every step of every message asks it."""
_SAID = ("at", "state", "phase", "reason", "detail", "owner", "user_id")


def append(
    message_ids: Iterable[int],
    state: MessageState,
    *,
    phase: MessagePhase | None = None,
    reason: MessageReason | None = None,
    detail: str | None = None,
    owner: str | None = None,
) -> None:
    """Note that these messages came to a state now, in one statement however many they are."""
    ids = list(message_ids)
    values = {"detail": _short(detail), **_common(state, phase, reason, owner)}
    if not ids:
        return
    if (steps := _gathered()) is not None:
        steps += [{"message_id": message_id, **values} for message_id in ids]
    else:
        db.session.connection().execute(_same(), {"ids": ids, **values})


def append_each(
    details: Mapping[int, str | None],
    state: MessageState,
    *,
    owner: str | None = None,
) -> None:
    """The same where something else was said about each message."""
    common = _common(state, None, None, owner)
    rows = [{"message_id": message_id, "detail": _short(detail), **common} for message_id, detail in details.items()]
    if (steps := _gathered()) is not None:
        steps += rows
    else:
        _write(rows)


@contextmanager
def together() -> Iterator[None]:
    """The steps that are noted inside are written at its end, in one statement; none where it breaks off."""
    info = db.session().info
    steps: list[dict[str, Any]] = []
    info[_TOGETHER] = steps
    try:
        yield
    finally:
        del info[_TOGETHER]
    _write(steps)


def _gathered() -> list[dict[str, Any]] | None:
    return db.session().info.get(_TOGETHER)


def _write(rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.connection().execute(_INSERT, rows if len(rows) > 1 else rows[0])


@cache
def _same() -> Any:
    said = [bindparam(name, type_=_TABLE.c[name].type).label(name) for name in _SAID]
    which: Any = bindparam("ids", expanding=True)
    wanted = select(Message.id, *said).where(Message.id.in_(which)).order_by(Message.id)
    return insert(_TABLE).from_select(["message_id", *_SAID], wanted)


def _common(
    state: MessageState, phase: MessagePhase | None, reason: MessageReason | None, owner: str | None
) -> dict[str, Any]:
    who = actor.current().user_id
    return {"at": now(), "state": state, "phase": phase, "reason": reason, "owner": owner, "user_id": who}


def _short(detail: str | None) -> str | None:
    return detail[:LONGEST_DETAIL] if detail else None
