"""Which fields speak for a pair being one person, as bits, so that the queue can be filtered by them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ...language import _
from ..matching.levels import COMPARATORS, Address, Birth, Email, First, Last, Phone

REASONS = {
    "name": _("Name"),
    "email": _("E-mail"),
    "phone": _("Telephone"),
    "address": _("Address"),
    "birth_date": _("Date of birth"),
}
"""The fields one can filter by; the order gives their bits, so new ones go to the end."""

_BIT = {name: 1 << at for at, name in enumerate(REASONS)}
_PLACE = {name: at for at, name in enumerate(COMPARATORS)}
_FIRST = frozenset({First.SAME, First.PET, First.SOUND, First.SLIP, First.SWAPPED, First.MIDDLE})
_LAST = frozenset({Last.SAME, Last.SOUND, Last.SLIP, Last.PART, Last.SWAPPED})
_AGREE = {
    "email": ("email", frozenset({Email.SAME, Email.DOTS, Email.SAME_OTHER_NAME, Email.LOCAL, Email.LOCAL_OTHER_NAME})),
    "phone": ("phone", frozenset({Phone.MOBILE, Phone.TELEPHONE, Phone.CROSSWISE, Phone.BOTH, Phone.SLIP})),
    "address": ("address", frozenset({Address.SAME, Address.OTHER_FLAT, Address.OTHER_PLACE, Address.ALIKE})),
    "birth_date": ("birth", frozenset({Birth.SAME, Birth.DAY_AND_MONTH, Birth.SLIP, Birth.TWO_PARTS})),
}


def bit(field: str) -> int:
    """The bit of a field; 0 for one that is not known."""
    return _BIT.get(field, 0)


def bits(levels: Iterable[str]) -> int:
    """The fields that speak for any of these pairs."""
    found = 0
    for one in levels:
        found |= _bits_of(one)
    return found


@lru_cache(maxsize=1 << 14)
def _bits_of(levels: str) -> int:
    at = {name: int(levels[place], 16) if place < len(levels) else 0 for name, place in _PLACE.items()}
    is_name = at["first"] in _FIRST and at["last"] in _LAST
    found = _BIT["name"] if is_name or at["first"] == First.SWAPPED else 0
    for field, (comparator, agreeing) in _AGREE.items():
        if at[comparator] in agreeing:
            found |= _BIT[field]
    return found
