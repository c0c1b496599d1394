"""A text tried on somebody while it is written: for a chosen customer and booking, or for an example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import flash, request
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import Form

from gecko.channels import MessageChannel
from gecko.clock import now
from gecko.db import db
from gecko.gateways.sms import segments
from gecko.language import LANGUAGES, _
from gecko.models.bookings import Booking
from gecko.operations import visibility
from gecko.operations.messaging import costs
from gecko.operations.texts import loading, sample
from gecko.operations.texts.composing import Composed, compose
from gecko.operations.texts.facts import Facts
from gecko.operations.texts.parsing import ProblemKind
from gecko.operations.texts.reviewing import Review, Source, review
from gecko.permissions import Permission

from ..base import holds, principal
from ..fields import LookupField
from ..grid.records import read_id

MOST_BOOKINGS = 20
LONG_AGO = timedelta(days=60)
CHANNELS = {
    MessageChannel.EMAIL: (_("E-mail"), "mail"),
    MessageChannel.SMS: (_("SMS"), "message"),
    MessageChannel.LETTER: (_("Letter"), "file-text"),
}
LANGUAGE_NAMES = {"da": _("Danish"), "en": _("English")}
PROBLEMS = {
    ProblemKind.UNKNOWN: _("There is no such code; nothing is written in its place."),
    ProblemKind.NOT_CLOSED: _("The repetition is never ended; what follows is written once."),
    ProblemKind.NOT_OPENED: _("No repetition has begun here."),
    ProblemKind.NESTED: _("The same repetition has begun already."),
}


class TrialForm(Form):
    """On whom the text is tried."""

    customer_id = LookupField(_("Try it on a customer"), endpoint="customers")


@dataclass(frozen=True, slots=True)
class Trial:
    """A text as somebody would get it. bookings: those to choose from, the chosen one's id beside.

    size and price_ore: of an SMS, the price where one is agreed.
    """

    channel: MessageChannel
    language: str
    composed: Composed
    review: Review
    size: segments.Size | None
    price_ore: int
    form: TrialForm | None
    bookings: list[Booking]
    booking_id: int | None

    @property
    def html(self) -> Markup:
        """The body to show: cleaned by the composer."""
        return Markup(self.composed.html or "")  # noqa: S704 (see gecko.operations.texts.markup)


def trial(source: Source, channel: MessageChannel, language: str) -> Trial:
    """Try a text on whom the request names; an example where it names nobody. Numbers of persons stay masked."""
    form = TrialForm(request.form) if holds(Permission.CUSTOMER_VIEW) else None
    customer_id = form.customer_id.data if form else None
    bookings = _bookings(customer_id) if customer_id and holds(Permission.BOOKING_VIEW) else []
    booking_id = _chosen(bookings)
    facts = _facts(customer_id, booking_id, source)
    composed = compose(source, facts, channel, language)
    size = segments.measure(composed.body) if channel == MessageChannel.SMS else None
    price_ore = size.segments * costs.each() if size else 0
    found = look_through(source, channel)
    return Trial(channel, language, composed, found, size, price_ore, form, bookings, booking_id)


def look_through(source: Source, channel: MessageChannel) -> Review:
    """What the author of a text should look at."""
    return review(source, channel, loading.sensitive_fields())


def warn(found: Review) -> None:
    """Say after saving what there is to look at."""
    if found.unfit:
        flash(gettext("The text is saved, but it is not sent by SMS as it stands. See what has to go."), "warning")
    elif found.problems:
        flash(gettext("The text is saved, with codes that nothing is written for. See which."), "warning")


def typed(values: Mapping[str, Any]) -> tuple[Source, MessageChannel, str]:
    """What a form says: the text, its channel and its language; an e-mail in Danish where it says nothing of these."""
    channel = next((one for one in MessageChannel if one == values.get("channel")), MessageChannel.EMAIL)
    language = str(values.get("language"))
    source = Source(str(values.get("subject") or ""), str(values.get("body") or ""))
    return source, channel, language if language in LANGUAGES else LANGUAGES[0]


def _facts(customer_id: int | None, booking_id: int | None, source: Source) -> Facts:
    at, parts = now(), loading.permitted(loading.needed(source), principal())
    found: dict[int, Facts] = {}
    if booking_id is not None:
        found = loading.for_bookings([booking_id], parts, at=at)
    elif customer_id is not None:
        found = loading.for_customers([customer_id], parts, at=at)
    return next(iter(found.values()), None) or sample.facts(at)


def _bookings(customer_id: int) -> list[Booking]:
    wanted = (
        select(Booking)
        .where(Booking.customer_id == customer_id, Booking.deleted_at.is_(None), Booking.start_at > now() - LONG_AGO)
        .options(joinedload(Booking.service))
        .order_by(Booking.start_at, Booking.id)
        .limit(MOST_BOOKINGS)
    )
    return list(db.session.scalars(visibility.bookings(wanted, principal())))


def _chosen(bookings: list[Booking]) -> int | None:
    wanted = read_id(request.form.get("booking_id", ""))
    if any(one.id == wanted for one in bookings):
        return wanted
    coming = [one for one in bookings if one.start_at > now()]
    return (coming or bookings[::-1])[0].id if bookings else None
