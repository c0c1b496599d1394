"""A message about one booking: the text in force, in the customer's language, with that booking's facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ...models.messages import MessageChannel, MessageKind
from ...modules import Module
from .. import settings
from ..texts import loading, storing
from ..texts.codes import Part
from ..texts.composing import compose
from ..texts.facts import Facts
from ..texts.shipping import Name, TextKey
from ..texts.storing import Held
from .enqueuing import Draft

CHANNELS = (MessageChannel.EMAIL, MessageChannel.SMS)


def open_channels() -> tuple[MessageChannel, ...]:
    """The channels over which this installation writes by itself: SMS is a module."""
    has_sms = str(Module.SMS) in settings.switched_on()
    return tuple(one for one in CHANNELS if has_sms or one != MessageChannel.SMS)


@dataclass(frozen=True, slots=True)
class Text:
    """One text in force over one channel, in every language, read once for many messages."""

    key: TextKey
    channel: MessageChannel
    held: Mapping[Name, Held]

    def needs(self) -> frozenset[Part]:
        """What has to be loaded, whatever language its reader has."""
        mine = (held.source for name, held in self.held.items() if (name.key, name.channel) == (self.key, self.channel))
        return loading.needed(*mine)

    def draft(
        self, facts: Facts, kind: MessageKind, dedupe_key: str, *, not_before: datetime | None = None
    ) -> Draft | None:
        """The message, which is worth nothing once the booking begins.

        None where there is no customer, or nothing to say: the text is empty, or holds what must not go by SMS, of
        which its page warns.
        """
        booking, person = facts.booking, facts.customer
        if booking is None or person is None:
            return None
        source = self.held[Name(self.key, self.channel, person.language)].source
        composed = compose(source, facts, self.channel, person.language)
        if not composed.is_sendable:
            return None
        return Draft(
            channel=self.channel,
            kind=kind,
            dedupe_key=dedupe_key,
            subject=composed.subject,
            body=composed.body,
            html=composed.html,
            customer_id=person.id,
            language=person.language,
            not_before=not_before,
            expires_at=booking.starts_at,
            bookings=((booking.id, booking.starts_at),),
        )


def text(key: TextKey, channel: MessageChannel) -> Text:
    """A text as it is in force now."""
    return Text(key, channel, storing.all_held())
