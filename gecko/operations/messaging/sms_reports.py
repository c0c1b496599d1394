"""Status reports of the SMS gateway: whatever order they come in, and however often, they lead to the same state."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from ...clock import now
from ...db import db
from ...gateways.sms import webhooks
from ...gateways.sms.webhooks import Status, StatusEvent
from ...models.messages import Message, MessageChannel, MessageReason
from ...models.sms_reports import SmsReport
from . import recording, settling

KEPT_FOR = timedelta(days=90)
"""The gateway repeats a report for a day or more; after this nobody does."""


class Taken(StrEnum):
    """What a report came to."""

    NEWS = "news"
    NOTHING_NEW = "nothing new"
    REPEATED = "repeated"
    FOREIGN = "about no message of ours"


def take(event: StatusEvent) -> Taken:
    """Keep a genuine report, and bring its message to the state that all reports about it amount to."""
    message = settling.hold(_spoken_of(event))
    if not _is_new(event, message):
        return Taken.REPEATED
    if message is None:
        return Taken.FOREIGN
    return Taken.NEWS if _follow(message, event) else Taken.NOTHING_NEW


def sweep() -> int:
    """Forget reports that nobody repeats any more; returns how many."""
    old = delete(SmsReport).where(SmsReport.received_at < now() - KEPT_FOR)
    return len(db.session.scalars(old.returning(SmsReport.id)).all())


def _spoken_of(event: StatusEvent) -> ColumnElement[bool]:
    which = Message.reference == event.reference if event.reference else Message.provider_ref == event.provider_ref
    return and_(Message.channel == MessageChannel.SMS, which)


def _is_new(event: StatusEvent, message: Message | None) -> bool:
    """Note the report; False where it stands already, also where the same one comes twice at this moment."""
    dialect = postgresql if db.session.connection().dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(SmsReport)
        .values(
            event_id=event.event_id,
            message_id=message.id if message else None,
            provider_ref=event.provider_ref,
            status=event.status,
            received_at=now(),
        )
        .on_conflict_do_nothing(index_elements=["event_id"])
        .returning(SmsReport.id)
    )
    return db.session.scalar(statement) is not None


def _follow(message: Message, event: StatusEvent) -> bool:
    """Whether the report moved the message. A failure counts for the attempt that it is about only."""
    amount = _amount(message, event)
    if amount is Status.DELIVERED:
        return settling.arrived(message, at=event.at, said=event.error, provider_ref=event.provider_ref)
    if amount in (Status.ACCEPTED, Status.ENROUTE):
        return settling.got_through(message, said=event.error, provider_ref=event.provider_ref)
    if not event.status.is_failure or message.provider_ref not in (None, event.provider_ref):
        return False
    reason = MessageReason.GAVE_UP if event.status is Status.EXPIRED else MessageReason.REJECTED
    said = event.error or str(event.status)
    return settling.failed(message, said=said, blame=recording.blame_of(event.verdict), reason=reason)


def _amount(message: Message, event: StatusEvent) -> Status:
    """What all reports about this text amount to, the new one among them."""
    same_text = select(SmsReport.status).where(
        SmsReport.message_id == message.id, SmsReport.provider_ref == event.provider_ref
    )
    amount: Status | None = None
    for status in db.session.scalars(same_text):
        amount = webhooks.advance(amount, replace(event, status=status))
    return webhooks.advance(amount, event)
