"""Whether newsletters are opened: noted once for each, only for customers who allow it, and only while they do."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, exists, select, update

from ...clock import now
from ...db import db
from ...models.customers import Customer
from ...models.messages import Message


def is_news(message_id: int) -> bool:
    """Whether there is something to note: sent, not opened before, and the customer allows it."""
    return db.session.scalar(select(Message.id).where(*_unopened(message_id))) is not None


def note(message_id: int) -> None:
    """Note that a message was opened now; nothing where that is no news."""
    db.session.execute(
        update(Message)
        .where(*_unopened(message_id))
        .values(opened_at=now())
        .execution_options(synchronize_session=False)
    )


def allowing(customer_ids: Iterable[int | None]) -> set[int]:
    """Which of these customers allow it."""
    wanted = {one for one in customer_ids if one is not None}
    if not wanted:
        return set()
    return set(db.session.scalars(select(Customer.id).where(Customer.id.in_(wanted), Customer.allows_open_tracking)))


def _unopened(message_id: int) -> list[ColumnElement[bool]]:
    allows = exists().where(Customer.id == Message.customer_id, Customer.allows_open_tracking)
    return [
        Message.id == message_id,
        Message.is_marketing.is_(True),
        Message.sent_at.is_not(None),
        Message.opened_at.is_(None),
        allows,
    ]
