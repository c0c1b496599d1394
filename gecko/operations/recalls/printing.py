"""Letters of recalls: made when somebody prints them, logged like any letter, and counted as sent from then on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Select, select

from ...clock import midnight
from ...db import db
from ...errors import Invalid
from ...language import _
from ...models.customers import Customer
from ...models.messages import MessageChannel, MessageKind
from ...models.recalls import Recall, RecallTurn, TurnState
from ...permissions import Principal
from .. import message_templates, visibility
from ..letters import addressing, batches
from ..letters.batches import Order
from ..letters.sheets import Page
from . import deciding, holding, reaching

LETTER = MessageChannel.LETTER


def print_letter(turn_id: int, *, principal: Principal | None = None) -> RecallTurn:
    """Make the letter of a time that is open, whatever its reason, and go on to the next date.

    Raises Invalid where there is no address to send it to, or nothing to say.
    """
    turn = holding.hold_turn(turn_id, principal=principal)
    deciding.take_back(turn)
    recall = turn.recall
    customer = db.session.get_one(Customer, recall.customer_id, populate_existing=True)
    source, own = reaching.text_for(LETTER, recall, customer.language)
    facts = reaching.facts_for(recall, source, turn.turn_on)
    if facts.customer is None or not addressing.lines(facts.customer):
        raise Invalid(_("The customer has no postal address. No letter was made."))
    page = Page() if own is None else message_templates.page(own)
    key = f"recall:{recall.id}:{turn.turn_on.isoformat()}:{LETTER}"
    made = batches.write([Order(facts, source, customer.language, page, key, MessageKind.RECALL)])
    if not made:
        raise Invalid(_("With its codes filled in, the text is empty."))
    holding.settle(recall, turn, TurnState.SENT, channel=LETTER, message_id=made[0])
    return turn


def made_for(turn_ids: Sequence[int], principal: Principal) -> list[int]:
    """The letters of these times that `principal` may see, by the customer's name."""
    return _messages(_made().where(RecallTurn.id.in_(turn_ids)), principal)


def made_on(day: date, principal: Principal) -> list[int]:
    """The letters that were printed on a day, in the same way."""
    first, last = midnight(day), midnight(day + timedelta(days=1))
    return _messages(_made().where(RecallTurn.changed_at >= first, RecallTurn.changed_at < last), principal)


def _made() -> Select[int | None]:
    return (
        select(RecallTurn.message_id)
        .join(Recall, Recall.id == RecallTurn.recall_id)
        .join(Customer, Customer.id == Recall.customer_id)
        .where(RecallTurn.state == TurnState.SENT, RecallTurn.channel == LETTER)
        .order_by(Customer.name_sort, RecallTurn.id)
    )


def _messages(statement: Select[int | None], principal: Principal) -> list[int]:
    found = db.session.scalars(visibility.recall_turns(statement, principal))
    return [message_id for message_id in found if message_id is not None]
