"""The steps of a message, written beside each change of its state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from sqlalchemy import insert

from ... import actor
from ...clock import now
from ...db import db
from ...models.messages import MessageEvent, MessagePhase, MessageReason, MessageState

LONGEST_DETAIL = 500
_INSERT: Any = insert(cast(Any, MessageEvent.__table__))
"""Built once, and past the session: every step of every message asks it."""


def append(
    message_ids: Iterable[int],
    state: MessageState,
    *,
    phase: MessagePhase | None = None,
    reason: MessageReason | None = None,
    detail: str | None = None,
    owner: str | None = None,
) -> None:
    """Note that these messages came to a state now."""
    details = dict.fromkeys(message_ids, detail)
    append_each(details, state, phase=phase, reason=reason, owner=owner)


def append_each(
    details: Mapping[int, str | None],
    state: MessageState,
    *,
    phase: MessagePhase | None = None,
    reason: MessageReason | None = None,
    owner: str | None = None,
) -> None:
    """The same where something else was said about each message."""
    common: dict[str, Any] = {
        "at": now(),
        "state": state,
        "phase": phase,
        "reason": reason,
        "owner": owner,
        "user_id": actor.current().user_id,
    }
    rows = [
        {"message_id": message_id, "detail": detail[:LONGEST_DETAIL] if detail else None, **common}
        for message_id, detail in details.items()
    ]
    if rows:
        db.session.connection().execute(_INSERT, rows)
