"""Which messages are still in a holder's hands: locked in the order of their ids by everybody, so that nobody waits in
a ring."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, bindparam, select

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
    values = {"ids": list(message_ids), "owner": owner}
    return set(db.session.connection().execute(_held(), values).scalars())


@cache
def _held() -> Any:
    """Built once, and past the session: every message asks it."""
    wanted = select(_TABLE.c.id).where(_TABLE.c.id.in_(bindparam("ids", expanding=True)), is_held(bindparam("owner")))
    return wanted.order_by(_TABLE.c.id).with_for_update(key_share=True)


def is_held(owner: Any) -> ColumnElement[bool]:
    """SQL: the message is in the holder's hands, or was until its answer was given up."""
    held: ColumnElement[bool] = and_(_TABLE.c.lease_owner == owner, _TABLE.c.state.in_(LIVE))
    return held
