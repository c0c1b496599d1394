"""How recalls run: how long before the date, and whether customers without one are marked."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from gecko.language import _
from gecko.operations import settings
from gecko.permissions import Permission

from ..choices_page import ChoicesPage
from .view import GATE

LONGEST = 365
KEYS = {"offset_days": "recall.offset_days", "show_icon": "recall.show_icon"}


class RecallForm(FlaskForm):
    """Each field is the setting of its name."""

    seen = HiddenField()
    offset_days = IntegerField(
        _("Run offset, days"),
        [InputRequired(), NumberRange(0, LONGEST)],
        description=_("So many days before the date a sign-up is looked at, which leaves time for letters."),
    )
    show_icon = BooleanField(
        _("Show a red icon on customers without an active recall"),
        description=_("In the header of the profile and in the list of customers."),
    )


class RecallSettingsView(ChoicesPage):
    """The settings of recalls."""

    permission = Permission.BOOKING_SETUP
    slug = "recall_settings"
    title = _("Recall settings")
    icon = "settings"
    gate = GATE
    form_class = RecallForm
    template = "recalls/settings.html"

    def current(self) -> dict[str, Any]:
        """By field."""
        return {name: settings.get(key) for name, key in KEYS.items()}

    def chosen(self, form: RecallForm) -> dict[str, Any]:
        """By setting."""
        return {key: form[name].data for name, key in KEYS.items()}

    def groups(self, form: Any) -> tuple[tuple[Any, tuple[str, ...]], ...]:
        """One."""
        return ((gettext("Recall"), tuple(KEYS)),)
