"""Whom a campaign reaches, and why not the others: one judgement in SQL for the dry run and for the writing.

The ids of the customers come as a statement, so that a hundred thousand of them never leave the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, exists, func, literal, null, or_, select

from ...db import db
from ...models.address_failures import AddressFailure, Channel
from ...models.customer_groups import CustomerGroup
from ...models.customers import Customer
from ...models.messages import MessageChannel, MessageReason

PAGE = 100


@dataclass(frozen=True, slots=True)
class Counts:
    """What a dry run counts over one channel. skipped: by reason, the most frequent first."""

    channel: MessageChannel
    going: int
    skipped: tuple[tuple[MessageReason, int], ...]

    @property
    def left_out(self) -> int:
        """How many get nothing."""
        return sum(number for _reason, number in self.skipped)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A customer who gets nothing over a channel, and why."""

    customer_id: int
    number: str | None
    name: str
    address: str | None
    reason: MessageReason


def count(ids: Select[Any], channel: MessageChannel, *, is_marketing: bool) -> Counts:
    """Count who would get the campaign and who would not, in one pass."""
    judged = _judged(ids, channel, is_marketing).subquery()
    found = db.session.execute(select(judged.c.reason, func.count()).group_by(judged.c.reason)).all()
    skipped = [(MessageReason(reason), number) for reason, number in found if reason is not None]
    going = sum(number for reason, number in found if reason is None)
    return Counts(channel, going, tuple(sorted(skipped, key=lambda one: (-one[1], one[0]))))


def skipped(
    ids: Select[Any],
    channel: MessageChannel,
    *,
    is_marketing: bool,
    reason: MessageReason | None = None,
    above: int = 0,
    limit: int = PAGE,
) -> list[Skipped]:
    """Customers who would get nothing, by id from `above` on; of one reason where one is given."""
    judged = _judged(ids, channel, is_marketing).subquery()
    wanted = select(judged).where(judged.c.id > above).order_by(judged.c.id).limit(limit)
    wanted = wanted.where(judged.c.reason.is_not(None) if reason is None else judged.c.reason == reason.value)
    return [
        Skipped(row.id, row.number, row.name, row.address, MessageReason(row.reason))
        for row in db.session.execute(wanted)
    ]


def first_going(ids: Select[Any], channel: MessageChannel, *, is_marketing: bool) -> int | None:
    """One who would get it, for an example."""
    judged = _judged(ids, channel, is_marketing).subquery()
    return db.session.scalar(select(judged.c.id).where(judged.c.reason.is_(None)).order_by(judged.c.id).limit(1))


def judge(
    customer_ids: Iterable[int], channel: MessageChannel, *, is_marketing: bool
) -> dict[int, tuple[str | None, MessageReason | None]]:
    """Address and hindrance of each of these customers taken alone: whether they share an address is not asked."""
    statement = _alone(Customer.id.in_(list(customer_ids)), channel, is_marketing)
    return {
        row.id: (row.address, MessageReason(row.reason) if row.reason else None)
        for row in db.session.execute(statement)
    }


def _judged(ids: Select[Any], channel: MessageChannel, is_marketing: bool) -> Select[Any]:
    """Everybody with the reason that keeps the campaign from them; the first of those who share an address gets it."""
    alone = _alone(Customer.id.in_(ids), channel, is_marketing).subquery()
    place = func.row_number().over(partition_by=(alone.c.reason, alone.c.address), order_by=alone.c.id)
    shared = case(
        (alone.c.reason.is_not(None), alone.c.reason),
        (place > 1, literal(MessageReason.ADDRESS_SHARED.value, String())),
        else_=null(),
    )
    return select(alone.c.id, alone.c.number, alone.c.name, alone.c.address, shared.label("reason"))


def _alone(which: ColumnElement[bool], channel: MessageChannel, is_marketing: bool) -> Select[Any]:
    by_mail = channel == MessageChannel.EMAIL
    address = Customer.email if by_mail else Customer.mobile
    agreed = Customer.accepts_marketing_email if by_mail else Customer.accepts_marketing_sms
    kind = Channel.EMAIL if by_mail else Channel.SMS
    failed = exists().where(AddressFailure.channel == kind, AddressFailure.address == address)
    rules: Sequence[tuple[ColumnElement[bool], MessageReason]] = (
        (Customer.deleted_at.is_not(None), MessageReason.CUSTOMER_GONE),
        (~CustomerGroup.is_active, MessageReason.GROUP_INACTIVE),
        (or_(address.is_(None), address == ""), MessageReason.NO_ADDRESS),
        (failed, MessageReason.ADDRESS_FAILED),
        (and_(literal(is_marketing), ~agreed), MessageReason.NO_CONSENT),
    )
    reason = case(*((rule, literal(why.value, String())) for rule, why in rules), else_=null())
    return (
        select(Customer.id, Customer.number, Customer.name, address.label("address"), reason.label("reason"))
        .join(CustomerGroup, CustomerGroup.id == Customer.group_id)
        .where(which)
    )
