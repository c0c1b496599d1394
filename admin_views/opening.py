"""The picture in newsletters to customers who allow us to see whether they are opened: no log-in, tells nothing."""

from __future__ import annotations

import base64

from flask import Blueprint, Flask, g, request
from werkzeug.wrappers import Response

from gecko import actor, open_links
from gecko.db import run_write
from gecko.operations.messaging import opening

pages = Blueprint("opening", __name__)
GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""One transparent point."""


@pages.get("/o/<token>.gif")
def picture(token: str) -> Response:
    """One transparent point, whoever asks for whatever; its first fetch notes when the message was opened."""
    message_id = open_links.read(token)
    if message_id is not None and opening.is_news(message_id):
        who = actor.Actor(name="Picture in a message", source="link", ip=request.remote_addr, request_id=g.request_id)
        with actor.acting_as(who):
            run_write(lambda: opening.note(message_id))
    return Response(GIF, mimetype="image/gif", headers={"Cache-Control": "no-store"})


def init_app(app: Flask) -> None:
    """Register the address."""
    app.register_blueprint(pages)
