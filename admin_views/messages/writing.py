"""Writing one e-mail or SMS to a customer: template or free text, seen as it will be before it is sent."""

from __future__ import annotations

import secrets
from typing import Any

from flask import redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext

from gecko.db import transaction
from gecko.errors import Invalid
from gecko.gateways.sms import segments
from gecko.language import _
from gecko.models.bookings import Booking
from gecko.models.customers import Customer
from gecko.models.messages import MessageChannel
from gecko.operations import bookings, customers
from gecko.operations.messaging import single
from gecko.operations.texts import documenting
from gecko.permissions import Permission
from jobs import queue

from ..base import PageView, message_of, principal
from ..formats import language as page_language
from ..grid.records import read_id
from . import telling, words
from .writing_form import WritingForm


class WritingView(PageView):
    """The page behind Send e-mail/SMS."""

    permission = (Permission.MESSAGE_SEND, Permission.CUSTOMER_VIEW)
    slug = "message_writing"
    title = _("Send e-mail/SMS")
    icon = "send"
    in_menu = False

    def __init__(self) -> None:
        super().__init__(url="/message_writing/<int:customer_id>")

    @expose("/", methods=("GET", "POST"))
    def index(self, customer_id: int) -> Any:
        """Write; buttons change the channel, take a template, show the message, or send it."""
        customer = customers.find(customer_id, principal())
        booking = _booking(customer_id, read_id(request.values.get("booking")))
        if request.method == "GET":
            channel = _first_channel(customer, request.args.get("channel", ""))
            form = WritingForm.empty(
                customer, channel, once=secrets.token_urlsafe(12), booking_id=booking.id if booking else None
            )
            return self._page(customer, booking, form)
        form = WritingForm(request.form)
        act = request.form.get("act", "send")
        if act != "send":
            return self._page(customer, booking, _acted(form, act))
        form.offer_templates()
        return self._send(customer, booking, form)

    def _send(self, customer: Customer, booking: Booking | None, form: WritingForm) -> Any:
        customer_id = customer.id
        try:
            writing = form.writing(request.files.getlist("files"))
            if not form.once.data:
                raise Invalid(_("The form had no number of its own. Look at it once more and send it again."))
            with transaction():
                fresh = customers.find(customer_id, principal())
                message = single.send(fresh, writing, nonce=form.once.data, principal=principal())
                message_id, reason = (message.id, message.reason) if message else (None, None)
        except Invalid as error:
            field = {one.name: one for one in form}.get(error.field or "", form.body)
            field.errors = [*field.errors, message_of(error)]
            return self._page(customers.find(customer_id, principal()), booking, form), 422
        queue.wake_senders()
        said = gettext("The message is on its way. The log below follows it.")
        telling.tell(said, reason, is_new=message_id is not None)
        anchor = f"message-{message_id}" if message_id else None
        return redirect(
            url_for("customer_profile.tab", customer_id=customer_id, tab_key="messages", _anchor=anchor), 303
        )

    @expose("/preview", methods=("POST",))
    def preview(self, customer_id: int) -> Any:
        """The message as it stands in the form, as a part; nothing is kept and nothing is sent."""
        customer = customers.find(customer_id, principal())
        form = WritingForm(request.form)
        _booking(customer_id, read_id(form.booking.data))
        return self.render("messages/preview.html", customer=customer, words=words, shown=_shown(customer, form))

    def _page(self, customer: Customer, booking: Booking | None, form: WritingForm) -> str:
        if not form.once.data:
            form.once.data = secrets.token_urlsafe(12)
        return self.render(
            "messages/writing.html",
            customer=customer,
            booking=booking,
            form=form,
            channel=form.chosen(),
            channels=[one for one in single.CHANNELS if single.is_open(one)],
            words=words,
            shown=_shown(customer, form),
            chapters=documenting.chapters(page_language()),
            error=any(field.errors for field in form),
        )


def _booking(customer_id: int, booking_id: int | None) -> Booking | None:
    """The booking that the message speaks of: one of this customer, that the user may see; 404 for any other."""
    if booking_id is None:
        return None
    found = bookings.find(booking_id, principal())
    return found if found.customer_id == customer_id else bookings.find(0, principal())


def _first_channel(customer: Customer, wanted: str) -> MessageChannel:
    """The channel asked for, or one over which the customer can be reached."""
    offered = [one for one in single.CHANNELS if single.is_open(one)]
    if wanted in offered:
        return MessageChannel(wanted)
    reachable = [
        one for one in offered if single.recipient_of(customer, one) and single.failure_of(customer, one) is None
    ]
    return (reachable or offered)[0]


def _acted(form: WritingForm, act: str) -> WritingForm:
    """The form after a button that sends nothing."""
    if act in (MessageChannel.EMAIL, MessageChannel.SMS) and single.is_open(MessageChannel(act)):
        form.channel.data, form.template.data = act, ""
    elif act == "template" and form.template.data:
        form.use_template()
    elif act == "plain":
        form.body.data = segments.plain(form.body.data or "")
    form.offer_templates()
    return form


def _shown(customer: Customer, form: WritingForm) -> single.Preview:
    return single.preview(customer, form.writing([]), principal=principal())
