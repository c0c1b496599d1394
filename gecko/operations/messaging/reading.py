"""Reading messages: a customer's communication log, what needs a decision, the steps of a message, and its files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import defer, joinedload, raiseload, undefer

from ...db import db
from ...errors import NotFound
from ...models.bookings import Booking, Service
from ...models.messages import Message, MessageAttachment, MessageBooking, MessageEvent, MessageState
from ...models.people import StaffUser
from ...permissions import Principal
from .. import visibility

PAGE = 30
UNDECIDED = 50
"""How many messages that need a decision are shown at once."""
_SHORT = 90


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the log, newest first. changed: when each message came to its state. before: where older ones begin."""

    messages: list[Message]
    changed: dict[int, datetime]
    before: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One event, and who caused it: a user, or nobody for what the system did."""

    event: MessageEvent
    who: str | None


@dataclass(frozen=True, slots=True)
class Spoken:
    """A booking that a message spoke of. starts_at: as told. is_true: the booking still stands at that time."""

    booking_id: int
    starts_at: datetime
    service: str | None
    is_true: bool


@dataclass(frozen=True, slots=True)
class File:
    """An attachment without its content; size in bytes."""

    position: int
    filename: str
    media_type: str
    size: int


def of_customer(customer_id: int, *, before: int | None = None, size: int = PAGE) -> Page:
    """One page of a customer's messages, newest first, in two queries however long the log is."""
    statement = (
        select(Message)
        .where(Message.customer_id == customer_id)
        .order_by(Message.id.desc())
        .limit(size + 1)
        .options(defer(Message.html), joinedload(Message.created_by).load_only(StaffUser.name), raiseload("*"))
    )
    if before is not None:
        statement = statement.where(Message.id < before)
    found = list(db.session.scalars(statement))
    rows = found[:size]
    return Page(rows, changed_at(row.id for row in rows), rows[-1].id if len(found) > size else None)


def changed_at(message_ids: Iterable[int]) -> dict[int, datetime]:
    """When each message came to the state it is in."""
    last = select(MessageEvent.message_id, func.max(MessageEvent.at)).group_by(MessageEvent.message_id)
    found = db.session.execute(last.where(MessageEvent.message_id.in_(list(message_ids))))
    return {row[0]: row[1] for row in found}


def steps(message_ids: Iterable[int]) -> dict[int, list[Step]]:
    """Everything that happened to messages, in order, by message."""
    statement = (
        select(MessageEvent, StaffUser.name)
        .outerjoin(StaffUser, StaffUser.id == MessageEvent.user_id)
        .where(MessageEvent.message_id.in_(list(message_ids)))
        .order_by(MessageEvent.id)
    )
    found: dict[int, list[Step]] = {}
    for event, who in db.session.execute(statement):
        found.setdefault(event.message_id, []).append(Step(event, who))
    return found


def bookings_of(message_ids: Iterable[int]) -> dict[int, list[Spoken]]:
    """The bookings that messages spoke of, with their services, by message."""
    statement = (
        select(MessageBooking, Service.name, Booking.start_at, Booking.deleted_at)
        .join(Booking, Booking.id == MessageBooking.booking_id)
        .outerjoin(Service, Service.id == Booking.service_id)
        .where(MessageBooking.message_id.in_(list(message_ids)))
        .order_by(MessageBooking.message_id, MessageBooking.starts_at, MessageBooking.booking_id)
    )
    found: dict[int, list[Spoken]] = {}
    for told, service, start_at, deleted_at in db.session.execute(statement):
        is_true = deleted_at is None and start_at == told.starts_at
        found.setdefault(told.message_id, []).append(Spoken(told.booking_id, told.starts_at, service, is_true))
    return found


def undecided(principal: Principal, *, limit: int = UNDECIDED) -> list[Message]:
    """Messages of which nobody knows whether they were sent, the longest waiting first, as far as the user may see."""
    statement = (
        select(Message)
        .where(Message.state == MessageState.UNKNOWN)
        .order_by(Message.id)
        .limit(limit)
        .options(
            defer(Message.html), joinedload(Message.customer), joinedload(Message.created_by).load_only(StaffUser.name)
        )
    )
    return list(db.session.scalars(visibility.messages(statement, principal)))


def count_undecided(principal: Principal) -> int:
    """How many there are."""
    statement = select(func.count()).select_from(Message).where(Message.state == MessageState.UNKNOWN)
    return db.session.scalar(visibility.messages(statement, principal)) or 0


def files(message_id: int) -> list[File]:
    """The attachments of a message in order."""
    statement = (
        select(
            MessageAttachment.position, MessageAttachment.filename, MessageAttachment.media_type,
            func.length(MessageAttachment.content),
        )
        .where(MessageAttachment.message_id == message_id)
        .order_by(MessageAttachment.position)
    )  # fmt: skip
    return [File(*row) for row in db.session.execute(statement)]


def file(message_id: int, position: int) -> MessageAttachment:
    """One attachment with its content; raises NotFound."""
    statement = (
        select(MessageAttachment)
        .where(MessageAttachment.message_id == message_id, MessageAttachment.position == position)
        .options(undefer(MessageAttachment.content))
    )
    found = db.session.scalar(statement)
    if found is None:
        raise NotFound
    return found


def headline(message: Message) -> str:
    """The subject, or the first words of a text without one."""
    words = " ".join((message.subject or message.body).split())
    return words if len(words) <= _SHORT else words[: words.rfind(" ", 20, _SHORT)] + " …"
