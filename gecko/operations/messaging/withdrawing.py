"""Taking back what speaks of a booking, in the transaction that moves or deletes it.

After that transaction has committed, no message can leave that tells the old time. Why that holds:

*SQLite* has one writer at a time. A fence is passed before the change, which then finds the message handed over and
refuses itself, or after it, and sees the booking as it is then.

*PostgreSQL*, READ COMMITTED. Everybody takes locks in the order customer, calendar, booking, message. The change holds
the booking FOR UPDATE, then locks every message that speaks of it, whatever its state, until it commits:

- A message that is not handed over is cancelled. A fence that comes later waits for the row, looks at it anew and finds
  it taken away. A fence that came first makes this wait, and this then reads the row as handed over.
- A message that is handed over may leave at any moment: the change refuses itself (`BeingSent`) until the answer is
  there or the lease, which began anew at the fence and outlasts every wait of a gateway, has run out. Then its holder
  is dead, and the message left before the change or never will. (A process stopped between the fence and the next step
  for longer than a lease, and then let go, is the one thing that no look at the table can exclude.)
- Nothing else can become due meanwhile. What was set aside, or needs a decision, comes back to the queue by a change of
  its row, which is locked; when it does so later, the fence sees the booking as it is then.
- A new message cannot slip in. Whoever writes one holds the booking FOR SHARE first (`speaking.hold_and_compare`): they
  come before this, which then waits and sees the message, or after it, and read the new time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from ...clock import now
from ...db import db
from ...errors import NotYet
from ...language import _
from ...models.messages import Message, MessageBooking, MessagePhase, MessageReason, MessageState
from . import events, speaking

BATCH = 1_000


class BeingSent(NotYet):
    """A message about the booking is on its way out; nobody can hold it back or know yet that it left."""

    message = _("A message about this booking is being sent this very moment. Try again in a few seconds.")


def withdraw_for(booking_id: int) -> int:
    """Cancel what speaks of a booking and has not left; returns how many. The caller holds the booking's row.

    Raises BeingSent where a message is handed over right now.
    """
    wanted = (
        select(
            Message.id, Message.state, Message.phase, Message.lease_until, Message.dedupe_key, Message.reference
        )
        .join(MessageBooking, MessageBooking.message_id == Message.id)
        .where(MessageBooking.booking_id == booking_id)
        .order_by(Message.id)
        .with_for_update(of=Message, key_share=True)
    )  # fmt: skip
    rows = db.session.execute(wanted).all()
    moment = now()
    if any(row.phase == MessagePhase.HANDED and row.lease_until > moment for row in rows):
        raise BeingSent
    waiting = [row for row in rows if row.state == MessageState.QUEUED or row.phase == MessagePhase.CLAIMED]
    _cancel(waiting, MessageReason.BOOKING_CHANGED)
    return len(waiting)


def withdraw_one(message_id: int) -> bool:
    """Cancel a message whose cause is gone, for good: its key is free for another. False where it left, or may have.

    What was set aside is cancelled, too, so that it does not go by itself once its address is right.
    """
    wanted = (
        select(Message.id, Message.state, Message.phase, Message.reason, Message.dedupe_key, Message.reference)
        .where(Message.id == message_id)
        .with_for_update(of=Message, key_share=True)
    )
    row = db.session.execute(wanted).one()
    if row.state in _LEFT or row.phase == MessagePhase.HANDED:
        return False
    if row.state in _OVER:
        _give_up(row)
    else:
        _cancel([row], row.reason or MessageReason.WITHDRAWN)
    return True


def take_back(
    *which: ColumnElement[bool] | InstrumentedAttribute[bool], state: MessageState, reason: MessageReason
) -> int:
    """Put what fits and is not handed over into a state that it does not leave; returns how many.

    So is what was set aside because its address failed, which would else go by itself once that is right.
    """
    waits = or_(
        Message.state == MessageState.QUEUED,
        Message.phase == MessagePhase.CLAIMED,
        and_(Message.state == MessageState.SUPPRESSED, Message.reason == MessageReason.ADDRESS_FAILED),
    )
    locked = select(Message.id).where(*which, waits).order_by(Message.id).with_for_update(of=Message, key_share=True)
    taken = db.session.scalars(locked).all()
    for start in range(0, len(taken), BATCH):
        some = taken[start : start + BATCH]
        db.session.execute(
            update(Message)
            .where(Message.id.in_(some))
            .values(state=state, phase=None, reason=reason)
            .execution_options(synchronize_session=False)
        )
        events.append(some, state, reason=reason)
    return len(taken)


_LEFT = (MessageState.SENT, MessageState.DELIVERED, MessageState.UNKNOWN)
_OVER = (MessageState.FAILED, MessageState.EXPIRED, MessageState.CANCELLED)


def _cancel(rows: Sequence[Any], reason: MessageReason) -> None:
    for row in rows:
        _give_up(row, state=MessageState.CANCELLED, phase=None, reason=reason)
    events.append([row.id for row in rows], MessageState.CANCELLED, reason=reason)


def _give_up(row: Any, **values: Any) -> None:
    """Free the message's key, and change what else is given."""
    db.session.execute(
        update(Message)
        .where(Message.id == row.id)
        .values(dedupe_key=speaking.given_up(row.dedupe_key, row.reference), **values)
        .execution_options(synchronize_session=False)
    )
