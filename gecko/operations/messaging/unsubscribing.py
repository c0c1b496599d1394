"""A customer answers for newsletters by the link in one: no at once, or yes again to the words in force.

A no holds for everybody with the same address: whoever reads there wants no more of it, and which of them clicked
cannot be told. A yes holds for the one customer the link was made for. What waits to be sent is taken out of the queue.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import exists, select

from ...channels import Channel, MessageChannel
from ...db import db
from ...errors import Conflict, NotFound
from ...models.consents import Consent, ConsentText
from ...models.customers import Customer
from ...models.merges import CustomerErasure
from ...models.messages import Message, MessageReason, MessageState
from .. import consents, survivors
from . import withdrawing

_ADDRESS = {Channel.EMAIL: Customer.email, Channel.SMS: Customer.mobile}


@dataclass(frozen=True, slots=True)
class Choice:
    """One channel. wording: what a yes says yes to; None where no yes is offered, as none was given before."""

    channel: Channel
    is_agreed: bool
    wording: ConsentText | None


def look(customer_id: int) -> tuple[str, list[Choice]]:
    """The language and the choices of a customer, or of who absorbed it; raises NotFound for one who is gone."""
    customer = db.session.get(Customer, survivors.resolve(customer_id))
    if customer is None or _is_erased(customer.id):
        raise NotFound
    choices = [_choice(customer, channel) for channel in Channel]
    return customer.language, [one for one in choices if one.is_agreed or one.wording]


def _choice(customer: Customer, channel: Channel) -> Choice:
    is_agreed = consents.agrees(customer, channel)
    is_offered = not is_agreed and customer.deleted_at is None and _agreed_before(customer.id, channel)
    return Choice(channel, is_agreed, consents.wording(channel, customer.language) if is_offered else None)


def _agreed_before(customer_id: int, channel: Channel) -> bool:
    given = exists().where(Consent.customer_id == customer_id, Consent.channel == channel, Consent.is_given)
    return bool(db.session.scalar(select(given)))


def _is_erased(customer_id: int) -> bool:
    return bool(db.session.scalar(select(exists().where(CustomerErasure.customer_id == customer_id))))


def stop(customer_id: int, channel: Channel) -> int:
    """Say no for the customer and whoever shares its address; returns how many waiting messages were taken back.

    Saying it again changes nothing; one who was erased has nothing to say no to.
    """
    end = survivors.hold(customer_id, alone=True, deleted=True)
    if _is_erased(end):
        return 0
    people = [db.session.get_one(Customer, end, populate_existing=True), *_sharing(end, channel)]
    for one in people:
        consents.withdraw(one, channel)
    return _take_back([one.id for one in people], channel)


def _sharing(customer_id: int, channel: Channel) -> list[Customer]:
    address = _ADDRESS[channel]
    own = select(address).where(Customer.id == customer_id).scalar_subquery()
    others = select(Customer).where(address == own, Customer.id != customer_id, Customer.deleted_at.is_(None))
    locking = others.order_by(Customer.id).with_for_update(of=Customer)
    return list(db.session.scalars(locking.execution_options(populate_existing=True)))


def resume(customer_id: int, channel: Channel, text_id: int) -> None:
    """Say yes again; raises Conflict unless the words agreed to are in force, NotFound where no yes is offered."""
    end = survivors.hold(customer_id, alone=True)
    customer = db.session.get_one(Customer, end, populate_existing=True)
    if consents.agrees(customer, channel):
        return
    if not _agreed_before(end, channel):
        raise NotFound
    if consents.wording(channel, customer.language).id != text_id:
        raise Conflict
    consents.write(customer, channel, is_given=True)


def _take_back(customer_ids: Iterable[int], channel: Channel) -> int:
    """What is not handed over yet does not go; the fence would say the same, when its turn comes."""
    return withdrawing.take_back(
        Message.customer_id.in_(list(customer_ids)),
        Message.channel == MessageChannel(channel),
        Message.is_marketing,
        state=MessageState.SUPPRESSED,
        reason=MessageReason.NO_CONSENT,
    )
