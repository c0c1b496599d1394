"""The log of all changes."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_admin import expose

from gecko.language import _
from gecko.operations import audit_log
from gecko.permissions import Permission

from .base import PageView, principal
from .grid.records import read_id
from .log_filter import read_filter


class LogView(PageView):
    """Every change, newest first, whoever made it."""

    permission = Permission.AUDIT_VIEW
    slug = "log"
    title = _("Log")
    icon = "history"

    @expose("/")
    def index(self) -> Any:
        """One page of entries."""
        wanted = read_filter()
        page = audit_log.page(wanted.filter, principal=principal(), before=read_id(request.args.get("before", "")))
        return self.render("log/page.html", page=page, wanted=wanted)
