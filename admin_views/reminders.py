"""Reminders: what customers are told about their bookings without anybody writing to them, and when."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from gecko.errors import Invalid
from gecko.language import LANGUAGES, _
from gecko.models.messages import MessageChannel
from gecko.operations import settings
from gecko.operations.messaging import reminding, telling
from gecko.operations.texts import loading, storing
from gecko.operations.texts.parsing import parse
from gecko.operations.texts.reviewing import unfit_for_sms
from gecko.operations.texts.shipping import USAGES, Name, TextKey
from gecko.permissions import Permission

from .choices_page import ChoicesPage

LONGEST = 24 * 14
"""Hours."""
_HOURS = (InputRequired(), NumberRange(1, LONGEST))
_BEFORE = _("Hours before")


class RemindersForm(FlaskForm):
    """Each field is the setting of its name, with a point for the first underscore."""

    seen = HiddenField()
    confirmation_email = BooleanField(_("Confirm bookings by e-mail"))
    confirmation_sms = BooleanField(_("Confirm bookings by SMS"))
    reminder_email_1 = BooleanField(_("First reminder by e-mail"))
    reminder_email_1_hours = IntegerField(_BEFORE, _HOURS)
    reminder_email_2 = BooleanField(_("Second reminder by e-mail"))
    reminder_email_2_hours = IntegerField(_BEFORE, _HOURS)
    reminder_sms_1 = BooleanField(_("First reminder by SMS"))
    reminder_sms_1_hours = IntegerField(_BEFORE, _HOURS)
    reminder_sms_2 = BooleanField(_("Second reminder by SMS"))
    reminder_sms_2_hours = IntegerField(_BEFORE, _HOURS)


CONFIRMATIONS = ("confirmation_email", "confirmation_sms")
BY_MAIL = ("reminder_email_1", "reminder_email_1_hours", "reminder_email_2", "reminder_email_2_hours")
BY_SMS = ("reminder_sms_1", "reminder_sms_1_hours", "reminder_sms_2", "reminder_sms_2_hours")
FIELDS = (*CONFIRMATIONS, *BY_MAIL, *BY_SMS)
KEYS = {name: name.replace("_", ".", 1) for name in FIELDS}


class RemindersView(ChoicesPage):
    """Confirmations and two reminders over each channel."""

    permission = Permission.BOOKING_SETUP
    slug = "reminders"
    title = _("Reminders")
    icon = "bell"
    form_class = RemindersForm
    template = "settings/reminders.html"

    def current(self) -> dict[str, Any]:
        """By field."""
        chosen = settings.DEFAULTS | settings.stored()
        return {name: chosen[key] for name, key in KEYS.items()}

    def chosen(self, form: RemindersForm) -> dict[str, Any]:
        """By setting; the second reminder comes after the first."""
        for channel in telling.CHANNELS:
            both_on = all(form[f"reminder_{channel}_{slot}"].data for slot in reminding.SLOTS)
            first, second = (form[f"reminder_{channel}_{slot}_hours"].data for slot in reminding.SLOTS)
            if both_on and second >= first:
                raise Invalid(
                    _("The second reminder comes after the first: fewer hours before."),
                    field=f"reminder_{channel}_2_hours",
                )
        return {key: form[name].data for name, key in KEYS.items()}

    def groups(self, form: Any) -> tuple[tuple[Any, tuple[str, ...]], ...]:
        """Where the module SMS is off, what it closes says so."""
        if MessageChannel.SMS not in telling.open_channels():
            for name in ("confirmation_sms", "reminder_sms_1", "reminder_sms_2"):
                form[name].description = gettext("Closed while the module %(module)s is off.", module="SMS")
        return (
            (gettext("When staff book"), CONFIRMATIONS),
            (gettext("By e-mail"), BY_MAIL),
            (gettext("By SMS"), BY_SMS),
        )

    def facts(self) -> dict[str, Any]:
        """The texts that would not go by SMS as they stand."""
        return {"unfit": _unfit(), "usages": USAGES}


def _unfit() -> list[Name]:
    """Texts of messages about bookings that hold what must not go by SMS, so that nothing is sent."""
    held, fields = storing.all_held(), loading.sensitive_fields()
    keys = (TextKey.CONFIRMATION, *reminding.SLOTS.values())
    names = [Name(key, MessageChannel.SMS, language) for key in keys for language in LANGUAGES]
    return [name for name in names if unfit_for_sms(parse(held[name].source.body), fields)]
