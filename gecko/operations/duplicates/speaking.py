"""Which fields speak for a pair being one person, as bits, so that the queue can be filtered by them."""

from __future__ import annotations

from collections.abc import Iterable

from ...language import _

REASONS = {
    "name": _("Name"),
    "email": _("E-mail"),
    "phone": _("Telephone"),
    "address": _("Address"),
    "birth_date": _("Date of birth"),
}
"""The fields one can filter by; the order gives their bits, so new ones go to the end."""

_BIT = {name: 1 << at for at, name in enumerate(REASONS)}


def bit(field: str) -> int:
    """The bit of a field; 0 for one that is not known."""
    return _BIT.get(field, 0)


def bits(levels: Iterable[str]) -> int:
    """The fields that speak for any of these pairs."""
    return 0
