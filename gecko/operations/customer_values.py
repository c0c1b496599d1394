"""The rules about one customer's values: every form, inline edit and import passes here.

Texts come in as people type them; they leave normalised, or an Invalid names the field to blame.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from email_validator import EmailNotValidError, validate_email

from .. import phones
from ..clock import today
from ..errors import Invalid
from ..language import LANGUAGES
from ..models.customers import Gender

Cleaner = Callable[[Any], Any]

_POSTAL_CODE = re.compile(r"^[A-Z0-9][A-Z0-9 -]{1,9}$")
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_EARLIEST = date(1850, 1, 1)
LINE_LIMIT = 200
TEXT_LIMIT = 20_000


def line(value: Any, *, limit: int = LINE_LIMIT) -> str | None:
    """One line of text: control characters gone, white space collapsed, empty as None."""
    if value is None:
        return None
    text = unicodedata.normalize("NFC", str(value))
    _refuse_surrogates(text)
    text = "".join(" " if c.isspace() else c for c in text if c.isspace() or not _is_control(c))
    text = " ".join(text.split())
    _refuse_longer(text, limit)
    return text or None


def text(value: Any, *, limit: int = TEXT_LIMIT) -> str | None:
    """Text of several lines: line ends unified, other control characters gone, empty as None."""
    if value is None:
        return None
    content = unicodedata.normalize("NFC", str(value)).replace("\r\n", "\n").replace("\r", "\n")
    _refuse_surrogates(content)
    content = "".join(c for c in content if c in "\n\t" or not _is_control(c)).strip()
    _refuse_longer(content, limit)
    return content or None


def _is_control(character: str) -> bool:
    return unicodedata.category(character) == "Cc" or character in _BIDI


def _refuse_surrogates(content: str) -> None:
    if any(unicodedata.category(c) == "Cs" for c in content):
        raise Invalid("The text holds signs that cannot be stored.")


def _refuse_longer(content: str, limit: int) -> None:
    if len(content) > limit:
        raise Invalid("The text is too long: at most %(limit)s characters.", limit=limit)


def name(value: Any) -> str:
    """A name that is there."""
    found = line(value)
    if found is None:
        raise Invalid("The name is missing.")
    return found


def email(value: Any) -> str | None:
    """A lower-case e-mail address; its domain is not looked up."""
    found = line(value, limit=254)
    if found is None:
        return None
    try:
        return validate_email(found, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise Invalid("“%(text)s” is not an e-mail address.", text=found) from None


def phone(value: Any) -> str | None:
    """A telephone number as E.164."""
    found = line(value, limit=40)
    return phones.normalise(found) if found else None


def postal_code(value: Any) -> str | None:
    """A postal code; Danish ones lose their DK prefix."""
    found = line(value, limit=12)
    if found is None:
        return None
    found = re.sub(r"^DK[- ]?(?=\d{4}$)", "", found.upper())
    if not _POSTAL_CODE.match(found):
        raise Invalid("“%(text)s” is not a postal code.", text=found)
    return found


def birth_date(value: Any) -> date | None:
    """A date of birth that lies in the past."""
    if value in (None, ""):
        return None
    if isinstance(value, datetime):
        value = value.date()
    if not isinstance(value, date):
        value = read_day(str(value))
    if value > today():
        raise Invalid("The date of birth lies in the future.")
    if value < _EARLIEST:
        raise Invalid("The date of birth is too long ago.")
    return date(value.year, value.month, value.day)


def read_day(typed: str) -> date:
    """A day as Danes write it (31-12-2026, with any of - . / between) or as ISO text; raises Invalid."""
    match = re.match(r"^(\d{1,2})[-./](\d{1,2})[-./](\d{4})$", typed.strip())
    try:
        return date(int(match[3]), int(match[2]), int(match[1])) if match else date.fromisoformat(typed.strip())
    except ValueError:
        raise Invalid("“%(text)s” is not a date.", text=typed) from None


def gender(value: Any) -> Gender:
    """One of the genders the product knows."""
    try:
        return Gender(value or Gender.UNKNOWN)
    except ValueError:
        raise Invalid("“%(text)s” is not one of the choices.", text=str(value)) from None


def language(value: Any) -> str:
    """A language the product speaks."""
    if value not in LANGUAGES:
        raise Invalid("“%(text)s” is not one of the choices.", text=str(value))
    return str(value)


def clips(value: Any) -> int:
    """A number of clips, none or more."""
    try:
        count = int(value or 0)
    except (TypeError, ValueError):
        raise Invalid("“%(text)s” is not a whole number.", text=str(value)) from None
    if not 0 <= count <= 100_000:
        raise Invalid("The number of clips must lie between 0 and 100,000.")
    return count


CLEANERS: dict[str, Cleaner] = {
    "number": line,
    "name": name,
    "address": line,
    "postal_code": postal_code,
    "city": line,
    "telephone": phone,
    "mobile": phone,
    "email": email,
    "birth_date": birth_date,
    "gender": gender,
    "language": language,
    "remind_sms": bool,
    "remind_email": bool,
    "accepts_marketing_email": bool,
    "accepts_marketing_sms": bool,
    "allows_open_tracking": bool,
    "note": text,
    "important_note": text,
    "right_of_access": bool,
    "clips_left": clips,
}


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """All of `values` normalised; raises Invalid for the first that breaks a rule, TypeError for an unknown one."""
    return {field: clean_one(field, value) for field, value in values.items()}


def clean_one(field: str, value: Any) -> Any:
    """One value normalised; the Invalid it may raise names the field."""
    try:
        cleaner = CLEANERS[field]
    except KeyError:
        raise TypeError(f"{field} is no field of a customer that may be written") from None
    try:
        return cleaner(value)
    except Invalid as error:
        error.field = field
        raise
