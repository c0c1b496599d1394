"""A message about one booking: the text in force, in the customer's language, with that booking's facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ...gateways.sms import segments
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
    """One text in force over one channel, in every language, and what is read once for many messages.

    price_ore: of an SMS part; 0 where none is set.
    """

    key: TextKey
    channel: MessageChannel
    held: Mapping[Name, Held]
    price_ore: int

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
        if composed.unfit or not composed.body.strip():
            return None
        parts = segments.measure(composed.body).segments if self.channel == MessageChannel.SMS else None
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
            segments=parts,
            price_ore=parts * self.price_ore if parts and self.price_ore else None,
            bookings=((booking.id, booking.starts_at),),
        )


def text(key: TextKey, channel: MessageChannel) -> Text:
    """A text as it is in force now."""
    return Text(key, channel, storing.all_held(), int(settings.get("message.sms_price_ore")))
