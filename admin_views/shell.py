"""What every page's frame shows: the reader's theme and language, and addresses that may exist."""

from __future__ import annotations

from typing import Any

from flask import Flask, session, url_for
from flask_login import current_user
from werkzeug.routing import BuildError

from .formats import language

THEMES = ("auto", "light", "dark")


def theme() -> str:
    """The reader's choice: auto, light or dark."""
    if current_user.is_authenticated:
        return str(current_user.theme)
    chosen = session.get("theme")
    return chosen if chosen in THEMES else "auto"


def address(endpoint: str, **values: Any) -> str | None:
    """The URL of an endpoint, or None where this installation has none of that name."""
    try:
        return url_for(endpoint, **values)
    except BuildError:
        return None


def init_app(app: Flask) -> None:
    """Hand the frame's parts to every template and macro."""
    app.jinja_env.globals.update(page_theme=theme, page_language=language, address=address)
