"""What every page's frame shows: the menu by section, the reader's theme and language, and addresses that may exist."""

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

    name: str
    url: str
    icon: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Section:
    """Lines of the menu under one heading; lines outside any section stand under none."""

    name: str
    entries: tuple[Entry, ...]


def _entry(item: BaseMenu, view: Any) -> Entry | None:
    url = item.get_url()
    if url is None:
        return None
    return Entry(str(item.name), url, item.get_icon_value() or "file-text", item.is_active(view))


def _entries(items: list[BaseMenu], view: Any) -> tuple[Entry, ...]:
    return tuple(entry for item in items if (entry := _entry(item, view)))


def menu(view: Any = None) -> list[Section]:
    """The sections the reader may open, from Flask-Admin's menu; `view` is the page's own, whose line is marked."""
    sections: list[Section] = []
    loose: list[BaseMenu] = []
    for admin in current_app.extensions.get("admin", []):
        for item in admin.menu():
            if not (item.is_visible() and item.is_accessible()):
                continue
            if item.is_category():
                sections.append(Section(str(item.name), _entries(item.get_children(), view)))
            else:
                loose.append(item)
    return [section for section in (Section("", _entries(loose, view)), *sections) if section.entries]


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
    app.jinja_env.globals.update(gecko_menu=menu, page_theme=theme, page_language=language, address=address)
