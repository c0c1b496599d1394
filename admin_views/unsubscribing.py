"""The page behind the link in a newsletter: what will stop, a button for it, and the way back. No log-in.

Whoever holds the link may answer; it is signed, which is looked at before anything else and without asking the
database, so that guessing costs no more than being refused. A POST takes a no at once, without a cookie, a form token
or a further question, and answers 200 without leading elsewhere (RFC 8058). A GET changes nothing: programs that look
at mails follow every link in them.
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response, abort, g, make_response, render_template, request
from flask_babel import force_locale

from gecko import actor, unsubscribe_links
from gecko.channels import Channel
from gecko.db import run_write
from gecko.errors import Conflict, NotFound
from gecko.operations import company
from gecko.operations.messaging import unsubscribing

pages = Blueprint("unsubscribing", __name__)
LONGEST_BODY = 10_000


@pages.get("/u/<token>")
@pages.get("/u/<token>/<channel>")
def page(token: str, channel: str = "") -> Response:
    """What the customer gets by which channel, and a button to end each."""
    if channel:
        _channel(channel)
    return _page(_customer(token))


@pages.post("/u/<token>/<channel>")
def answer(token: str, channel: str) -> Response:
    """No to a channel; with `answer=yes` and the id of the wording, yes again."""
    customer_id, wanted = _customer(token, refusal=403), _channel(channel)
    request.max_content_length = LONGEST_BODY
    is_yes = request.form.get("answer") == "yes"
    text_id = request.form.get("text_id", type=int) or 0
    who = actor.Actor(name="Link in a message", source="link", ip=request.remote_addr, request_id=g.request_id)
    try:
        with actor.acting_as(who):
            if is_yes:
                run_write(lambda: unsubscribing.resume(customer_id, wanted, text_id))
            else:
                run_write(lambda: unsubscribing.stop(customer_id, wanted))
    except Conflict:
        return _page(customer_id, is_reworded=True)
    except NotFound:
        abort(404)
    return _page(customer_id, answered=wanted, is_yes=is_yes)


def _customer(token: str, *, refusal: int = 404) -> int:
    found = unsubscribe_links.read(token)
    if found is None:
        abort(refusal)
    return found


def _channel(channel: str) -> Channel:
    try:
        return Channel(channel)
    except ValueError:
        abort(404)


def _page(
    customer_id: int, *, answered: Channel | None = None, is_yes: bool = False, is_reworded: bool = False
) -> Response:
    try:
        language, choices = unsubscribing.look(customer_id)
    except NotFound:  # erased: nothing is sent, and there is nothing to choose
        language, choices = "da", []
    with force_locale(language):
        page = render_template(
            "unsubscribing.html", language=language, choices=choices, answered=answered, is_yes=is_yes,
            is_reworded=is_reworded, business=company.read().name, here=unsubscribe_links.token(customer_id),
        )  # fmt: skip
    response = make_response(page)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def init_app(app: Flask) -> None:
    """Open the addresses."""
    app.register_blueprint(pages)
