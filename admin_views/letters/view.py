"""A letter out of the log, as it was made: a sheet to print, and the same as PDF. Neither makes a new letter."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import send_file
from flask_admin import expose
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import select

from gecko.db import db
from gecko.errors import NotFound
from gecko.language import _
from gecko.models.messages import Message
from gecko.operations import visibility
from gecko.operations.letters import reading, sheets
from gecko.permissions import Permission
from reports.letters import document

from ..base import PageView, principal


class LettersView(PageView):
    """One letter on paper."""

    permission = Permission.MESSAGE_VIEW
    slug = "letters"
    title = _("Letter")
    icon = "file-text"
    in_menu = False

    def __init__(self) -> None:
        super().__init__(url="/letters/<int:letter_id>")

    @expose("/")
    def index(self, letter_id: int) -> Any:
        """The sheet, with what can be done with it above."""
        message, letter = _find(letter_id), reading.letter(letter_id)
        text = Markup(sheets.on_paper(letter.html))  # noqa: S704 (cleaned when it was written, see gecko.operations.texts.markup)
        return self.render("letters/sheet.html", message=message, letter=letter, text=text)

    @expose("/pdf")
    def pdf(self, letter_id: int) -> Any:
        """The letter as PDF: the same bytes, however often it is asked for."""
        _find(letter_id)
        file = BytesIO()
        name = gettext("Letter %(number)s", number=letter_id)
        document.write(file, [reading.letter(letter_id)], title=name)
        file.seek(0)
        return send_file(file, mimetype="application/pdf", download_name=f"{name}.pdf", max_age=0)


def _find(letter_id: int) -> Message:
    """The letter's row, where the user may see its customer."""
    found = db.session.scalar(visibility.messages(select(Message).where(Message.id == letter_id), principal()))
    if found is None:
        raise NotFound
    return found
