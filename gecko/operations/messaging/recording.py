"""What the other side answered, written down by the holder; a late answer still finds a row that was given up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, cast

from sqlalchemy import bindparam, select, update

from ...clock import now
from ...db import db
from ...gateways.outcomes import Verdict
from ...models.address_failures import Channel
from ...models.messages import Message, MessageReason, MessageState
from .. import address_failures
from . import events, holding

RETRIES = (
    timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(hours=12),
)  # fmt: skip
"""How long a message waits after each refusal for now."""
FULL_BOXES = 3
FULL_FOR = timedelta(days=7)
"""An address whose box was full this often, over this long, is a failed one."""


_TABLE: Any = cast(Any, Message.__table__)


class Blame(StrEnum):
    """What a final refusal says about the address."""

    NOTHING = "nothing"
    ADDRESS = "address"  # nobody is there
    BOX_FULL = "box_full"


_BLAME = {Verdict.ADDRESS: Blame.ADDRESS, Verdict.SOFT: Blame.BOX_FULL}


def blame_of(verdict: Verdict | None) -> Blame:
    """What a gateway's verdict says about the address."""
    return _BLAME.get(verdict, Blame.NOTHING) if verdict else Blame.NOTHING


def sent(message_id: int, owner: str, *, reply: str | None = None, provider_ref: str | None = None) -> bool:
    """The other side took it over; False where the row is no longer the holder's."""
    held = holding.hold([message_id], owner)
    sent_all(dict.fromkeys(held, Taken(reply, provider_ref)), owner)
    return bool(held)


@dataclass(frozen=True, slots=True)
class Taken:
    """What the other side said when it took a message over, and what it calls it, if anything."""

    reply: str | None = None
    provider_ref: str | None = None


def sent_all(taken: Mapping[int, Taken], owner: str) -> None:
    """The same for several messages by id that the holder holds (`holding.hold`), in two statements."""
    if not taken:
        return
    moment = now()
    rows = [
        {"message_id": message_id, "said": one.reply, "theirs": one.provider_ref, "moment": moment}
        for message_id, one in taken.items()
    ]
    db.session.connection().execute(_sent(), rows if len(rows) > 1 else rows[0])
    events.append_each({message_id: one.reply for message_id, one in taken.items()}, MessageState.SENT, owner=owner)


@cache
def _sent() -> Any:
    """Built once, and past the session: every message asks it."""
    return (
        update(_TABLE)
        .where(_TABLE.c.id == bindparam("message_id"))
        .values(
            state=MessageState.SENT,
            phase=None,
            reason=None,
            reply=bindparam("said"),
            provider_ref=bindparam("theirs"),
            sent_at=bindparam("moment"),
        )
    )


def unclear(message_id: int, owner: str, *, detail: str) -> bool:
    """No answer came after the point of no return: somebody decides, or a later word from the other side does."""
    return _answer(message_id, owner, MessageState.UNKNOWN, detail=detail, reply=detail)


def refused(message_id: int, owner: str, *, reply: str, blame: Blame = Blame.NOTHING) -> bool:
    """The other side refused it for good; a refusal that blames the address marks it."""
    held = _answer(message_id, owner, MessageState.FAILED, detail=reply, reply=reply, reason=MessageReason.REJECTED)
    if held and blame != Blame.NOTHING:
        blame_address(message_id, reply, blame)
    return held


def later(message_id: int, owner: str, *, reply: str, after: timedelta | None = None) -> bool:
    """The other side refused it for now: it waits for its next turn, or ends where there is none in time."""
    message = db.session.get(Message, message_id)
    if message is None:
        return False
    wait = max(after or timedelta(), RETRIES[min(max(message.attempt, 1), len(RETRIES)) - 1])
    again = now() + wait
    if message.attempt > len(RETRIES) or again >= message.expires_at:
        return _answer(message_id, owner, MessageState.FAILED, detail=reply, reply=reply, reason=MessageReason.GAVE_UP)
    return _answer(message_id, owner, MessageState.QUEUED, detail=reply, reply=reply, not_before=again)


def untouched(message_id: int, owner: str, *, detail: str, until: datetime) -> bool:
    """A fault of our own system before anything left: it waits, and the attempt does not count."""
    return _answer(message_id, owner, MessageState.QUEUED, detail=detail, not_before=until, attempt=Message.attempt - 1)


def _answer(message_id: int, owner: str, state: MessageState, *, detail: str | None, **values: Any) -> bool:
    fresh = {"reason": None, **values, "state": state, "phase": None}
    held = db.session.scalar(
        update(Message)
        .where(Message.id == message_id, holding.is_held(owner))
        .values(fresh)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    if held is None:
        return False
    events.append([message_id], state, reason=fresh["reason"], detail=detail, owner=owner)
    return True


def blame_address(message_id: int, why: str, blame: Blame) -> None:
    """Mark the address a message went to, at once where nobody is there, after a while where its box stays full."""
    row = db.session.execute(select(Message.channel, Message.recipient).where(Message.id == message_id)).one()
    if row.recipient is None or (blame == Blame.BOX_FULL and not _was_full_long(message_id)):
        return
    address_failures.mark(Channel(str(row.channel)), row.recipient, reason=why[:200])


def _was_full_long(message_id: int) -> bool:
    """Whether the address refused the last few messages, over several days, without taking one in between."""
    this = db.session.get_one(Message, message_id)
    latest = (
        select(Message.state, Message.created_at)
        .where(
            Message.channel == this.channel,
            Message.recipient == this.recipient,
            Message.state.in_((MessageState.SENT, MessageState.DELIVERED, MessageState.FAILED)),
        )
        .order_by(Message.id.desc())
        .limit(FULL_BOXES)
    )
    rows = db.session.execute(latest).all()
    all_failed = len(rows) == FULL_BOXES and all(row.state == MessageState.FAILED for row in rows)
    return all_failed and rows[0].created_at - rows[-1].created_at >= FULL_FOR
