"""The words that customers agree to when they say yes to newsletters: in force, and as they were before."""

from __future__ import annotations

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from gecko.channels import Channel
from gecko.db import transaction
from gecko.errors import GeckoError
from gecko.language import _ as lazy
from gecko.operations import consents
from gecko.permissions import Permission

from .base import PageView, message_of
from .grid.records import read_id
from .texts.trying import LANGUAGE_NAMES

CHANNELS = {Channel.EMAIL: lazy("E-mail"), Channel.SMS: lazy("SMS")}


class ConsentWordingsView(PageView):
    """One wording for each channel and language; another one comes into force beside those that were agreed to."""

    permission = Permission.TEXT_EDIT
    slug = "consent-wordings"
    title = lazy("Wordings of consent")
    icon = "file-check"

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Response | str | tuple[str, int]:
        """See the wordings, and put another one into force; a refused one is kept in its form."""
        if request.method == "GET":
            return self._page()
        seen_id, text = read_id(request.form.get("seen_id")) or 0, request.form.get("text", "")
        try:
            with transaction():
                consents.reword(seen_id, text)
        except GeckoError as error:
            flash(message_of(error), "error")
            return self._page(seen_id, text), 422
        flash(_("The wording is in force. Who agreed before agreed to the one before."), "success")
        return redirect(self.get_url(".index"), 303)

    def _page(self, seen_id: int = 0, typed: str = "") -> str:
        present = consents.in_force()
        return str(
            self.render(
                "texts/consent_wordings.html",
                present=present,
                earlier=consents.earlier(one.id for one in present),
                channels=CHANNELS,
                languages=LANGUAGE_NAMES,
                longest=consents.LONGEST_WORDING,
                typed={seen_id: typed},
            )
        )
