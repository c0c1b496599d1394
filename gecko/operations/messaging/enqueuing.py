"""Messages are written in the transaction of what they speak of; nothing is sent here.

A message that must not go is written, too, with the reason: the log says that nothing was sent, and why.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import JSON, String, bindparam, cast, column, func, insert, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite

from ... import actor, language
from ...clock import now
from ...db import db
from ...models.customers import Customer
from ...models.messages import Message, MessageAttachment, MessageChannel, MessageKind, MessageReason, MessageState
from .. import survivors
from . import addresses, costs, events, speaking

BATCH = 500
LIFE = timedelta(days=3)
"""How long a message may wait to be sent where nothing else is said."""
OF_BOOKINGS = (MessageKind.REMINDER, MessageKind.APPOINTMENT_CARD)
"""What goes only to those who want to hear of their bookings over this channel."""
_TABLE: Any = Message.__table__


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with an e-mail."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be written.

    dedupe_key: what makes it the same message when it is asked for again. recipient: the customer's own address of that
    channel unless given. is_marketing: only to those who agreed to it. not_before, expires_at: aware instants.
    bookings: those it speaks of, each with the start that it tells. campaign_id: it goes only while that campaign runs.
    trigger_id: the marketing trigger that writes it. hindrance: why it must not go, where whoever writes it knows more
    than can be seen here.
    """

    channel: MessageChannel
    kind: MessageKind
    dedupe_key: str
    body: str
    subject: str | None = None
    html: str | None = None
    customer_id: int | None = None
    recipient: str | None = None
    language: str | None = None
    is_marketing: bool = False
    not_before: datetime | None = None
    expires_at: datetime | None = None
    attachments: tuple[Attachment, ...] = field(default=())
    bookings: tuple[tuple[int, datetime], ...] = field(default=())
    campaign_id: int | None = None
    trigger_id: int | None = None
    hindrance: MessageReason | None = None


def enqueue(draft: Draft) -> Message | None:
    """Write one message; None where one with its key stands already. Its state says whether it will go."""
    written = enqueue_all([draft])
    return db.session.get(Message, written[0]) if written else None


def enqueue_all(drafts: Iterable[Draft]) -> list[int]:
    """Write many; returns the ids of those that were not there before, in no promised order."""
    written: list[int] = []
    waiting = iter(drafts)
    while batch := list(islice(waiting, BATCH)):
        written += _write(batch)
    return written


def _write(drafts: Sequence[Draft]) -> list[int]:
    people = hold([draft.customer_id for draft in drafts if draft.customer_id is not None])
    untrue = speaking.hold_and_compare({booking for draft in drafts for booking in draft.bookings})
    recipients = [_recipient(draft, people) for draft in drafts]
    wanted = {(draft.channel, to) for draft, to in zip(drafts, recipients, strict=True) if to}
    failed = addresses.failed(wanted)
    moment, user_id = now(), actor.current().user_id
    each = costs.each() if any(draft.channel == MessageChannel.SMS for draft in drafts) else 0
    rows = []
    for draft, to in zip(drafts, recipients, strict=True):
        person = people.get(draft.customer_id) if draft.customer_id is not None else None
        reason = _hindrance(draft, to, person, failed)
        if untrue.intersection(draft.bookings):
            reason = MessageReason.BOOKING_CHANGED
        rows.append(_row(draft, to, person, reason, moment, user_id) | _cost(draft, each))
    inserted = _insert(rows)
    by_key = {row["dedupe_key"]: draft for row, draft in zip(rows, drafts, strict=True)}
    written = [(one.id, by_key[one.dedupe_key]) for one in inserted]
    _attach(written)
    speaking.note([(message_id, draft.bookings) for message_id, draft in written])
    for state, reason in {(one.state, one.reason) for one in inserted}:
        events.append([one.id for one in inserted if (one.state, one.reason) == (state, reason)], state, reason=reason)
    return [one.id for one in inserted]


def hold(customer_ids: Iterable[int]) -> dict[int, Any]:
    """Who answers for each customer, kept from being merged until the end of the transaction."""
    wanted = sorted(set(customer_ids))
    if len(wanted) == 1:
        survivors.hold(wanted[0], deleted=True)
    while wanted:
        ends = survivors.resolve_all(wanted)
        statement = (
            select(
                Customer.id, Customer.email, Customer.mobile, Customer.language, Customer.deleted_at,
                Customer.remind_email, Customer.remind_sms, Customer.accepts_marketing_email,
                Customer.accepts_marketing_sms,
            )
            .where(Customer.id.in_(set(ends.values())))
            .order_by(Customer.id)
        )  # fmt: skip
        people = {row.id: row for row in db.session.execute(statement.with_for_update(read=True, key_share=True))}
        if survivors.resolve_all(wanted) == ends:  # else: merged while this waited for the rows
            return {one: people[end] for one, end in ends.items() if end in people}
    return {}


def _recipient(draft: Draft, people: dict[int, Any]) -> str | None:
    if draft.recipient is not None or draft.customer_id is None:
        return draft.recipient
    person = people.get(draft.customer_id)
    if person is None or draft.channel == MessageChannel.LETTER:
        return None
    address: str | None = person.email if draft.channel == MessageChannel.EMAIL else person.mobile
    return address


def _hindrance(draft: Draft, to: str | None, person: Any, failed: set[Any]) -> MessageReason | None:
    if draft.customer_id is not None and (person is None or person.deleted_at is not None):
        return MessageReason.CUSTOMER_GONE
    if draft.hindrance is not None:
        return draft.hindrance
    if to is None:
        return MessageReason.NO_ADDRESS
    if (draft.channel, to) in failed:
        return MessageReason.ADDRESS_FAILED
    return unwilling(draft.channel, draft.kind, draft.is_marketing, person)


def unwilling(channel: MessageChannel, kind: MessageKind, is_marketing: bool, person: Any) -> MessageReason | None:
    """Why the customer does not want such a message; None where it may go. Letters need no consent.

    An address that is nobody's has agreed to nothing.
    """
    if channel == MessageChannel.LETTER:
        return None
    if person is None:
        return MessageReason.NO_CONSENT if is_marketing else None
    by_mail = channel == MessageChannel.EMAIL
    if is_marketing:
        agreed = person.accepts_marketing_email if by_mail else person.accepts_marketing_sms
        return None if agreed else MessageReason.NO_CONSENT
    if kind in OF_BOOKINGS and not (person.remind_email if by_mail else person.remind_sms):
        return MessageReason.OPTED_OUT
    return None


def _row(
    draft: Draft, to: str | None, person: Any, reason: MessageReason | None, moment: datetime,
    user_id: int | None,
) -> dict[str, Any]:  # fmt: skip
    reference = secrets.token_hex(12)
    is_untrue = reason == MessageReason.BOOKING_CHANGED
    return {
        "customer_id": person.id if person is not None else None,
        "channel": draft.channel,
        "kind": draft.kind,
        "language": draft.language or (person.language if person is not None else language.DEFAULT),
        "recipient": to,
        "subject": draft.subject,
        "body": draft.body,
        "html": draft.html,
        "is_marketing": draft.is_marketing,
        "dedupe_key": speaking.given_up(draft.dedupe_key, reference) if is_untrue else draft.dedupe_key,
        "reference": reference,
        "state": _first_state(draft, reason),
        "reason": reason,
        "not_before": draft.not_before or moment,
        "expires_at": draft.expires_at or (draft.not_before or moment) + LIFE,
        "campaign_id": draft.campaign_id,
        "trigger_id": draft.trigger_id,
        "created_by_id": user_id,
        "created_at": moment,
        "sent_at": moment if draft.channel == MessageChannel.LETTER and reason is None else None,
    }


def _cost(draft: Draft, each: int) -> dict[str, Any]:
    """What an SMS takes; nothing where it says nothing."""
    cost = costs.of(draft.body, each) if draft.channel == MessageChannel.SMS and draft.body else None
    return {"segments": cost.size.segments if cost else None, "price_ore": cost.price_ore if cost else None}


def _first_state(draft: Draft, reason: MessageReason | None) -> MessageState:
    """Letters wait for nobody: they are made as they are written."""
    if reason is not None:
        return MessageState.SUPPRESSED
    return MessageState.SENT if draft.channel == MessageChannel.LETTER else MessageState.QUEUED


def _insert(rows: list[dict[str, Any]]) -> list[Any]:
    """What was not there before, as rows of id, dedupe_key, state and reason."""
    connection = db.session.connection()
    written = (_TABLE.c.id, _TABLE.c.dedupe_key, _TABLE.c.state, _TABLE.c.reason)
    if connection.dialect.name == "sqlite":
        fresh: Any = sqlite.insert(_TABLE).on_conflict_do_nothing(index_elements=["dedupe_key"])
        return list(connection.execute(fresh.returning(*written), rows))
    # one value instead of some ten thousand, each of which both sides would have to read as a parameter
    record = func.json_populate_recordset(literal_column("NULL::message"), cast(bindparam("rows", type_=String), JSON))
    given = record.table_valued(*(column(name, _TABLE.c[name].type) for name in rows[0]))
    fresh = postgresql.insert(_TABLE).from_select(list(rows[0]), select(given))
    fresh = fresh.on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(*written)
    return list(connection.execute(fresh, {"rows": json.dumps(rows, default=datetime.isoformat)}))


def _attach(written: Sequence[tuple[int, Draft]]) -> None:
    rows = [
        {"message_id": message_id, "position": position, "filename": one.filename, "media_type": one.media_type,
         "content": one.content}
        for message_id, draft in written
        for position, one in enumerate(draft.attachments, start=1)
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(MessageAttachment), rows)
