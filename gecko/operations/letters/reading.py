"""Letters out of the log, as they were made: the same text to the same address on the same paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from ...db import db
from ...errors import NotFound
from ...models.customers import Customer
from ...models.messages import Message, MessageLetter, MessageState
from ...permissions import Principal
from .. import visibility
from . import sheets
from .sheets import Letter

BATCH = 200


def letter(message_id: int) -> Letter:
    """One letter; raises NotFound where there is none, or where it was erased with its customer."""
    found = next(letters([message_id]), None)
    if found is None:
        raise NotFound
    return found


def letters(message_ids: Iterable[int]) -> Iterator[Letter]:
    """Letters in the order of the ids, read some hundred at a time; what was never made or is erased is left out."""
    waiting = iter(message_ids)
    while batch := list(islice(waiting, BATCH)):
        wanted = (
            select(Message.id, Message.recipient, Message.html, Message.language, MessageLetter.sheet)
            .join(MessageLetter, MessageLetter.message_id == Message.id)
            .where(Message.id.in_(batch), Message.state == MessageState.SENT, Message.html.is_not(None))
        )
        found = {row.id: _letter(row) for row in db.session.execute(wanted)}
        yield from (found[one] for one in batch if one in found)


def _letter(row: Any) -> Letter:
    return Letter(tuple(row.recipient.split("\n")), row.html, row.language, sheets.read(row.sheet))


def is_kept(message_id: int) -> bool:
    """Whether the letter can be made again."""
    return next(letters([message_id]), None) is not None


def by_name(batch: str) -> list[int]:
    """The letters that were made together (see batches.Order), by the customer's name."""
    made = _of(batch, select(Message.id).join(Customer, Customer.id == Message.customer_id))
    return list(
        db.session.scalars(made.where(Message.state == MessageState.SENT).order_by(Customer.name_sort, Message.id))
    )


def skipped(batch: str, principal: Principal, *, limit: int) -> Sequence[Message]:
    """What of a batch was not made, as far as `principal` may see, each with its reason."""
    left = _left(batch, select(Message)).options(joinedload(Message.customer)).order_by(Message.id).limit(limit)
    return list(db.session.scalars(visibility.messages(left, principal)))


def count_skipped(batch: str) -> int:
    """How many there are."""
    return db.session.scalar(_left(batch, select(func.count()).select_from(Message))) or 0


def _left(batch: str, statement: Select[Any]) -> Select[Any]:
    return _of(batch, statement).where(Message.state == MessageState.SUPPRESSED)


def _of(batch: str, statement: Select[Any]) -> Select[Any]:
    return statement.join(MessageLetter, MessageLetter.message_id == Message.id).where(MessageLetter.batch == batch)
