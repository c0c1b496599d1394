"""From a customer's raw values to what duplicates are recognised by: the only place where this is done.

Every write, import, check and scan comes through `normalise`, so that equal values are equal everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from . import danish_names
from .placeholders import NOTHING_LEARNED, Learned, is_dummy_birth_date, is_dummy_phone, is_nobodys_mailbox
from .places import Place, place

FIELDS = ("name", "address", "postal_code", "city", "telephone", "mobile", "email", "birth_date")
"""The fields of a customer that the matcher looks at."""

MOST_MIDDLE = 3
_NO_MAILBOX = ("", "", 0)
_GMAIL = frozenset({"gmail.com", "googlemail.com"})
_MISTYPED = {
    "gmail.con": "gmail.com", "gmail.co": "gmail.com", "gmail.dk": "gmail.com", "gmai.com": "gmail.com",
    "gmial.com": "gmail.com", "gamil.com": "gmail.com", "gmal.com": "gmail.com", "gmail.cm": "gmail.com",
    "googlemail.com": "gmail.com", "hotmial.com": "hotmail.com", "hotmai.com": "hotmail.com",
    "hotmail.con": "hotmail.com", "hotmal.com": "hotmail.com", "hormail.com": "hotmail.com",
    "outlok.com": "outlook.com",
    "outlook.con": "outlook.com", "outlok.dk": "outlook.dk", "yaho.com": "yahoo.com", "yahoo.con": "yahoo.com",
    "live.con": "live.com", "icloud.con": "icloud.com", "iclod.com": "icloud.com",
}  # fmt: skip
_LETTERS = str.maketrans(
    {
        "ä": "æ", "ö": "ø", "ü": "u", "ß": "ss", "ð": "d", "þ": "th", "ł": "l", "đ": "d", "ı": "i", "œ": "oe",
        "'": "", "’": "", "´": "", "`": "", "-": " ", ".": " ", ",": " ", "/": " ", "_": " ", "&": " ", '"': " ",
    }
)  # fmt: skip
_KEPT = frozenset("æøå")
_NO_DIGIT = re.compile(r"[^0-9]+")
_ASIDE = re.compile(r"\([^)]*\)")
_EIGHT_DIGITS = re.compile(r"\d ?\d ?\d ?\d ?\d ?\d ?\d ?\d")
"""Found, or not, several times faster than a telephone number: most texts have no digits to begin with."""
_PHONE_IN_TEXT = re.compile(r"(?<!\d)(?:(?:\+|00)45 ?)?((?:\d ?){7}\d)(?!\d)")


class Word(NamedTuple):
    """A word of a name: as compared, how it sounds, and how the name it may be short for sounds."""

    text: str
    sound: str
    full: str


class Profile(NamedTuple):
    """A customer as the matcher sees one. Empty text, 0 and None mean unknown, which is evidence of nothing."""

    first: Word | None
    last: Word | None
    middle: tuple[Word, ...]
    email: str
    local: str
    local_length: int
    mobile: int
    telephone: int
    place: Place
    birth_date: date | None


def normalise(values: Mapping[str, Any], learned: Learned = NOTHING_LEARNED) -> Profile:
    """The profile of raw `values` (names of Customer's fields); what `learned` holds counts as unknown."""
    return normalise_row([values.get(name) for name in FIELDS], learned)


def normalise_row(row: Sequence[Any], learned: Learned = NOTHING_LEARNED) -> Profile:
    """The same for values in the order of FIELDS."""
    name, address, postal_code, city, telephone_typed, mobile_typed, email_typed, birth_date = row
    name, address = str(name or ""), str(address or "")
    first, middle, last = full_name(name)
    email, local, length = mailbox(email_typed, learned)
    mobile, telephone = phones(mobile_typed, telephone_typed, learned)
    if not telephone and (stray := stray_phone(address) or stray_phone(name)):
        telephone = _phone(stray, learned)
        address = address.replace(stray, " ")
    return Profile(
        first, last, middle, email, local, length,
        mobile, telephone, place(address, str(postal_code or ""), str(city or "")),
        birth_day(birth_date, learned),
    )  # fmt: skip


def fold(text: str) -> str:
    """Lower case, no accents and no signs; æ, ø and å stay."""
    text = text.lower().translate(_LETTERS)
    if text.isascii():
        return text
    return "".join(
        c if c in _KEPT else unicodedata.normalize("NFKD", c)[0] for c in unicodedata.normalize("NFC", text)
    ).lower()


def full_name(name: str) -> tuple[Word | None, tuple[Word, ...], Word | None]:
    """First, middle and last words; `Jensen, Anne` is read as Anne Jensen."""
    if "(" in name:
        name = _ASIDE.sub(" ", name)
    if "," in name:
        before, _comma, after = name.partition(",")
        if len(before.split()) == 1 and after.strip():
            name = f"{after} {before}"
    found = [word for part in name.split() for word in _words(part)]
    if len(found) > 2:
        last_one = found[-1].text
        if last_one in danish_names.GENERATIONS:
            found = [found[0], found[-1], *found[1:-1]]
    if not found:
        return None, (), None
    if len(found) == 1:
        return found[0], (), None
    return found[0], tuple(found[1:-1][:MOST_MIDDLE]), found[-1]


@lru_cache(maxsize=1 << 16)
def _words(written: str) -> tuple[Word, ...]:
    """The words of a part of a name: two of `Anne-Marie`, none of particles, titles and `kunde-1027`."""
    if any(map(str.isdigit, written)):
        return ()
    return tuple(word for part in fold(written).split() if (word := _word(part)) is not None)


def _word(part: str) -> Word | None:
    if part in danish_names.PARTICLES or part in danish_names.TITLES:
        return None
    text = danish_names.canonical("".join(c for c in part if c.isalpha()))
    if not text:
        return None
    return Word(text, danish_names.sound(text), danish_names.sound(danish_names.full_name(text)))


def mailbox(value: Any, learned: Learned) -> tuple[str, str, int]:
    """A mailbox in one spelling (no dots and tags at Gmail, no tags elsewhere), its name, and how long that is with
    dots.

    Roles and dummies are no mailbox of a person.
    """
    if not value:
        return _NO_MAILBOX
    local, _at, domain = str(value).strip().lower().rpartition("@")
    if not local or not domain:
        return _NO_MAILBOX
    domain = _MISTYPED.get(domain, domain)
    local = local.partition("+")[0]
    length = len(local)
    if domain in _GMAIL:
        local = local.replace(".", "")
    if not local or is_nobodys_mailbox(local, domain):
        return _NO_MAILBOX
    email = f"{local}@{domain}"
    return _NO_MAILBOX if email in learned.emails else (email, local.partition("@")[0], length)


def phones(mobile_typed: Any, telephone_typed: Any, learned: Learned) -> tuple[int, int]:
    """Mobile and telephone; one number that stands twice counts once."""
    mobile, telephone = _phone(mobile_typed, learned), _phone(telephone_typed, learned)
    return mobile, 0 if telephone == mobile else telephone


def _phone(value: Any, learned: Learned) -> int:
    """The last eight digits as a number: what is left of it with and without a country's prefix."""
    if not value:
        return 0
    digits = str(value).removeprefix("+")
    if not (digits.isdigit() and digits.isascii()):
        digits = _NO_DIGIT.sub("", digits)
    if not 6 <= len(digits) <= 15 or is_dummy_phone(digits[-8:]):
        return 0
    number = int(digits[-8:])
    return 0 if number in learned.phones else number


def stray_phone(text: str) -> str:
    """A telephone number that somebody typed into another field."""
    if _EIGHT_DIGITS.search(text) is None:
        return ""
    found = _PHONE_IN_TEXT.search(text)
    return found[0] if found else ""


def birth_day(value: Any, learned: Learned) -> date | None:
    """The date of birth, as a date or as text; None where it is none, or stands for none."""
    if not value:
        return None
    day = date(value.year, value.month, value.day) if isinstance(value, date) else _day(str(value)[:10])
    if day is None:
        return None
    return None if is_dummy_birth_date(day) or day in learned.birth_dates else day


@lru_cache(maxsize=1 << 16)
def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
