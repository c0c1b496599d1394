"""What a campaign says: one page for each channel and language, tried before it is saved, and sent to oneself."""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext

from gecko.channels import MessageChannel
from gecko.db import transaction
from gecko.errors import Conflict, Invalid, NotFound
from gecko.language import LANGUAGES
from gecko.models.campaigns import Campaign, CampaignState
from gecko.operations import message_templates
from gecko.operations.campaigns import drafting, testing
from gecko.operations.texts import documenting
from gecko.operations.texts.reviewing import Source
from jobs import queue

from ..grid.records import read_id
from ..guard import message_of
from ..login import principal
from ..texts import trying
from ..texts.view import WORDS
from .forms import TextForm


class Editing:
    """The pages of a campaign's texts, and of what they look like."""

    @expose("/<int:id>/text/<channel>/<language>", methods=("GET", "POST"))
    def text_view(self, id: int, channel: str, language: str) -> Any:  # noqa: A002
        """Write; buttons take a template, show the preview, send a test, or save."""
        row, place = self._draft(id), _place(channel, language)
        held = drafting.text(row.id, *place)
        form = TextForm(
            subject=held.subject if held else "",
            body=held.body if held else "",
            seen=drafting.mark(held),
            once=secrets.token_urlsafe(12),
        )
        form.offer_templates(place[0])
        act = request.form.get("act", "save") if request.method == "POST" else "show"
        if request.form.get("_preview") or act == "show":
            return self._editor(row, place, form)
        if act == "template":
            _take_template(form)
            return self._editor(row, place, form)
        if not form.validate():
            return self._editor(row, place, form), 422
        try:
            return self._test(row, place, form) if act == "test" else self._save(row, place, form)
        except Invalid as error:
            field = {one.name: one for one in form}.get(error.field or "", form.body)
            field.errors = [*field.errors, message_of(error)]
            return self._editor(drafting.get(id), place, form), 422

    @expose("/preview", methods=("POST",))
    def preview_view(self) -> Any:
        """What is typed as somebody would get it, while it is typed."""
        return self.render("texts/preview.html", trial=trying.trial(*trying.typed(request.form)), words=WORDS)  # type: ignore[attr-defined]

    def _draft(self, campaign_id: int) -> Campaign:
        row: Campaign = self.one_or_404(campaign_id)  # type: ignore[attr-defined]
        if row.state != CampaignState.DRAFT:
            raise NotFound
        return row

    def _save(self, row: Campaign, place: tuple[MessageChannel, str], form: TextForm) -> Any:
        campaign_id, source = row.id, _typed(form)
        try:
            with transaction():
                drafting.write(campaign_id, *place, source, seen=form.seen.data or "")
        except Conflict as error:
            if drafting.get(campaign_id).state != CampaignState.DRAFT:
                raise
            held = drafting.text(campaign_id, *place)
            form.seen.data = drafting.mark(held)
            form.form_errors = [message_of(error)]
            return self._editor(drafting.get(campaign_id), place, form, held), 409
        found = trying.look_through(source, place[0])
        trying.warn(found)
        if found.is_clean:
            flash(gettext("The text is saved."), "success")
            return redirect(self.get_url(".show_view", id=campaign_id), 303)  # type: ignore[attr-defined]
        return redirect(self.get_url(".text_view", id=campaign_id, channel=place[0], language=place[1]), 303)  # type: ignore[attr-defined]

    def _test(self, row: Campaign, place: tuple[MessageChannel, str], form: TextForm) -> Any:
        tried = trying.trial(_typed(form), *place)
        with transaction():
            message = testing.send(
                place[0], tried.composed, place[1],
                user_id=principal().user_id, mobile=form.mobile.data, nonce=form.once.data or "",
            )  # fmt: skip
            reason = message.reason if message else None
        queue.wake_senders()
        if reason is not None:
            flash(gettext("The test was not sent: the address failed before."), "warning")
        else:
            flash(gettext("The test is on its way to you. Nothing is saved yet."), "success")
        form.once.data = secrets.token_urlsafe(12)
        return self._editor(drafting.get(row.id), place, form)

    def _editor(
        self, row: Campaign, place: tuple[MessageChannel, str], form: TextForm, theirs: Source | None = None
    ) -> str:
        channel, language = place
        if channel != MessageChannel.EMAIL:
            del form.subject
        else:
            del form.mobile
        page: str = self.render(  # type: ignore[attr-defined]
            "campaigns/text.html",
            row=row,
            channel=channel,
            language=language,
            form=form,
            theirs=theirs,
            trial=trying.trial(_typed(form), channel, language),
            chapters=documenting.chapters(language),
            own_address=testing.own_address(principal().user_id),
            words=WORDS,
        )
        return page


def _place(channel: str, language: str) -> tuple[MessageChannel, str]:
    """The channel and language of an address. A text for a channel that was switched off since can be taken out."""
    found = next((one for one in drafting.CHANNELS if one == channel), None)
    if found is None or language not in LANGUAGES:
        raise NotFound
    return found, language


def _typed(form: TextForm) -> Source:
    return Source((form.subject.data if form.subject else "") or "", form.body.data or "")


def _take_template(form: TextForm) -> None:
    source = message_templates.source(message_templates.get(read_id(form.template.data) or 0))
    form.body.data = source.body
    if form.subject and source.subject:
        form.subject.data = source.subject
