"""What the one who sent a message is told."""

from __future__ import annotations

from flask import flash
from flask_babel import gettext

from gecko.models.messages import MessageReason

from . import words


def tell(said: str, reason: MessageReason | None, *, is_new: bool) -> None:
    """`said` where the message goes out; else why it does not, or that the same form was sent before."""
    if not is_new:
        flash(gettext("This message was sent already; it is not sent twice."), "info")
    elif reason is not None:
        flash(gettext("The message was not sent: %(reason)s.", reason=words.reason(reason)), "warning")
    else:
        flash(said, "success")
