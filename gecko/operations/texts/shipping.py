"""The texts that the product brings along, in Danish and English: files that a better version replaces everywhere."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from ...channels import MessageChannel
from ...language import LANGUAGES, _
from .reviewing import Source

_FOLDER = Path(__file__).parent / "shipped"


class TextKey(StrEnum):
    """What a text is for."""

    CONFIRMATION = "booking_confirmation"
    REMINDER_1 = "booking_reminder_1"
    REMINDER_2 = "booking_reminder_2"
    APPOINTMENT_CARD = "booking_appointment_card"
    RECALL = "recall"
    WIN_BACK = "win_back"


class Category(StrEnum):
    """The tab on which a text stands."""

    BOOKING = "booking"
    REMINDERS = "reminders"
    RECALLS = "recalls"


CATEGORIES: dict[Category, Any] = {
    Category.BOOKING: _("Online booking – SMS/E-mail"),
    Category.REMINDERS: _("Reminders – SMS/E-mail"),
    Category.RECALLS: _("Recall – SMS/E-mail/Letter"),
}


@dataclass(frozen=True, slots=True)
class Usage:
    """Where a text stands in the list, what it is called, and when it is sent."""

    category: Category
    name: Any
    about: Any


USAGES: dict[TextKey, Usage] = {
    TextKey.CONFIRMATION: Usage(
        Category.BOOKING, _("Booking – Confirmation"), _("Sent when a booking has been made, about that booking.")
    ),
    TextKey.APPOINTMENT_CARD: Usage(
        Category.BOOKING,
        _("Booking – Appointment card"),
        _("Sent from the customer's bookings: one message that repeats what stands for each of those to come."),
    ),
    TextKey.REMINDER_1: Usage(
        Category.REMINDERS,
        _("Booking – First reminder"),
        _("Sent before the appointment, about that booking, to customers who want reminders."),
    ),
    TextKey.REMINDER_2: Usage(
        Category.REMINDERS,
        _("Booking – Second reminder"),
        _("Sent shortly before the appointment, about that booking, to customers who want reminders."),
    ),
    TextKey.RECALL: Usage(
        Category.RECALLS,
        _("Recall – Agreed"),
        _("Sent when a customer who is signed up has no booking of the service, unless the template has its own text."),
    ),
    TextKey.WIN_BACK: Usage(
        Category.RECALLS,
        _("Recall – Win-back"),
        _("The same for templates that are marketing: sent only to customers who agreed to that."),
    ),
}


@dataclass(frozen=True, slots=True)
class Name:
    """Which text is meant."""

    key: TextKey
    channel: MessageChannel
    language: str


@cache
def shipped() -> dict[Name, Source]:
    """Every text that the product brings along, in the order of the list."""
    found = {language: tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8")) for language in LANGUAGES}
    return {
        Name(key, channel, language): Source(one.get("subject", ""), one["body"].strip("\n"))
        for key in USAGES
        for channel in MessageChannel
        for language in LANGUAGES
        if (one := found[language].get(key, {}).get(channel)) is not None
    }
