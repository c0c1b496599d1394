"""Putting in order what holders dropped and what time has overtaken; safe to run anywhere, any number of times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, update

from ...clock import now
from ...db import db
from ...models.messages import Message, MessagePhase, MessageState
from ..campaigns import ending
from . import addresses, events


@dataclass(frozen=True, slots=True)
class Swept:
    """How many messages were put where."""

    requeued: int
    unknown: int
    expired: int
    suppressed: int
    released: int

    def __bool__(self) -> bool:
        return any((self.requeued, self.unknown, self.expired, self.suppressed, self.released))


def sweep() -> Swept:
    """One round: what was only claimed waits again, what was handed over needs a decision, what is late expires."""
    moment = now()
    dropped = (Message.state == MessageState.SENDING) & (Message.lease_until < moment)
    requeued = _move(
        dropped & (Message.phase == MessagePhase.CLAIMED), MessageState.QUEUED, "its holder went silent before sending"
    )
    unknown = _move(
        dropped & (Message.phase == MessagePhase.HANDED), MessageState.UNKNOWN, "its holder went silent while sending"
    )
    late = (Message.state == MessageState.QUEUED) & (Message.expires_at <= moment)
    expired = _move(late, MessageState.EXPIRED, None)
    swept = Swept(requeued, unknown, expired, addresses.suppress_all(), addresses.release())
    ending.settle()
    return swept


def _move(which: ColumnElement[bool], state: MessageState, why: str | None) -> int:
    values: dict[str, Any] = {"state": state, "phase": None}
    ids = list(
        db.session.scalars(
            update(Message)
            .where(which)
            .values(values)
            .returning(Message.id)
            .execution_options(synchronize_session=False)
        )
    )
    events.append(ids, state, detail=why)
    return len(ids)
