"""Templates of recalls: channels, services, tolerance, and texts of one's own."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from wtforms import IntegerField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from gecko.channels import MessageChannel
from gecko.db import db
from gecko.language import _
from gecko.models.bookings import Service
from gecko.models.recalls import RecallTemplate
from gecko.operations import message_templates
from gecko.operations.recalls import templates
from gecko.permissions import Permission

from ..base import GridView
from ..messages.words import CHANNELS
from ..texts.trying import LANGUAGE_NAMES
from .view import GATE

_LABELS = {
    "name": _("Name"), "tolerance_days": _("Tolerance, days back"), "is_win_back": _("Win-back"),
    "channels": _("Channels"), "services": _("Services"), "created_at": _("Created"),
}  # fmt: skip
_PLACES = {"first_channel": _("First channel"), "second_channel": _("Second channel"),
           "third_channel": _("Third channel")}  # fmt: skip


def _services() -> list[SelectChoice]:
    rows = db.session.execute(select(Service.id, Service.name).order_by(Service.name_sort))
    return [SelectChoice(service_id, name) for service_id, name in rows]


def _texts(channel: MessageChannel, code: str) -> Any:
    def choices() -> list[SelectChoice]:
        rows = [row for row in message_templates.listed(channel) if row.language == code]
        return [SelectChoice(0, _("The product's own text")), *(SelectChoice(row.id, row.name) for row in rows)]

    return choices


def _channel_field(name: str) -> SelectField:
    empty = [] if name == "first_channel" else [SelectChoice("", "–")]
    chosen = [SelectChoice(str(channel), label) for channel, label in CHANNELS]
    return SelectField(_PLACES[name], choices=[*empty, *chosen])


def _text_field(channel: MessageChannel, code: str) -> SelectField:
    label = _("%(channel)s, %(language)s", channel=dict(CHANNELS)[channel], language=LANGUAGE_NAMES[code])
    return SelectField(label, coerce=int, choices=_texts(channel, code))


def _channels(_grid: Any, _context: Any, row: RecallTemplate, _name: str) -> str:
    names = dict(CHANNELS)
    return ", ".join(str(names[channel]) for channel in row.channels)


def _offered(_grid: Any, _context: Any, row: RecallTemplate, _name: str) -> str:
    return ", ".join(sorted(service.name for service in row.services)) or gettext("All")


class RecallTemplatesView(GridView):
    """All kinds of recall."""

    model = RecallTemplate
    slug = "recall-templates"
    title = _("Recall templates")
    icon = "repeat"
    permission = Permission.BOOKING_VIEW
    create_permission = edit_permission = delete_permission = Permission.BOOKING_SETUP
    gate = GATE
    column_list = ("name", "channels", "services", "tolerance_days", "is_win_back")
    column_hidden = ("created_at",)
    column_labels = _LABELS
    column_sortable_list = (("name", "name_sort"),)
    column_default_sort = "name"
    column_needs = {"channels": tuple(_PLACES), "services": ("services",)}
    column_formatters = {"channels": _channels, "services": _offered}
    form_columns = ("name", "tolerance_days", "is_win_back", *_PLACES, "service_ids", *templates.TEXTS)
    form_extra_fields = {
        "tolerance_days": IntegerField(
            _LABELS["tolerance_days"],
            [InputRequired()],
            default=90,
            description=_("A visit for the service so many days before the date counts as the one that is asked for."),
        ),
        **{name: _channel_field(name) for name in _PLACES},
        "service_ids": SelectMultipleField(
            _LABELS["services"], coerce=int, choices=_services, description=_("None chosen: for all services.")
        ),
        **{field: _text_field(*place) for field, place in templates.TEXTS.items()},
    }
    form_args = {
        "is_win_back": {
            "description": _("Not agreed with the customer, so marketing: sent only to those who said yes to that.")
        }
    }
    form_groups = (
        (_("Recall"), ("name", "tolerance_days", "is_win_back", "service_ids")),
        (_("Channels, tried in this order"), tuple(_PLACES)),
        (_("Texts"), tuple(templates.TEXTS)),
    )

    def bind_form(self, form_class: Any, formdata: Any, row: Any = None) -> Any:
        """Services and texts by their ids."""
        data = {} if row is None else {"service_ids": [one.id for one in row.services], **templates.texts_of(row)}
        form = form_class(formdata, obj=row, data={**dict.fromkeys(templates.TEXTS, 0), **data})
        for name in _PLACES:
            form[name].data = form[name].data or ""
        return form

    def form_values(self, form: Any) -> dict[str, Any]:
        """An empty choice is none."""
        return {name: value or None if name in templates.TEXTS else value for name, value in form.data.items()}

    def perform_create(self, values: dict[str, Any]) -> Any:
        """Add a template."""
        return templates.create(values)

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """Change a template, for what comes due from now on."""
        return templates.change(row.id, values, row_version=row.row_version)

    def perform_delete(self, row: Any) -> None:
        """Hide a template that nobody is signed up with any more."""
        templates.delete(row.id)

    def perform_restore(self, row: Any) -> None:
        """Bring a template back."""
        templates.restore(row.id)

    def create_title(self) -> str:
        """Heading of the create page."""
        return gettext("Create recall template")
