"""Statements of account ("kontoudtog"): what moved on an account in a period, or what is open of it on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import defer

from ..db import db
from ..models.debtors import Debtor
from ..models.messages import Message, MessageChannel, MessageKind
from ..models.postings import DebtorPosting, PostingKind
from ..models.statement_messages import StatementMessage
from ..permissions import Principal
from . import ageing, debtor_numbers, invoicing, ledger, visibility
from .ageing import Ageing, Bucket
from .messaging import enqueuing
from .messaging.enqueuing import Attachment, Draft


class Form(StrEnum):
    """Everything that moved, with the balance after it; or only what is open."""

    ACTIVITY = "activity"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: up to and including `to`; movements from `since` on."""

    form: Form
    since: date
    to: date


@dataclass(frozen=True, slots=True)
class Row:
    """A posting. ore: its amount, or what is open of it; balance_ore: the sum of everything up to it."""

    kind: PostingKind
    text: str
    posted_on: date
    due_on: date | None
    ore: int
    balance_ore: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One debtor's statement. aged: what is open by age, the youngest first; credits_ore: what is placed on nothing."""

    wanted: Wanted
    language: str
    buyer: dict[str, Any]
    seller: dict[str, Any]
    opening_ore: int
    closing_ore: int
    rows: Sequence[Row]
    aged: Sequence[tuple[Bucket, int]]
    credits_ore: int


def of(debtor: Debtor, wanted: Wanted) -> Statement:
    """The statement of a debtor, as the ledger stands."""
    is_activity = wanted.form == Form.ACTIVITY
    opening = ledger.outstanding(debtor.id, wanted.since - timedelta(days=1)) if is_activity else 0
    terms = Ageing(wanted.to)
    aged = ageing.by_debtor(terms, select(Debtor.id).where(Debtor.id == debtor.id))
    sums: Mapping[Any, Any] = db.session.execute(select(aged)).mappings().one_or_none() or {}
    return Statement(
        wanted=wanted,
        language=debtor.language,
        buyer=invoicing.buyer_snapshot(debtor),
        seller=invoicing.seller_snapshot(),
        opening_ore=opening,
        closing_ore=int(sums.get("total", 0)),
        rows=_rows(debtor.id, wanted, opening),
        aged=[(bucket, int(sums.get(bucket.key, 0))) for bucket in terms.buckets],
        credits_ore=int(sums.get("credits", 0)),
    )


def _rows(debtor_id: int, wanted: Wanted, balance: int) -> list[Row]:
    row, is_activity = DebtorPosting, wanted.form == Form.ACTIVITY
    ore = row.amount_ore if is_activity else ageing.remaining(wanted.to)
    statement = (
        select(row.kind, row.text, row.posted_on, row.due_on, ore.label("ore"))
        .where(row.debtor_id == debtor_id, row.posted_on <= wanted.to)
        .order_by(row.posted_on, row.id)
    )
    statement = statement.where(row.posted_on >= wanted.since) if is_activity else statement.where(ore != 0)
    found = []
    for one in db.session.execute(statement):
        balance += one.ore
        found.append(Row(one.kind, one.text, one.posted_on, one.due_on, int(one.ore), balance))
    return found


def candidates(
    day: date, who: Principal, *, first_no: str = "", last_no: str = "", group_id: int | None = None
) -> list[int]:
    """Debtors within the numbers and the group who owe or are owed something at the end of a day, by name."""
    owing = (
        select(DebtorPosting.debtor_id)
        .where(DebtorPosting.posted_on <= day)
        .group_by(DebtorPosting.debtor_id)
        .having(func.sum(DebtorPosting.amount_ore) != 0)
    )
    statement = select(Debtor.id).where(
        Debtor.deleted_at.is_(None), Debtor.id.in_(owing), *debtor_numbers.between(first_no, last_no)
    )
    if group_id is not None:
        statement = statement.where(Debtor.group_id == group_id)
    return list(db.session.scalars(visibility.debtors(statement, who).order_by(Debtor.name_sort, Debtor.id)))


def key(batch: str, debtor_id: int) -> str:
    """What makes it the same statement when it is sent again: the same batch, the same debtor."""
    return f"statement:{batch}:{debtor_id}"


def draft(debtor: Debtor, batch: str, subject: str, body: str, file: Attachment) -> Draft:
    """The e-mail that takes a statement to its debtor."""
    return Draft(
        channel=MessageChannel.EMAIL,
        kind=MessageKind.STATEMENT,
        dedupe_key=key(batch, debtor.id),
        subject=subject,
        body=body,
        recipient=debtor.email,
        language=debtor.language,
        attachments=(file,),
    )


def mail(debtor: Debtor, batch: str, subject: str, body: str, file: Attachment) -> Message | None:
    """Put a statement into the outbox; None where this batch's stands there already."""
    message = enqueuing.enqueue(draft(debtor, batch, subject, body, file))
    if message is not None:
        note(message.id, debtor.id, batch)
    return message


def note(message_id: int, debtor_id: int, batch: str) -> None:
    """Write down whose statement a message carried, and with what it was sent."""
    db.session.add(StatementMessage(message_id=message_id, debtor_id=debtor_id, batch=batch))
    db.session.flush()


def sent(batch: str) -> dict[int, Message]:
    """The messages of a batch by debtor."""
    statement = (
        select(StatementMessage.debtor_id, Message)
        .join(Message, Message.id == StatementMessage.message_id)
        .where(StatementMessage.batch == batch)
        .options(defer(Message.html), defer(Message.body))
    )
    return dict(db.session.execute(statement).all())
