"""What an erasure leaves of a customer's messages: that there were some, of which kind and when."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from ...db import db
from ...models.messages import Message, MessageAttachment, MessageEvent, MessageReason, MessageState
from ...tombstones import BLANK
from . import events


def forget(customer_ids: Sequence[int]) -> None:
    """Empty the messages of customers; what waits is cancelled, what is just being sent is taken as unknown."""
    mine = select(Message.id).where(Message.customer_id.in_(customer_ids))
    for before, after in ((MessageState.QUEUED, MessageState.CANCELLED), (MessageState.SENDING, MessageState.UNKNOWN)):
        ended = list(
            db.session.scalars(
                update(Message)
                .where(Message.customer_id.in_(customer_ids), Message.state == before)
                .values(state=after, phase=None, reason=MessageReason.CUSTOMER_GONE)
                .returning(Message.id)
                .execution_options(synchronize_session=False)
            )
        )
        events.append(ended, after, reason=MessageReason.CUSTOMER_GONE)
    db.session.execute(delete(MessageAttachment).where(MessageAttachment.message_id.in_(mine)))
    db.session.execute(update(MessageEvent).where(MessageEvent.message_id.in_(mine)).values(detail=None))
    db.session.execute(
        update(Message)
        .where(Message.customer_id.in_(customer_ids))
        .values(recipient=None, subject=None, body=BLANK, html=None, reply=None)
        .execution_options(synchronize_session=False)
    )
