"""Messages as a grid, to read; and one message with everything that happened to it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import flash, redirect, send_file
from flask_admin import expose
from flask_babel import gettext

from gecko.db import transaction
from gecko.language import _
from gecko.models.campaigns import Campaign
from gecko.models.customers import Customer
from gecko.models.messages import Message, MessageChannel, MessageState
from gecko.operations import visibility
from gecko.operations.letters import reading as letters
from gecko.operations.messaging import deciding, reading
from gecko.permissions import Permission
from jobs import queue

from ..base import GridView, holds, principal, require, return_url
from ..grid import filters
from . import filtering, words


class MessagesView(GridView):
    """Everything that was, or will be, said to customers; nothing here is ever changed."""

    model = Message
    slug = "messages"
    title = _("Messages")
    icon = "mail"
    permission = Permission.MESSAGE_VIEW
    list_template = "messages/list.html"
    row_template = "messages/row.html"
    column_list = ("created_at", "channel", "kind", "subject", "customer", "recipient", "state")
    column_hidden = (
        "reason",
        "created_by.name",
        "sent_at",
        "delivered_at",
        "segments",
        "price_ore",
        "campaign.name",
        "opened_at",
        "id",
    )
    column_labels = {
        "id": _("Message no."),
        "created_at": _("Written"),
        "channel": _("Channel"),
        "kind": _("Kind"),
        "subject": _("Subject"),
        "customer": _("Customer"),
        "customer_id": _("Customer"),
        "recipient": _("To"),
        "state": _("State"),
        "reason": _("Reason"),
        "created_by.name": _("By"),
        "campaign_id": _("Newsletter"),
        "campaign.name": _("Newsletter"),
        "opened_at": _("Opened"),
        "sent_at": _("Sent"),
        "delivered_at": _("Delivered"),
        "segments": _("SMS parts"),
        "price_ore": _("Price"),
    }
    column_needs = {"": ("subject", "body", "state", "reason", "customer_id", "channel", "recipient")}
    column_sortable_list = ("created_at", "id")
    column_default_sort = ("created_at", True)
    column_choices = {"kind": words.KINDS, "reason": words.REASONS}
    column_formatters = {
        "channel": lambda _view, _context, row, _name: words.channel(row.channel),
        "subject": lambda _view, _context, row, _name: reading.headline(row),
        "state": lambda _view, _context, row, _name: words.standing(row),
        "recipient": lambda _view, _context, row, _name: words.recipient(row),
    }
    column_filters = (
        filtering.State("state", choices=words.STATES),
        filters.Choice("channel", choices=words.CHANNELS),
        filters.Choice("kind", choices=words.KINDS),
        filters.Choice("reason", choices=words.REASONS),
        filters.DateRange("created_at"),
        filtering.Recipient("recipient"),
        filters.Relation("customer_id", target=Customer, lookup="customers"),
        filters.Relation("campaign_id", target=Campaign),
    )

    def scope(self, statement: Any) -> Any:
        """Messages to customers the user may see."""
        return visibility.messages(statement, principal())

    def row_values(self, rows: list[Any]) -> dict[str, dict[int, Any]]:
        """Which recipients failed since, for their marks."""
        return {"failures": words.failures(rows)}

    def title_of(self, row: Any) -> str:
        """The subject, or the first words."""
        return reading.headline(row)

    def empty_text(self) -> tuple[Any, ...]:
        """What belongs here."""
        return (
            gettext("No messages yet"),
            gettext(
                "Everything that is sent to customers stands here, with the text as it was sent and what became of it."
            ),
        )

    def row_url(self, row: Any) -> str:
        """The message's own page."""
        return str(self.get_url(".message_view", id=row.id))

    @expose("/details/")
    def details_view(self) -> Any:
        """A message has a page of its own."""
        return redirect(self.row_url(self.one_or_404()))

    @expose("/<int:id>")
    def message_view(self, id: int) -> Any:  # noqa: A002
        """One message."""
        return self.render("messages/message.html", row=self.one_or_404(id), grid=self, **self._detail(id))

    @expose("/<int:id>/lines")
    def lines_view(self, id: int) -> Any:  # noqa: A002
        """The same as the part that a row opens to."""
        return self.render("messages/detail.html", row=self.one_or_404(id), grid=self, **self._detail(id))

    @expose("/<int:id>/state")
    def state_view(self, id: int) -> Any:  # noqa: A002
        """How it stands, as a cell of the log that asks again while the message is on its way."""
        row = self.one_or_404(id)
        return self.render("messages/state.html", row=row, words=words, changed=reading.changed_at([id]))

    @expose("/<int:id>/card")
    def card_view(self, id: int) -> Any:  # noqa: A002
        """How an appointment card stands, as the button it was sent with."""
        return self.render("messages/card_sent.html", row=self.one_or_404(id), words=words)

    @expose("/<int:id>/files/<int:position>")
    def file_view(self, id: int, position: int) -> Any:  # noqa: A002
        """An attachment, to be kept, never shown in the page."""
        self.one_or_404(id)
        found = reading.file(id, position)
        return send_file(
            BytesIO(found.content),
            mimetype=found.media_type,
            as_attachment=True,
            download_name=found.filename,
            max_age=0,
        )

    def _detail(self, message_id: int) -> dict[str, Any]:
        row = self.one_or_404(message_id)
        return {
            "words": words,
            "steps": reading.steps([message_id])[message_id],
            "files": reading.files(message_id),
            "is_letter_kept": row.channel == MessageChannel.LETTER and letters.is_kept(message_id),
            "spoken": reading.bookings_of([message_id]).get(message_id, []),
            "may_see_bookings": holds(Permission.BOOKING_VIEW),
            "failure": words.failures([row]).get(row.id),
            "back": return_url(self.row_url(row)),
            "may_withdraw": row.state == MessageState.QUEUED and holds(Permission.MESSAGE_SEND),
            "may_decide": row.state == MessageState.UNKNOWN and holds(Permission.MESSAGE_DECIDE),
        }

    @expose("/<int:id>/withdraw", methods=("POST",))
    def withdraw_view(self, id: int) -> Any:  # noqa: A002
        """Take a message that waits out of the queue."""
        require(Permission.MESSAGE_SEND)
        self.one_or_404(id)
        with transaction():
            deciding.withdraw(id)
        flash(gettext("The message is withdrawn; it will not be sent."), "success")
        return redirect(return_url(self.get_url(".message_view", id=id)), 303)

    @expose("/<int:id>/again", methods=("POST",))
    def again_view(self, id: int) -> Any:  # noqa: A002
        """Send a message again of which nobody knows whether it was sent."""
        require(Permission.MESSAGE_DECIDE)
        self.one_or_404(id)
        with transaction():
            deciding.send_again(id)
        queue.wake_senders()
        flash(gettext("The message waits to be sent again."), "success")
        return redirect(return_url(self.get_url(".message_view", id=id)), 303)

    @expose("/<int:id>/taken", methods=("POST",))
    def taken_view(self, id: int) -> Any:  # noqa: A002
        """Count a message as sent of which nobody knows."""
        require(Permission.MESSAGE_DECIDE)
        self.one_or_404(id)
        with transaction():
            deciding.count_as_sent(id)
        flash(gettext("The message counts as sent."), "success")
        return redirect(return_url(self.get_url(".message_view", id=id)), 303)
