"""Letters to many customers: each is logged with its text and its paper, in the transaction of what wants it.

A letter that cannot go (no address, the customer is gone) is logged, too, as not sent and with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from ...db import db
from ...models.messages import Message, MessageChannel, MessageKind, MessageLetter, MessageState
from ..messaging import enqueuing, speaking
from ..messaging.enqueuing import Draft
from ..texts import loading
from ..texts.codes import Part
from ..texts.composing import compose
from ..texts.facts import Facts
from ..texts.reviewing import Source
from . import addressing, sheets
from .sheets import Page, Sheet

LETTER = MessageChannel.LETTER


@dataclass(frozen=True, slots=True)
class Order:
    """A letter that is wanted. facts: with a customer, as `loading.for_customers` reads them for the parts needed.

    dedupe_key: whoever asks again under it gets no second letter. batch: names what is made together (see
    `reading.by_name`).
    """

    facts: Facts
    source: Source
    language: str
    page: Page
    dedupe_key: str
    kind: MessageKind = MessageKind.MANUAL
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class Composed:
    """A letter as it would be logged. address: empty where the customer has none."""

    draft: Draft
    address: tuple[str, ...]
    sheet: Sheet
    batch: str | None


def composed(order: Order) -> Composed:
    """The letter that an order makes; fails on nothing that a text or a value can hold."""
    facts = order.facts
    text = compose(order.source, facts, LETTER, order.language)
    address = addressing.lines(facts.customer) if facts.customer else ()
    told = [] if facts.booking is None else [(facts.booking.id, facts.booking.starts_at)]
    if Part.BOOKINGS in loading.needed(order.source):
        told += speaking.told(order.source, facts, LETTER, order.language)
    draft = Draft(
        channel=LETTER,
        kind=order.kind,
        dedupe_key=order.dedupe_key,
        body=text.body,
        html=text.html,
        customer_id=facts.customer.id if facts.customer else None,
        recipient="\n".join(address) or None,
        language=order.language,
        bookings=tuple(dict(told).items()),
    )
    sheet = sheets.of_company(facts.company, order.page, order.language, facts.today)
    return Composed(draft, address, sheet, order.batch)


def write(orders: Iterable[Order]) -> list[int]:
    """Log letters; returns the ids of those that were made now, in no promised order.

    A letter without any words is not written at all.
    """
    made = {one.draft.dedupe_key: one for one in map(composed, orders) if one.draft.body.strip()}
    written = _written(enqueuing.enqueue_all(one.draft for one in made.values()))
    rows = [
        {"message_id": row.id, "batch": one.batch, "sheet": one.sheet.stored()}
        for row in written
        for one in (made[row.dedupe_key.removesuffix(f":{row.reference}")],)  # see speaking.given_up
    ]
    if rows:
        db.session.execute(insert(MessageLetter), rows)
    return [row.id for row in written if row.state == MessageState.SENT]


def _written(message_ids: Sequence[int]) -> list[Any]:
    found: list[Any] = []
    for start in range(0, len(message_ids), enqueuing.BATCH):
        some = Message.id.in_(message_ids[start : start + enqueuing.BATCH])
        found += db.session.execute(
            select(Message.id, Message.dedupe_key, Message.reference, Message.state).where(some)
        )
    return found
