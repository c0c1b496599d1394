"""What a letter is beside its text: who writes from where and when, to which address, and how the page is set up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from babel.dates import format_date

from ... import phones
from ...errors import Invalid
from ...language import _
from ..company import Company

MARGINS = (15, 20, 25, 30, 35)
"""Millimetres."""
SIZES = (8, 9, 10, 11, 12, 13, 14)
"""Points."""
_LINK = re.compile(r'(?s)<a href="([^"]*)">(.*?)</a>')
_TAG = re.compile(r"<[^>]*>")
_LONG = {"da": "d. MMMM y", "en": "d MMMM y"}
_VAT = {"da": "CVR-nr.", "en": "CVR no."}
_PHONE = {"da": "Tlf.", "en": "Tel."}


@dataclass(frozen=True, slots=True)
class Page:
    """How the letters of a template are laid out on A4.

    is_window_right: on which side the envelope has its window. margin_mm: left and right of the text. font_points: size
    of the type. is_dated: place and date stand above the text.
    """

    is_window_right: bool = False
    margin_mm: int = 25
    font_points: int = 10
    is_dated: bool = True


PAGE_FIELDS = tuple(field.name for field in fields(Page))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The paper of one letter. sender: the company's name and address, a line each; contact: how to reach it."""

    page: Page
    sender: tuple[str, ...]
    contact: tuple[str, ...]
    dated: str

    def stored(self) -> dict[str, Any]:
        """As it is kept beside the letter."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it was made. html: cleaned (see texts.markup); address: the lines in the window."""

    address: tuple[str, ...]
    html: str
    language: str
    sheet: Sheet


def on_paper(cleaned: str) -> str:
    """The HTML of a letter with the address of each link behind it, where its words do not say it already."""
    return _LINK.sub(_spelled, cleaned)


def _spelled(link: re.Match[str]) -> str:
    target = link[1].removeprefix("mailto:").removeprefix("tel:")
    return link[0] if target in _TAG.sub("", link[2]) else f"{link[0]} ({target})"


def read(stored: Mapping[str, Any]) -> Sheet:
    """A sheet as it was kept."""
    page = Page(**stored["page"])
    return Sheet(page, tuple(stored["sender"]), tuple(stored["contact"]), stored["dated"])


def of_company(company: Company, page: Page, language: str, day: date) -> Sheet:
    """The company's paper on that day."""
    town = f"{company.postal_code} {company.city}".strip()
    contact = (
        f"{_PHONE[language]} {phones.display(company.phone)}" if company.phone else "",
        company.email,
        f"{_VAT[language]} {company.cvr}" if company.cvr else "",
    )
    written = format_date(day, _LONG[language], locale=language)
    dated = ", ".join(filter(None, (company.city, written))) if page.is_dated else ""
    sender = tuple(filter(None, (company.name, company.address, town)))
    return Sheet(page, sender, tuple(filter(None, contact)), dated)


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The page set-up among a template's values, as usual where it is not given; raises Invalid with the field."""
    usual = asdict(Page())
    found = {name: usual[name] if values.get(name) is None else values[name] for name in PAGE_FIELDS}
    for name, offered in (("margin_mm", MARGINS), ("font_points", SIZES)):
        found[name] = int(found[name])
        if found[name] not in offered:
            raise Invalid(_("The choice no longer exists."), field=name)
    return found
