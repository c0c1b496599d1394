"""Addresses that machines of others call, to tell what became of messages.

They stand open because no machine logs in, and take no form and no cookie: whatever they bring is believed by its
signature or secret alone, and is looked at, before anything else, without asking the database. So a forged call costs
no more than being refused, and counting such calls would cost more. Where no secret is set, there is no address.
"""

from __future__ import annotations

import hmac
import logging

from flask import Blueprint, Flask, Response, abort, current_app, g, request

from gecko import actor
from gecko.db import run_write
from gecko.gateways import opening
from gecko.gateways.email import bounces
from gecko.gateways.sms.webhooks import LONGEST_BODY, is_genuine, parse
from gecko.operations.messaging import bouncing, sms_reports

pages = Blueprint("webhooks", __name__, url_prefix="/hooks")
log = logging.getLogger(__name__)


@pages.post("/sms")
def sms() -> Response:
    """A status report of the SMS gateway; 204 for whatever is genuine, so that it is not repeated."""
    secret = current_app.config["GECKO"].gateways.webhook_secret
    if not secret:
        abort(404)
    request.max_content_length = LONGEST_BODY
    body = request.get_data()
    if not is_genuine(secret, body, request.headers.get("Signature", "")):
        abort(403)
    event = parse(body)
    if event is None:
        log.info("a call of the SMS gateway is no status report, and is left alone")
        return Response(status=204)
    with actor.acting_as(_caller("SMS gateway")):
        taken = run_write(lambda: sms_reports.take(event))
    if taken is sms_reports.Taken.FOREIGN:
        log.warning("a status report %s is about no message of ours: %s", event.event_id, event.status)
    return Response(status=204)


@pages.post("/bounce")
def bounce() -> Response:
    """A mail that came back to a return path, as it is; answered with what it came to.

    Authorization: Bearer and the agreed secret; X-Original-To: the address it was delivered to, where that is known.
    """
    config = current_app.config["GECKO"]
    paths = opening.return_paths(config, current_app.config["GECKO_SECRETS"])
    if not config.gateways.bounce_secret or paths is None:
        abort(404)
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(f"Bearer {config.gateways.bounce_secret}".encode(), given.encode()):
        abort(403)
    if request.mimetype != "message/rfc822":
        abort(415)  # a form would have been read by now
    request.max_content_length = bounces.LONGEST
    raw = request.get_data()
    with actor.acting_as(_caller("Mail server")):
        taken = run_write(lambda: bouncing.take(raw, paths, envelope_to=request.headers.get("X-Original-To", "")))
    return Response(f"{taken}\n", content_type="text/plain")


def _caller(name: str) -> actor.Actor:
    return actor.Actor(name=name, source="web", ip=request.remote_addr, request_id=g.request_id)


def init_app(app: Flask) -> None:
    """Open the addresses."""
    app.register_blueprint(pages)
