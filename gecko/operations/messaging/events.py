"""The steps of a message, written beside each change of its state."""

from __future__ import annotations

from collections.abc import Iterable
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
    common: dict[str, Any] = {
        "at": now(),
        "state": state,
        "phase": phase,
        "reason": reason,
        "detail": detail[:LONGEST_DETAIL] if detail else None,
        "owner": owner,
        "user_id": actor.current().user_id,
    }
    rows = [{"message_id": message_id, **common} for message_id in message_ids]
    if rows:
        db.session.connection().execute(_INSERT, rows)
