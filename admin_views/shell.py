"""What every page's frame shows: the reader's theme and language, and addresses that may exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, session, url_for
from flask_admin.menu import BaseMenu
from flask_login import current_user
from werkzeug.routing import BuildError

from .formats import language

THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu."""

    label: str
    url: str
    icon: str
    is_current: bool
    view: Any


def _entries(items: list[BaseMenu], view: Any) -> list[Entry]:
    return [
        Entry(
            str(item.name),
            url + (f"?{item._view.menu_query}" if item._view.menu_query else ""),
            item.get_icon_value() or getattr(item._view, "icon", "point"),
            item.is_active(view),
            item._view,
        )
        for item in items
        if (url := item.get_url())
    ]


def sections(view: Any = None) -> list[tuple[str, list[Entry]]]:
    """The menu that the reader may open, by heading; `view` is the page's own, whose line is marked."""
    found: list[tuple[str, list[Entry]]] = []
    for admin in current_app.extensions.get("admin", []):
        for item in admin.menu():
            if item.is_visible() and item.is_accessible():
                items = item.get_children() if item.is_category() else [item]
                found.append((str(item.name) if item.is_category() else "", _entries(items, view)))
    return [section for section in found if section[1]]


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
    app.jinja_env.globals.update(page_theme=theme, page_language=language, address=address, menu_sections=sections)
