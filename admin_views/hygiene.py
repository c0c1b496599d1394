"""Requests that no browser sends: refused in one place, before any page reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class RecordNumber(IntegerConverter):
    """`<int:...>` in an address: a number that a database can hold; a longer one leads nowhere."""

    regex = r"\d{1,18}"


def refuse_control_characters() -> None:
    """400 where an address or form value holds a control character (databases refuse NUL with an error)."""
    if _CONTROL.search(request.path):
        abort(404)
    values: Iterable[str] = (text for pair in request.args.items(multi=True) for text in pair)
    if any(map(_CONTROL.search, values)):
        abort(400)
    if request.mimetype == "application/x-www-form-urlencoded":
        values = (text for pair in request.form.items(multi=True) for text in pair)
        if any(map(_CONTROL.search, values)):
            abort(400)


def init_app(app: Flask) -> None:
    """Look at every request first."""
    app.url_map.converters["int"] = RecordNumber
    app.before_request(refuse_control_characters)
