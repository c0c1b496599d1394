"""One letter that staff write to one customer: seen as it will be, refused with the reason, logged once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select

from ...clock import now
from ...db import db
from ...errors import Invalid
from ...language import _
from ...models.customers import Customer
from ...models.messages import Message, MessageState
from ...permissions import Principal
from ..texts import loading, storing
from ..texts.parsing import Problem
from ..texts.reviewing import Source, review
from . import batches
from .batches import LETTER, Order
from .sheets import Letter, Page


@dataclass(frozen=True, slots=True)
class Writing:
    """What staff wrote, and on which paper."""

    source: Source
    language: str
    page: Page


@dataclass(frozen=True, slots=True)
class Preview:
    """A letter as it will be. problems: codes that are written as nothing."""

    letter: Letter
    body: str
    problems: tuple[Problem, ...]


def preview(customer: Customer, writing: Writing, *, principal: Principal) -> Preview:
    """The letter as this customer would get it; codes about what `principal` may not see are written as nothing."""
    made = batches.composed(_order(customer, writing, "", principal))
    letter = Letter(made.address, made.draft.html or "", writing.language, made.sheet)
    return Preview(letter, made.draft.body, review(writing.source, LETTER, frozenset()).problems)


def make(customer: Customer, writing: Writing, *, nonce: str, principal: Principal) -> int:
    """Log the letter and return its id; the same form sent again finds the letter it made.

    Raises Invalid where there is no address to send it to, or nothing to say.
    """
    writing = replace(writing, source=storing.checked(writing.source, LETTER))
    order = _order(customer, writing, f"letter:{customer.id}:{nonce}", principal)
    shown = batches.composed(order)
    if not shown.draft.body.strip():
        raise Invalid(_("With its codes filled in, the text is empty."), field="body")
    if not shown.address:
        raise Invalid(_("The customer has no postal address. No letter was made."))
    made = batches.write([order])
    return made[0] if made else _made_before(order.dedupe_key)


def _made_before(dedupe_key: str) -> int:
    wanted = select(Message.id).where(Message.dedupe_key == dedupe_key, Message.state == MessageState.SENT)
    found = db.session.scalar(wanted)
    if found is None:
        raise Invalid(_("A booking was moved or cancelled just now. Look at the letter once more."))
    return found


def _order(customer: Customer, writing: Writing, key: str, principal: Principal) -> Order:
    parts = loading.permitted(loading.needed(writing.source), principal)
    facts = loading.for_customers([customer.id], parts, at=now())[customer.id]
    return Order(facts, writing.source, writing.language, writing.page, key)
