"""What is told of a message after it was handed over, by whoever took it: it got through, it arrived, it failed.

Such a word counts in whatever state the message is by now. It settles what nobody knew, and takes a message that was
queued again out of the queue where it turns out that the first attempt got through.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select

from ...clock import now
from ...db import db
from ...models.messages import Message, MessagePhase, MessageReason, MessageState
from . import events, recording
from .recording import Blame

_TOLD = (MessageState.SENT, MessageState.DELIVERED, MessageState.FAILED)
_OUT = (MessageState.SENT, MessageState.UNKNOWN)
LONGEST = events.LONGEST_DETAIL


def hold(which: ColumnElement[bool]) -> Message | None:
    """The message that is spoken of, kept from changing until the end of the transaction; None where there is none."""
    statement = select(Message).where(which).order_by(Message.id.desc()).limit(1)
    # of PostgreSQL's locks the one that lets foreign keys to the row pass
    return db.session.scalar(statement.with_for_update(key_share=True).execution_options(populate_existing=True))


def got_through(message: Message, *, said: str, provider_ref: str | None = None) -> bool:
    """The other side has it; returns whether that was news."""
    if message.state in _TOLD:
        return False
    message.sent_at, message.provider_ref = message.sent_at or now(), message.provider_ref or provider_ref
    return _come_to(message, MessageState.SENT, said)


def arrived(message: Message, *, at: datetime, said: str, provider_ref: str | None = None) -> bool:
    """The recipient has it, whatever was believed before; returns whether that was news."""
    if message.state == MessageState.DELIVERED:
        return False
    message.sent_at, message.delivered_at = message.sent_at or at, at
    message.provider_ref = message.provider_ref or provider_ref
    return _come_to(message, MessageState.DELIVERED, said)


def failed(message: Message, *, said: str, blame: Blame, reason: MessageReason = MessageReason.REJECTED) -> bool:
    """It did not arrive, and never will; returns whether that was news.

    One that waits to be sent again stays in the queue, unless its address is to blame.
    """
    is_out = message.state in _OUT or message.phase == MessagePhase.HANDED
    waits = message.state == MessageState.QUEUED or message.phase == MessagePhase.CLAIMED
    if not is_out and not (waits and blame == Blame.ADDRESS):
        return False
    _come_to(message, MessageState.FAILED, said, reason=reason)
    if blame != Blame.NOTHING:
        recording.blame_address(message.id, _clean(said) or str(reason), blame)
    return True


def _come_to(message: Message, state: MessageState, said: str, *, reason: MessageReason | None = None) -> bool:
    """Move it, and note the step; what was said of somebody who was erased since is not written down."""
    detail = _clean(said) if message.recipient is not None else None
    message.state, message.phase, message.reason = state, None, reason
    message.reply = detail or message.reply
    db.session.flush()
    events.append([message.id], state, reason=reason, detail=detail)
    return True


def _clean(said: str) -> str | None:
    """One line that a database takes, whatever came in."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in said).split())[:LONGEST] or None
