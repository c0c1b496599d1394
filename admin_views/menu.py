"""The menu: sections of views, registered with Flask-Admin in the order of `admin_views.MENU`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_admin import Admin
from flask_admin.theme import Theme

from .start import StartView


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the menu and the views below it: classes, or functions without arguments that make a view."""

    label: Any
    views: tuple[Callable[[], Any], ...]


def init_app(app: Flask, sections: list[Section]) -> Admin:
    """Make every view and give it its address; raises where a view declares no permission."""
    admin = Admin(
        app,
        name="Gecko",
        url="/",
        index_view=StartView(),
        theme=Theme(folder="gecko", base_template="gecko/page.html"),
    )
    with app.app_context():
        for section in sections:
            for make in section.views:
                view = make()
                view.category = section.label
                admin.add_view(view)
    return admin
