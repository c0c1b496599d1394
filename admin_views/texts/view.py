"""Texts: every text that the product sends by itself, as it stands and as it can be changed."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField

from gecko.channels import MessageChannel
from gecko.db import transaction
from gecko.errors import Conflict, Invalid
from gecko.language import _
from gecko.operations.texts import documenting, loading, storing
from gecko.operations.texts.reviewing import Review, Source, review
from gecko.operations.texts.shipping import CATEGORIES, USAGES, Category, Name
from gecko.operations.texts.storing import Held
from gecko.permissions import Permission

from ..base import PageView, message_of
from ..formats import language as page_language
from . import trying

WORDS: dict[str, Any] = {
    "channels": trying.CHANNELS,
    "languages": trying.LANGUAGE_NAMES,
    "problems": trying.PROBLEMS,
    "usages": USAGES,
    "categories": CATEGORIES,
}


class TextForm(FlaskForm):
    """A text; `seen` marks the one it was filled in over."""

    seen = HiddenField()
    subject = StringField(_("Subject"), render_kw={"maxlength": storing.LONGEST_SUBJECT, "data-codes": ""})
    body = TextAreaField(_("Text"), render_kw={"rows": 16, "maxlength": storing.LONGEST_BODY, "data-codes": ""})


class TextsView(PageView):
    """The list by tabs, the editor with its preview, and the page of all codes."""

    permission = Permission.TEXT_EDIT
    slug = "texts"
    title = _("Texts")
    icon = "message"

    @expose("/")
    def index(self) -> Any:
        """One tab of the list."""
        wanted = request.args.get("category", "")
        category = Category(wanted) if wanted in set(Category) else next(iter(CATEGORIES))
        fields = loading.sensitive_fields()
        shown = [
            (held, review(held.source, held.name.channel, fields))
            for held in storing.all_held().values()
            if USAGES[held.name.key].category == category
        ]
        rows: dict[Any, list[tuple[Held, Review]]] = {}
        for held, found in shown:
            rows.setdefault(held.name.key, []).append((held, found))
        return self.render("texts/list.html", category=category, rows=rows, words=WORDS)

    @expose("/<key>/<channel>/<language>", methods=("GET", "POST"))
    def edit(self, key: str, channel: str, language: str) -> Any:
        """The editor; without JavaScript its button shows the preview."""
        name = storing.named(key, channel, language)
        held = storing.held(name)
        form = TextForm(subject=held.source.subject, body=held.source.body, seen=held.mark)
        if request.method == "GET" or "_preview" in request.form or not form.validate():
            return self._editor(name, form)
        source = Source(form.subject.data or "", form.body.data or "")
        try:
            with transaction():
                held = storing.change(name, source, seen=form.seen.data or "")
        except Invalid as error:
            field = form[error.field or "body"]
            field.errors = [*field.errors, message_of(error)]
            return self._editor(name, form), 422
        except Conflict:
            return self._conflict(name, form), 409
        return self._saved(held)

    @expose("/<key>/<channel>/<language>/reset", methods=("POST",))
    def reset(self, key: str, channel: str, language: str) -> Any:
        """Put back what the product ships."""
        name = storing.named(key, channel, language)
        with transaction():
            storing.reset(name, seen=request.form.get("seen", ""))
        flash(gettext("The text is the one that the product came with."), "success")
        return redirect(self._url(name), 303)

    @expose("/preview", methods=("POST",))
    def preview(self) -> Any:
        """What is typed as somebody would get it, while it is typed."""
        return self.render("texts/preview.html", trial=trying.trial(*trying.typed(request.form)), words=WORDS)

    @expose("/codes")
    def codes(self) -> Any:
        """Every code with what it says."""
        return self.render("texts/codes.html", chapters=documenting.chapters(page_language()))

    def _url(self, name: Name) -> str:
        return self.get_url(".edit", key=name.key, channel=name.channel, language=name.language)

    def _editor(self, name: Name, form: TextForm, theirs: Source | None = None) -> str:
        if name.channel != MessageChannel.EMAIL:
            del form.subject
        source = Source(form.subject.data or "" if form.subject else "", form.body.data or "")
        return self.render(
            "texts/edit.html",
            name=name,
            held=storing.held(name),
            form=form,
            theirs=theirs,
            trial=trying.trial(source, name.channel, name.language),
            chapters=documenting.chapters(name.language),
            words=WORDS,
        )

    def _conflict(self, name: Name, form: TextForm) -> str:
        held = storing.held(name)
        form.seen.data = held.mark
        return self._editor(name, form, held.source)

    def _saved(self, held: Held) -> Any:
        found = trying.look_through(held.source, held.name.channel)
        trying.warn(found)
        if found.is_clean:
            flash(gettext("The text is saved."), "success")
        return redirect(self._url(held.name), 303)
