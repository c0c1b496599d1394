"""Settings: modules, features, the company's particulars, when and how fast messages go, and sessions."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional, ValidationError

from gecko.errors import Invalid
from gecko.language import LANGUAGES
from gecko.language import _ as lazy
from gecko.modules import FEATURE_LABELS, FEATURE_NEEDS, FEATURE_OPENS, MODULE_LABELS, MODULE_OPENS
from gecko.operations import company, late_payment, settings
from gecko.permissions import Permission

from .choices_page import ChoicesPage
from .fields import ClockField, EmailField, MoneyField

HIGHEST_SMS_PRICE = 10_000
"""Øre."""
NOT_YET = lazy("Nothing in this version opens with it yet; the choice is kept for the version that has it.")
COMPANY_LABELS = {
    "name": lazy("Name"),
    "address": lazy("Address"),
    "postal_code": lazy("Postal code"),
    "city": lazy("City"),
    "cvr": lazy("CVR number"),
    "phone": lazy("Telephone"),
    "email": lazy("E-mail"),
    "bank_reg_no": lazy("Registration number of the bank"),
    "bank_account_no": lazy("Account number"),
    "fik_creditor": lazy("FIK creditor number"),
}


class SettingsForm(FlaskForm):
    """Everything on the page; `seen` names the state it was filled in over."""

    seen = HiddenField()
    idle_minutes = IntegerField(
        lazy("Log out after so many minutes without use"), [InputRequired(), NumberRange(5, 480)]
    )
    absolute_hours = IntegerField(
        lazy("Log out after so many hours in any case"), [InputRequired(), NumberRange(1, 24)]
    )
    quiet_from = ClockField(
        lazy("Automatic messages rest from"),
        [InputRequired()],
        description=lazy("Danish time, like 21:00. The same time twice means that they never rest."),
    )
    quiet_until = ClockField(lazy("Automatic messages rest until"), [InputRequired()])
    daily_cap = IntegerField(
        lazy("Messages that one address may get within 24 hours"),
        [InputRequired(), NumberRange(1, 1000)],
        description=lazy("What is beyond waits, and goes later."),
    )
    email_per_minute = IntegerField(lazy("E-mails sent within a minute"), [InputRequired(), NumberRange(1, 100_000)])
    sms_per_minute = IntegerField(lazy("SMS sent within a minute"), [InputRequired(), NumberRange(1, 100_000)])
    sms_price_ore = MoneyField(
        lazy("Price of one SMS part"),
        [InputRequired()],
        description=lazy("Shown before an SMS is sent and kept on it; 0 shows no price."),
    )
    late_text_da = TextAreaField(
        lazy("On late payment, in Danish"),
        [Length(max=late_payment.LONGEST)],
        description=lazy("Stands on every invoice issued from now on; reminders may only add what invoices foretold."),
    )
    late_text_en = TextAreaField(lazy("On late payment, in English"), [Length(max=late_payment.LONGEST)])

    anchor_email = EmailField(
        lazy("Mail the seal of the ledger to"),
        [Optional()],
        description=lazy(
            "Every night's seal goes there. Choose an address outside the house, such as the auditor's: these mails"
            " tell later whether the ledger was rewritten."
        ),
    )

    def validate_sms_price_ore(self, field: Any) -> None:
        """A price is not negative, nor absurd."""
        if not 0 <= (field.data or 0) <= HIGHEST_SMS_PRICE:
            raise ValidationError(_("The price lies between 0 and 100 kr."))


def _add_fields() -> None:
    for module, label in MODULE_LABELS.items():
        opens = MODULE_OPENS.get(module, NOT_YET)
        setattr(SettingsForm, f"module_{module}", BooleanField(label, description=opens))
    for feature, label in FEATURE_LABELS.items():
        setattr(SettingsForm, f"feature_{feature}", BooleanField(label, description=FEATURE_OPENS[feature]))
    for name, label in COMPANY_LABELS.items():
        extra = [Email()] if name == "email" else []
        setattr(SettingsForm, f"company_{name}", StringField(label, [Optional(), Length(max=200), *extra]))


_add_fields()
MODULES = tuple(f"module_{module}" for module in MODULE_LABELS)
FEATURES = tuple(f"feature_{feature}" for feature in FEATURE_LABELS)
COMPANY = tuple(f"company_{name}" for name in COMPANY_LABELS)
SESSION = ("idle_minutes", "absolute_hours")
INVOICES = {f"late_text_{language}": late_payment.key(language) for language in LANGUAGES}
LEDGER = ("anchor_email",)
MESSAGES = ("quiet_from", "quiet_until", "daily_cap", "email_per_minute", "sms_per_minute", "sms_price_ore")


class SettingsView(ChoicesPage):
    """What an installation has chosen."""

    permission = Permission.SETTINGS_EDIT
    slug = "settings"
    title = lazy("Settings")
    icon = "settings"
    form_class = SettingsForm

    def groups(self, form: Any) -> tuple[tuple[Any, tuple[str, ...]], ...]:
        """Modules first; a feature says which module it needs."""
        for feature, module in FEATURE_NEEDS.items():
            closed = _("Closed while the module %(module)s is off.", module=MODULE_LABELS[module])
            form[f"feature_{feature}"].description = f"{FEATURE_OPENS[feature]} {closed}"
        return (
            (_("Modules"), MODULES),
            (_("Features"), FEATURES),
            (_("Company"), COMPANY),
            (_("Invoices"), tuple(INVOICES)),
            (_("Messages"), MESSAGES),
            (_("Ledger"), LEDGER),
            (_("Sessions"), SESSION),
        )

    def blamed(self, error: Invalid) -> str:
        """One of the company's particulars."""
        return f"company_{error.field}"

    def current(self) -> dict[str, Any]:
        """Everything on the page."""
        on = settings.chosen_on()
        values: dict[str, Any] = {f"module_{name}": name in on for name in MODULE_LABELS}
        values |= {f"feature_{name}": name in on for name in FEATURE_LABELS}
        particulars = company.read()
        values |= {f"company_{name}": getattr(particulars, name) for name in COMPANY_LABELS}
        values |= {f"late_text_{language}": late_payment.text(language) for language in LANGUAGES}
        values |= {name: settings.get(f"message.{name}") for name in MESSAGES}
        values |= {name: settings.get(f"ledger.{name}") for name in LEDGER}
        return values | {name: int(settings.get(f"session.{name}")) for name in SESSION}

    def chosen(self, form: SettingsForm) -> dict[str, Any]:
        """By setting; the company's particulars are checked."""
        given = company.Company(**{name: form[f"company_{name}"].data or "" for name in COMPANY_LABELS})
        values: dict[str, Any] = dict(company.choices(company.checked(given)))
        values |= {name.replace("_", ".", 1): bool(form[name].data) for name in (*MODULES, *FEATURES)}
        values |= {key: (form[name].data or "").strip() for name, key in INVOICES.items()}
        values |= {f"message.{name}": form[name].data for name in MESSAGES}
        values |= {f"ledger.{name}": form[name].data or "" for name in LEDGER}
        return values | {f"session.{name}": form[name].data for name in SESSION}
