"""The search over everything: the dialog's results, and a page of them for browsers without JavaScript."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask_admin import expose
from flask_babel import lazy_gettext as _

from . import searching
from .guard import SIGNED_IN, PageView

IN_DIALOG = 6
ON_PAGE = 20


class SearchView(PageView):
    """`/search/?q=`; what it finds is narrowed by the reader's rights, gates and policy."""

    permission = SIGNED_IN
    slug = "search"
    title = _("Search")
    icon = "search"
    in_menu = False
    _default_view = "page"

    @expose("/")
    def page(self) -> Any:
        """Everything found, on a page."""
        typed = request.args.get("q", "")
        return self.render("gecko/search.html", typed=typed, groups=searching.find(typed, ON_PAGE))

    @expose("/results")
    def results(self) -> Any:
        """The best of it, for the dialog."""
        typed = request.args.get("q", "")
        return render_template("gecko/search_results.html", typed=typed, groups=searching.find(typed, IN_DIALOG))
