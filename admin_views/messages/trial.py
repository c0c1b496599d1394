"""What was sent on trial: the e-mails and texts that a file gateway wrote down instead of sending them."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, request
from flask_admin import expose

from gecko import phones
from gecko.gateway_settings import IntoFile
from gecko.gateways import opening
from gecko.gateways.email import file as email_file
from gecko.gateways.email.file import SentMail
from gecko.gateways.sms import file as sms_file
from gecko.gateways.sms.file import SentSms
from gecko.language import _
from gecko.models.messages import MessageChannel
from gecko.permissions import Permission

from ..base import PageView
from ..grid.records import read_id
from ..login import signed_in
from . import words

PAGE = 20
_READERS = {MessageChannel.EMAIL: email_file.sent, MessageChannel.SMS: sms_file.sent}
Sent = SentMail | SentSms


class TrialView(PageView):
    """There only while something goes into a file, and for those who may see every customer: it names them all."""

    permission = Permission.MESSAGE_VIEW
    slug = "message_trial"
    title = _("What was sent on trial")
    icon = "mail"

    def is_visible(self) -> bool:
        """Not without a file gateway, nor for users who are limited to groups."""
        who = signed_in()
        return super().is_visible() and bool(_channels()) and who is not None and who.groups is None

    @expose("/")
    def index(self) -> Any:
        """Both channels, newest first."""
        if not self.is_visible():
            abort(404)
        before = {channel: read_id(request.args.get(str(channel))) for channel in _channels()}
        rows, older = _page(before)
        return self.render(
            "messages/trial.html", rows=rows, older=older, is_first=not any(before.values()), words=words,
            display=phones.display,
        )  # fmt: skip


def _channels() -> list[MessageChannel]:
    ways = current_app.config["GECKO"].gateways
    ends = ((MessageChannel.EMAIL, ways.email), (MessageChannel.SMS, ways.sms))
    return [channel for channel, way in ends if isinstance(way, IntoFile)]


def _page(
    before: dict[MessageChannel, int | None],
) -> tuple[list[tuple[MessageChannel, Sent]], dict[str, int] | None]:
    """A page of both files merged by time, and where each is read on; None where nothing is older.

    before: a place in each file, None for its end.
    """
    folder = current_app.config["GECKO"].folder(opening.FOLDER)
    found = [
        (channel, one)
        for channel, place in before.items()
        for one in _READERS[channel](folder, limit=PAGE + 1, before=place)
    ]
    found.sort(key=lambda pair: pair[1].at, reverse=True)
    shown = found[:PAGE]
    places = {str(channel): place for channel, place in before.items() if place}
    for channel, one in shown:  # the last of each stays
        places[str(channel)] = one.offset + 1
    return shown, places if len(found) > PAGE else None
