"""Filters of the list of messages, each in a form that an index answers."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_

from gecko import phones
from gecko.models.messages import Message, MessageChannel, MessageState

from ..grid import filters

WITH_REASON = {MessageState.FAILED, MessageState.SUPPRESSED, MessageState.CANCELLED}
"""States that always carry a reason: the few messages that were not sent have an index of their own."""


class State(filters.Choice):
    """The state of a message."""

    def read(self, chosen: str) -> tuple[ColumnElement[bool], str]:
        """Say of the rare states that they have a reason."""
        condition, text = super().read(chosen)
        return (and_(Message.reason.is_not(None), condition) if chosen in WITH_REASON else condition), text

    def equality(self, *given: str) -> str | None:
        """Two columns take part."""
        return None


class Recipient(filters.Filter):
    """Exactly one address: an e-mail in any case, or a telephone number as people write it."""

    def read(self, typed: str) -> tuple[ColumnElement[bool], str]:
        """Normalise as the outbox does; naming all channels lets the index answer."""
        address = typed.casefold() if "@" in typed else phones.normalise(typed)
        return and_(Message.channel.in_(MessageChannel), Message.recipient == address), phones.display(address)
