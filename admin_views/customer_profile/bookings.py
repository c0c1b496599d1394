"""The tab Bookings: active, previous and deleted ones, and the print of what is to come."""

from __future__ import annotations

import secrets
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import force_locale

from gecko.clock import now
from gecko.db import transaction
from gecko.errors import Invalid
from gecko.models.bookings import Bucket
from gecko.modules import Gate, Module
from gecko.operations import booking_lists, company, customers
from gecko.operations.messaging import cards
from gecko.permissions import Permission
from jobs import queue

from ..booking_cells import BUCKETS, DELETERS, note_of
from ..guard import message_of
from ..messages import words
from .tabs import Profile

CARD = Gate((Module.SMS,))


def count(profile: Profile) -> Any:
    """How many are active."""
    return booking_lists.count_active(profile.customer.id).scalar_subquery()


def render(profile: Profile) -> str:
    """One page of each list; each goes on by itself."""
    customer_id = profile.customer.id
    after = {bucket: request.args.get(str(bucket)) for bucket, _words in BUCKETS}
    return render_template(
        "customer_profile/bookings.html",
        customer=profile.customer,
        lists={bucket: booking_lists.page(customer_id, bucket, after=after[bucket]) for bucket in Bucket},
        after=after,
        deleters=dict(DELETERS),
        note_of=note_of,
        may_book=profile.may(Permission.BOOKING_EDIT),
        may_write=profile.may(Permission.MESSAGE_SEND),
        words=words,
        **_card(profile),
    )


def _card(profile: Profile) -> dict[str, Any]:
    """The button of the SMS appointment card: asked for, just sent, or neither."""
    if not profile.may(Permission.MESSAGE_SEND) or not profile.is_open(CARD):
        return {"may_card": False}
    asked = request.args.get("card", "")
    card = cards.card(profile.customer) if asked == "ask" else None
    return {
        "may_card": True,
        "card": card,
        "refusal": message_of(card.refusal) if card and card.refusal else "",
        "sent": cards.latest(profile.customer.id) if asked == "sent" else None,
        "once": secrets.token_urlsafe(12),
    }


def send_card(profile: Profile) -> Any:
    """Send the SMS appointment card; one confirmation is one message."""
    customer_id, once = profile.customer.id, request.form.get("once", "")
    if not once:
        raise Invalid("The form had no number of its own. Look at it once more and send it again.")
    with transaction():
        cards.send(customers.find(customer_id, profile.principal), nonce=once)
    queue.wake_senders()
    return redirect(url_for("customer_profile.tab", customer_id=customer_id, tab_key="bookings", card="sent"), 303)


def render_print(profile: Profile) -> str:
    """The active reservations on a sheet of their own, under the company's name and in the customer's language."""
    with force_locale(profile.customer.language):
        return render_template(
            "customer_profile/bookings_print.html",
            customer=profile.customer,
            rows=booking_lists.active(profile.customer.id),
            company=company.read(),
            at=now(),
        )
