"""Needs a decision: messages of which nobody knows whether they were sent, and how the channels fare."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, request
from flask_admin import expose
from flask_babel import gettext

from gecko.db import transaction
from gecko.errors import Invalid
from gecko.language import _
from gecko.models.messages import MessageChannel
from gecko.operations.messaging import deciding, faring, reading
from gecko.permissions import Permission
from jobs import queue

from .. import badges
from ..base import PageView, principal
from . import words


class DecisionsView(PageView):
    """What only a person can settle: Send again or Count as sent."""

    permission = Permission.MESSAGE_DECIDE
    slug = "message_decisions"
    title = _("Needs a decision")
    icon = "alert-octagon"

    def badge(self) -> int:
        """How many wait for a decision."""
        return badges.kept(self.endpoint, lambda: reading.count_undecided(principal()))

    @expose("/")
    def index(self) -> Any:
        """Every message with what is known of it, and the channels."""
        rows = reading.undecided(principal())
        return self.render(
            "messages/decisions.html",
            rows=rows,
            steps=reading.steps(row.id for row in rows),
            left_out=reading.count_undecided(principal()) - len(rows),
            failures=words.failures(rows),
            headline=reading.headline,
            fares=faring.read(),
            unset=_unset(),
            words=words,
        )

    @expose("/channel", methods=("POST",))
    def wake(self) -> Any:
        """Let a resting channel try again at once."""
        try:
            channel = MessageChannel(request.form.get("channel", ""))
        except ValueError:
            raise Invalid("“%(text)s” is not one of the choices.", text=request.form.get("channel", "")) from None
        with transaction():
            deciding.wake_channel(channel)
        queue.wake_senders()
        flash(gettext("%(channel)s is tried again now.", channel=words.channel_name(channel)), "success")
        return redirect(self.get_url(".index"), 303)


def _unset() -> set[MessageChannel]:
    """The channels for which this installation has no way out, so that everything waits."""
    ways = current_app.config["GECKO"].gateways
    return {
        channel for channel, way in ((MessageChannel.EMAIL, ways.email), (MessageChannel.SMS, ways.sms)) if way is None
    }
