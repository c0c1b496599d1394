"""Static files: a content hash in every URL, cached for ever, sent compressed."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, g, request, url_for
from markupsafe import Markup, escape

STATIC = Path(__file__).parent / "static"
_TEXT = {".css", ".js", ".svg", ".json", ".txt"}
_FOR_EVER = "public, max-age=31536000, immutable"


@lru_cache(maxsize=256)
def _digest(path: Path, modified_ns: int, size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def version(filename: str) -> str | None:
    """The hash that stands in a static file's URL; None where there is no such file."""
    path = STATIC / filename
    try:
        stat = path.stat()
    except OSError:
        return None
    return _digest(path, stat.st_mtime_ns, stat.st_size)


def add_version(endpoint: str, values: dict[str, object]) -> None:
    """Put the content hash into `url_for('static', ...)`."""
    filename = values.get("filename")
    if endpoint == "static" and isinstance(filename, str) and "v" not in values and (found := version(filename)):
        values["v"] = found


@lru_cache(maxsize=64)
def _compressed(path: Path, modified_ns: int) -> bytes:
    return gzip.compress(path.read_bytes(), 9, mtime=0)


def serve(filename: str) -> Response:
    """Send a static file: compressed where it is text and the browser agrees, for ever where the URL has its hash."""
    response: Response = current_app.send_static_file(filename)
    path = STATIC / filename
    if path.suffix in _TEXT:
        response.vary.add("Accept-Encoding")
        if response.status_code == 200 and "gzip" in request.accept_encodings and request.range is None:
            response.close()  # the plain file
            response.direct_passthrough = False
            response.set_data(_compressed(path, path.stat().st_mtime_ns))
            response.content_encoding = "gzip"
    if response.status_code in (200, 304) and request.args.get("v") == version(filename):
        response.headers["Cache-Control"] = _FOR_EVER
    return response


def asset(filename: str) -> str:
    """The URL of a static file, made once: a list draws the same icons a hundred times.

    While developing (debug), a changed file gets its new address with the next request.
    """
    known: dict[tuple[str, str], str] = (g if current_app.debug else current_app.extensions).setdefault(
        "asset_urls", {}
    )
    key = (request.script_root, filename)
    if key not in known:
        known[key] = url_for("static", filename=filename)
    return known[key]


def icon(name: str, label: str | None = None, **more: str) -> Markup:
    """A sign of the icon set; `class` adds to its class, a label is read out instead of passed over."""
    said = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    css, at = escape(more.get("class", "")), escape(asset("vendor/icons.svg"))
    drawn = f'<svg class="icon {css}" {said}><use href="{at}#{escape(name)}"/></svg>'
    return Markup(drawn)  # noqa: S704 (every value is escaped)


def init_app(app: Flask) -> None:
    """Take over the static route."""
    app.jinja_env.globals.update(asset=asset, drawn_icon=icon)
    app.view_functions["static"] = serve
    app.url_defaults(add_version)
