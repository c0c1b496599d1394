"""The start page."""

from __future__ import annotations

from typing import Any

from flask_admin import AdminIndexView, expose

from gecko.language import _

from .guard import SIGNED_IN, Guard


class StartView(Guard, AdminIndexView):
    """Where people land; everybody who is signed in may see it, and it shows only what they may open."""

    permission = SIGNED_IN
    icon = "home"
    in_menu = False

    def __init__(self) -> None:
        super().__init__(name=_("Start"), endpoint="start", url="/", template="admin/index.html")
        self.static_folder = None
        self.static_url_path = "/static"  # the stock scripts and styles are not served

    @expose("/")
    def index(self) -> Any:
        """Show the start page."""
        return self.render("admin/index.html")
