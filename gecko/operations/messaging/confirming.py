"""Confirmations: told at once to the customer for whom staff have booked, over the channels that are chosen for it."""

from __future__ import annotations

from ...clock import now
from ...models.bookings import Booking
from ...models.messages import MessageChannel, MessageKind
from .. import settings
from ..texts import loading
from ..texts.shipping import TextKey
from . import enqueuing, telling


def channels() -> list[MessageChannel]:
    """Over which channels bookings are confirmed."""
    chosen = settings.DEFAULTS | settings.stored()
    return [one for one in telling.open_channels() if chosen[f"confirmation.{one}"]]


def confirm(booking: Booking) -> list[int]:
    """Write the confirmations of a booking, once each; returns the ids of the messages.

    Nothing is written about a booking that has begun, is deleted, or belongs to nobody. Quiet hours do not hold it: the
    customer has just booked.
    """
    moment = now()
    if booking.customer_id is None or booking.deleted_at is not None or booking.start_at <= moment:
        return []
    drafts = []
    for channel in channels():
        text = telling.text(TextKey.CONFIRMATION, channel)
        facts = loading.for_bookings([booking.id], text.needs(), at=moment)[booking.id]
        drafts.append(text.draft(facts, MessageKind.CONFIRMATION, f"confirmation:{booking.id}:{channel}"))
    return enqueuing.enqueue_all(draft for draft in drafts if draft is not None)
