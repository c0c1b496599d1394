"""Templates of messages: texts of the company's own, with the editor's preview and list of codes."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext
from wtforms import Form, StringField, TextAreaField

from gecko.language import _
from gecko.models.texts import MessageTemplate
from gecko.operations import message_templates
from gecko.operations.letters import sheets
from gecko.operations.texts import documenting, storing
from gecko.permissions import Permission

from .base import GridView
from .grid import filters
from .texts import trying
from .texts.view import WORDS

CHANNELS = tuple((channel, label) for channel, (label, _icon) in trying.CHANNELS.items())
LANGUAGES = tuple(trying.LANGUAGE_NAMES.items())


class MessageTemplatesView(GridView):
    """All templates; the editor is that of the texts."""

    model = MessageTemplate
    slug = "message-templates"
    title = _("Templates")
    icon = "template"
    permission = Permission.TEXT_EDIT
    create_permission = edit_permission = delete_permission = Permission.TEXT_EDIT
    column_list = ("name", "channel", "language", "subject", "created_at")
    column_labels = {
        "name": _("Name"),
        "channel": _("Channel"),
        "language": _("Language"),
        "subject": _("Subject"),
        "body": _("Text"),
        "created_at": _("Created"),
        "is_window_right": _("The window of the envelope is on the right"),
        "margin_mm": _("Margins left and right"),
        "font_points": _("Size of the type"),
        "is_dated": _("Place and date above the text"),
    }
    column_sortable_list = (("name", "name_sort"),)
    column_default_sort = "name"
    column_choices = {"channel": CHANNELS, "language": LANGUAGES}
    column_filters = (filters.Choice("channel", choices=CHANNELS), filters.Choice("language", choices=LANGUAGES))
    form_columns = ("name", "channel", "language", "subject", "body", *sheets.PAGE_FIELDS)
    form_groups = (
        (_("Text"), ("name", "channel", "language", "subject", "body")),
        (_("Letters on paper"), sheets.PAGE_FIELDS),
    )
    form_choices = {
        "channel": CHANNELS,
        "language": LANGUAGES,
        "margin_mm": tuple((one, f"{one} mm") for one in sheets.MARGINS),
        "font_points": tuple((one, f"{one} pt") for one in sheets.SIZES),
    }
    form_extra_fields = {
        "subject": StringField(
            _("Subject"),
            description=_("Of an e-mail; other messages have none."),
            render_kw={"maxlength": storing.LONGEST_SUBJECT, "data-codes": ""},
        ),
        "body": TextAreaField(_("Text"), render_kw={"rows": 16, "maxlength": storing.LONGEST_BODY, "data-codes": ""}),
    }

    def perform_create(self, values: dict[str, Any]) -> Any:
        """Add a template."""
        return message_templates.create(values)

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """Change a template."""
        return message_templates.update(row.id, values)

    def perform_delete(self, row: Any) -> None:
        """Hide a template."""
        message_templates.delete(row.id)

    def perform_restore(self, row: Any) -> None:
        """Bring a template back."""
        message_templates.restore(row.id)

    def _attempt(self, form: Form, work: Any) -> int | None:
        """Nothing is saved by the button that shows the preview where there is no JavaScript."""
        return None if "_preview" in request.form else super()._attempt(form, work)

    def _form_page(self, template: str, form: Form, row: Any) -> Any:
        page, status = super()._form_page(template.replace("admin/model", "message_templates"), form, row)
        return page, 200 if "_preview" in request.form else status

    def create_title(self) -> str:
        """Heading of the create page."""
        return gettext("Create template")

    def saved_url(self, row: Any) -> str:
        """The editor again, where its author has something to look at."""
        found = trying.look_through(message_templates.source(row), row.channel)
        return super().saved_url(row) if found.is_clean else self.get_url(".edit_view", id=row.id)

    def _created(self, row_id: int) -> Any:
        self._warn(row_id)
        return super()._created(row_id)

    def _saved(self, row_id: int) -> Any:
        self._warn(row_id)
        return super()._saved(row_id)

    def _warn(self, row_id: int) -> None:
        row = message_templates.get(row_id)
        trying.warn(trying.look_through(message_templates.source(row), row.channel))

    def trial(self, form: Form) -> trying.Trial:
        """What the form says, tried on somebody."""
        return trying.trial(*trying.typed(form.data))

    def chapters(self, form: Form) -> list[documenting.Chapter]:
        """The codes beside the editor, in the template's language."""
        _source, _channel, language = trying.typed(form.data)
        return documenting.chapters(language)

    editor_words = WORDS
