"""Form fields that read and write the Danish way: money, dates, telephone numbers, e-mail addresses."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import StringField
from wtforms.widgets import TextInput

from gecko import clock, money, phones
from gecko.errors import GeckoError

from .formats import amount, day, instant, language, milli
from .lookups import LookupField

__all__ = [
    "ClockField",
    "DanishDateField",
    "DanishInstantField",
    "EmailField",
    "LookupField",
    "MoneyField",
    "PhoneField",
    "QuantityField",
    "parse_date",
]

_SEPARATED = re.compile(r"^(\d{1,2})[-./ ](\d{1,2})[-./ ](\d{4})$")
_COMPACT = re.compile(r"^(\d{2})(\d{2})(\d{4})$")
_CLOCK = re.compile(r"(\d{1,2})(?:\s*[.:]?\s*(\d{2}))?")
_ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")
_WITH_TIME = re.compile(r"^(.+?)(?:[\sT,]+(?:kl\.?\s*)?)(\d{1,2})[:.](\d{2})$", re.IGNORECASE)
EARLIEST_YEAR = 1800


def parse_date(text: str) -> date:
    """Read `22-11-2026`, `22/11 2026`, `22.11.2026`, `22112026` or `2026-11-22`; raises ValueError otherwise."""
    cleaned = re.sub(r"\s*([-./])\s*|\s+", lambda found: found[1] or " ", text.strip())
    if found := _ISO.match(cleaned):
        year, month, number = (int(part) for part in found.groups())
    elif found := _SEPARATED.match(cleaned) or _COMPACT.match(cleaned):
        number, month, year = (int(part) for part in found.groups())
    else:
        raise ValueError(text)
    if year < EARLIEST_YEAR:
        raise ValueError(text)
    return date(year, month, number)


class MoneyInput(TextInput):
    """A right-aligned amount with its currency beside it."""

    def __call__(self, field: Any, **attributes: Any) -> Markup:
        """Draw the field."""
        attributes.setdefault("inputmode", "decimal")
        attributes.setdefault("autocomplete", "off")
        unit = "kr." if language() == "da" else "DKK"
        return Markup('<span class="g-money">{}<span class="g-money-unit" aria-hidden="true">{}</span></span>').format(
            super().__call__(field, **attributes), unit
        )


class ParsedField(StringField):
    """A text box whose words become a value; what was typed stays in the box when it could not be read."""

    def parse(self, text: str) -> Any:
        """The value of what was typed; raises ValueError or GeckoError with words for the reader."""
        raise NotImplementedError

    def shown(self, value: Any) -> str:
        """How a value is written into the box."""
        return str(value)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; an empty box is None."""
        if not valuelist:
            return
        text = valuelist[0].strip()
        if not text:
            self.data = None
            return
        try:
            self.data = self.parse(text)
        except GeckoError as error:
            self.data = None
            raise ValueError(_(str(error.message), **error.params)) from None

    def _value(self) -> str:
        if self.raw_data and (self.process_errors or self.errors):
            return str(self.raw_data[0])
        return "" if self.data is None else self.shown(self.data)


class MoneyField(ParsedField):
    """An amount in øre, typed as `1.234,50` in Danish and `1,234.50` in English."""

    widget = MoneyInput()

    def parse(self, text: str) -> int:
        """Øre."""
        return money.parse_ore(text, language())

    def shown(self, value: int) -> str:
        """The amount without its currency."""
        return amount(value)


class QuantityField(ParsedField):
    """A quantity of at most three decimals, kept in thousandths."""

    def parse(self, text: str) -> int:
        """Thousandths."""
        point, mark = (",", ".") if language() == "da" else (".", ",")
        found = re.fullmatch(r"(\d{1,9})(?:" + re.escape(point) + r"(\d{1,3}))?", text.replace(mark, "").strip())
        if found is None:
            self.data = None
            raise ValueError(_("“%(text)s” is not a quantity.", text=text))
        return int(found[1]) * 1_000 + int((found[2] or "").ljust(3, "0"))

    def shown(self, value: int) -> str:
        """As people write it."""
        return milli(value)


class ClockField(ParsedField):
    """A time of day, typed as `8`, `8.30`, `08:30` or `0830` and kept as `08:30`."""

    def parse(self, text: str) -> str:
        """HH:MM."""
        found = _CLOCK.fullmatch(text)
        if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
            self.data = None
            raise ValueError(_("“%(text)s” is not a time of day.", text=text))
        return f"{int(found[1]):02d}:{int(found[2] or 0):02d}"


class DanishDateField(ParsedField):
    """A date, typed and shown as `22-11-2026` in both languages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        attributes = {
            "inputmode": "numeric",
            "autocomplete": "off",
            "maxlength": 14,
            **(kwargs.pop("render_kw", None) or {}),
        }
        super().__init__(*args, render_kw=attributes, **kwargs)

    def __call__(self, **attributes: Any) -> Any:
        """Draw the field with the pattern as its placeholder."""
        attributes.setdefault("placeholder", _("dd-mm-yyyy"))
        return super().__call__(**attributes)

    def parse(self, text: str) -> date:
        """The date."""
        try:
            return parse_date(text)
        except ValueError:
            self.data = None
            raise ValueError(_("“%(text)s” is not a date; write it as 31-12-2026.", text=text)) from None

    def shown(self, value: date) -> str:
        """dd-mm-yyyy."""
        return day(value)


class DanishInstantField(ParsedField):
    """Date and time on a Danish clock, typed as `22-11-2026 14:05`; an aware instant.

    Where the clock is set back, a time that comes twice is the earlier one.
    """

    def __call__(self, **attributes: Any) -> Any:
        """Draw the field with the pattern as its placeholder."""
        attributes = {"autocomplete": "off", "maxlength": 30, "placeholder": _("dd-mm-yyyy hh:mm"), **attributes}
        return super().__call__(**attributes)

    def parse(self, text: str) -> datetime:
        """The instant; a time that the clock leaps over when it is set forward does not exist."""
        found = _WITH_TIME.match(text.strip())
        try:
            if found is None:
                raise ValueError(text)
            naive = datetime.combine(parse_date(found[1]), time(int(found[2]), int(found[3])))
        except ValueError:
            self.data = None
            raise ValueError(
                _("“%(text)s” is not a date and a time; write it as 31-12-2026 14:05.", text=text)
            ) from None
        if clock.is_skipped(naive):
            self.data = None
            raise ValueError(_("The clock is set forward in that hour: %(text)s does not exist.", text=text))
        return clock.from_local(naive)

    def shown(self, value: datetime) -> str:
        """dd-mm-yyyy hh:mm."""
        return instant(value)


class PhoneField(ParsedField):
    """A telephone number, kept as E.164 and shown the way Danes read it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        attributes = {"type": "tel", "autocomplete": "off", **(kwargs.pop("render_kw", None) or {})}
        super().__init__(*args, render_kw=attributes, **kwargs)

    def parse(self, text: str) -> str:
        """E.164."""
        return phones.normalise(text)

    def shown(self, value: str) -> str:
        """Pairs of digits for Danish numbers."""
        return phones.display(value)


class EmailField(ParsedField):
    """One e-mail address in its usual form; whether it can be reached is not asked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        attributes = {"inputmode": "email", "autocomplete": "off", "spellcheck": "false"}
        super().__init__(*args, render_kw={**attributes, **(kwargs.pop("render_kw", None) or {})}, **kwargs)

    def parse(self, text: str) -> str:
        """The address with its domain in lower case."""
        try:
            return validate_email(text, check_deliverability=False).normalized
        except EmailNotValidError:
            self.data = None
            raise ValueError(_("“%(text)s” is not an e-mail address.", text=text)) from None
