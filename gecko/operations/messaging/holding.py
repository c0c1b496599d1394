"""Which messages are still in a holder's hands: locked in the order of their ids by everybody, so that nobody waits in
a ring."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, bindparam, literal_column, or_, select

from ...db import db
from ...models.messages import Message, MessageState

_TABLE: Any = cast(Any, Message.__table__)
LIVE = (MessageState.SENDING, MessageState.UNKNOWN)


def hold(message_ids: Collection[int], owner: str) -> set[int]:
    """Those of the messages that the holder may still speak of, kept from changing until the end of the transaction.

    What is asked next sees everything that was committed while this waited.
    """
    if not message_ids:
        return set()
    values = {**places(message_ids), "owner": owner}
    return set(db.session.connection().execute(_held(len(values) - 1), values).scalars())


@cache
def _held(width: int) -> Any:
    """Built once, and past the session: every message asks it."""
    wanted = select(_TABLE.c.id).where(is_among(width), is_held(bindparam("owner")))
    return wanted.order_by(_TABLE.c.id).with_for_update(key_share=True)


def places(message_ids: Collection[int]) -> dict[str, int]:
    """Ids as the parameters of `is_among`: as many as the next power of two, the last one again and again.

    So a few statements do for any number of ids, and a database need not plan each time.
    """
    ids = sorted(message_ids)
    width = 1 << (len(ids) - 1).bit_length()
    return {f"id_{place}": ids[min(place, len(ids) - 1)] for place in range(width)}


def is_among(width: int) -> ColumnElement[bool]:
    """SQL: the message is one of those in `places`."""
    one_of: ColumnElement[bool] = _TABLE.c.id.in_([bindparam(f"id_{place}") for place in range(width)])
    return one_of


def constant(value: StrEnum) -> ColumnElement[str]:
    """SQL: one of our own words, in the text of the statement: so a plan that is kept may use an index of one state."""
    return literal_column(f"'{value}'")


def is_held(owner: Any) -> ColumnElement[bool]:
    """SQL: the message is in the holder's hands, or was until its answer was given up."""
    held: ColumnElement[bool] = and_(
        _TABLE.c.lease_owner == owner, or_(*(_TABLE.c.state == constant(one) for one in LIVE))
    )
    return held
