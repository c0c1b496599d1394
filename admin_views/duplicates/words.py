"""What lanes, decisions and the values of a customer are called and look like."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Any

from flask_babel import gettext

from gecko import phones
from gecko.language import _
from gecko.models.duplicates import Lane, Verdict
from gecko.operations import audit_reading
from gecko.operations.audit_words import CHOICES, COLUMNS

from ..formats import day, instant, number

# What a lane is called, its colour, and what is in it.
LANES: dict[Lane, tuple[Any, str, Any]] = {
    Lane.SURE: (_("Sure"), "green", _("Everything says that it is one person")),
    Lane.PROBABLE: (_("Probable"), "blue", _("Most says that it is one person: look at what differs")),
    Lane.HOUSEHOLD: (_("Household"), "orange", _("Probably relatives who share an address, a telephone or a mailbox")),
    Lane.SAME_NAME: (_("Same name only"), "secondary", _("The same name, and nothing else that tells")),
}
VERDICTS: dict[Verdict, tuple[Any, str]] = {
    Verdict.SAME: (_("One person"), "green"),
    Verdict.DIFFERENT: (_("Different people"), "orange"),
    Verdict.UNDONE: (_("Taken back"), "secondary"),
}
_SENTENCES: dict[Lane, Any] = {
    Lane.SURE: _("Surely the same person"),
    Lane.PROBABLE: _("Probably the same person"),
    Lane.HOUSEHOLD: _("Probably a family, not the same person"),
    Lane.SAME_NAME: _("The same name; nothing else says that it is one person"),
}


def sentence(lane: Lane) -> str:
    """What a lane says about its customers, as one line."""
    return str(_SENTENCES[lane])


def label(column: str) -> str:
    """What a column of a customer is called."""
    return str(COLUMNS.get(column, column))


def shown(column: str, value: Any, kind: str = "") -> str:
    """A value of a customer as people read it; empty where there is none. kind: of an answer to a custom field."""
    if value is None or value == "":
        return ""
    if kind:
        return str(audit_reading.answer(kind, value))
    if column in {"mobile", "telephone"}:
        return phones.display(value)
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, int):
        return number(value)
    raw = value.value if isinstance(value, Enum) else value
    return str(CHOICES.get(raw, raw))


FACTS = ("number", "birth_date", "address", "postal_code", "city", "mobile", "telephone", "email")
"""The columns that `facts` reads."""


def facts(customer: Any) -> list[str]:
    """What tells customers of one name apart: number, date of birth, address, telephone, e-mail."""
    town = " ".join(filter(None, (customer.postal_code, customer.city)))
    found = (
        gettext("No. %(number)s", number=customer.number) if customer.number else "",
        gettext("born %(day)s", day=day(customer.birth_date)) if customer.birth_date else "",
        ", ".join(filter(None, (customer.address, town))),
        phones.display(customer.mobile or customer.telephone),
        customer.email or "",
    )
    return [fact for fact in found if fact]
