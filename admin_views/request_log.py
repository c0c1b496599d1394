"""One line in the program's log for each request: which page, how it went, how long it took; never what was sent."""

from __future__ import annotations

import logging
import time

from flask import Flask, Response, g, request

log = logging.getLogger("gecko.request")
_QUIET = frozenset({"static"})


def begin() -> None:
    """Note the time."""
    g.request_began = time.perf_counter()


def note(response: Response) -> Response:
    """Write the line. The path is the rule's: its ids and tokens stay out."""
    if request.endpoint not in _QUIET:
        took = round((time.perf_counter() - g.get("request_began", time.perf_counter())) * 1000)
        path = request.url_rule.rule if request.url_rule else "(no such page)"
        extra = {"method": request.method, "path": path, "status": response.status_code, "ms": took}
        log.info("request", extra=extra)
    return response


def init_app(app: Flask) -> None:
    """Time every request."""
    app.before_request(begin)
    app.after_request(note)
