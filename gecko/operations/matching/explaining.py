"""Why a pair scores as it does, in plain words with a weight each: what a reviewer reads beside two customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ...language import _
from .comparing import Compared, compare
from .found import Reason
from .levels import COMPARATORS, Address, Birth, Email, First, Last, Middle, Phone
from .likelihoods import joint, likelihoods
from .policy import Context
from .signature import Signatures

Weighed = npt.NDArray[np.float64]

FIELDS = {
    "first": "name", "last": "name", "middle": "name", "email": "email", "phone": "mobile", "address": "address",
    "birth": "birth_date",
}  # fmt: skip
"""The customer's field that a comparator is about."""

WORDS: Mapping[str, Mapping[int, Any]] = {
    "first": {
        First.SAME: _("same first name"),
        First.PET: _("short or other form of the same first name"),
        First.SOUND: _("first names that sound alike"),
        First.SLIP: _("first names that differ by a slip"),
        First.INITIAL: _("initial that fits the first name"),
        First.SWAPPED: _("first and last name have changed places"),
        First.MIDDLE: _("first name of one is a middle name of the other"),
        First.ALIKE: _("first names that resemble each other"),
        First.OTHER: _("other first name"),
    },
    "last": {
        Last.SAME: _("same last name"),
        Last.SOUND: _("last names that sound alike"),
        Last.SLIP: _("last names that differ by a slip"),
        Last.PART: _("double or former last name in common"),
        Last.ALIKE: _("last names that resemble each other"),
        Last.OTHER: _("other last name"),
        Last.SWAPPED: _("last name of one is the first name of the other"),
        Last.MAILBOX: _("last name of one stands in the e-mail of the other"),
    },
    "middle": {
        Middle.SAME: _("same middle name"),
        Middle.INITIAL: _("initial that fits the middle name"),
        Middle.OTHER: _("other middle name"),
    },
    "email": {
        Email.SAME: _("same e-mail"),
        Email.DOTS: _("same e-mail, written with other dots"),
        Email.LOCAL: _("same e-mail name at another provider"),
        Email.ALIKE: _("e-mails that resemble each other"),
        Email.OTHER: _("other e-mail"),
        Email.SAME_OTHER_NAME: _("same e-mail under another name"),
        Email.LOCAL_OTHER_NAME: _("same e-mail name at another provider, under another name"),
        Email.ALIKE_OTHER_NAME: _("e-mails that resemble each other, under another name"),
        Email.OTHER_OTHER_NAME: _("other e-mail"),
    },
    "phone": {
        Phone.MOBILE: _("same mobile number"),
        Phone.TELEPHONE: _("same telephone number"),
        Phone.CROSSWISE: _("mobile number of one is the telephone number of the other"),
        Phone.BOTH: _("same mobile and telephone number"),
        Phone.SLIP: _("mobile numbers that differ by one digit"),
        Phone.OTHER_MOBILE: _("other mobile number"),
        Phone.OTHER_TELEPHONE: _("other telephone number"),
    },
    "address": {
        Address.SAME: _("same address"),
        Address.OTHER_FLAT: _("same house, other flat"),
        Address.OTHER_PLACE: _("same street and house number in another town"),
        Address.ALIKE: _("nearly the same address, written in another way"),
        Address.STREET: _("same street, other house number"),
        Address.POSTAL_CODE: _("same postal code, other street"),
        Address.TOWN: _("same town, other street"),
        Address.OTHER: _("other address"),
        Address.POSTAL_CODE_ALONE: _("same postal code"),
        Address.STREET_ALONE: _("same street"),
    },
    "birth": {
        Birth.SAME: _("same date of birth"),
        Birth.DAY_AND_MONTH: _("date of birth with day and month changed about"),
        Birth.SLIP: _("dates of birth that differ by one digit"),
        Birth.TWO_PARTS: _("dates of birth that agree in two parts of three"),
        Birth.YEAR: _("same year of birth, other date"),
        Birth.OTHER: _("other date of birth"),
    },
}

APART = {
    Address.POSTAL_CODE: _("same postal code, other street: hardly one household"),
    Address.TOWN: _("same town, other street: hardly one household"),
    Address.OTHER: _("other address: hardly one household"),
}
"""How addresses that differ are told where they speak for one person, as they leave a family out of the question."""


def explain(
    left: Signatures, right: Signatures, context: Context, levels: Sequence[str] | None = None
) -> list[list[Reason]]:
    """For each pair its reasons, the strongest first.

    A weight is by how many bits the score would fall without what was found; unknown says nothing and is left out.
    levels: what was found at an earlier time, where that is to be explained.
    """
    compared = compare(left, right)
    if levels is not None:
        compared = compared._replace(levels=np.array([[int(one, 16) for one in row] for row in levels], dtype=np.uint8))
    return [_told(*pair) for pair in zip(compared.levels.tolist(), weights(compared, context).tolist(), strict=True)]


def _told(levels: Sequence[int], weighed: Sequence[float]) -> list[Reason]:
    """The reasons of one pair."""
    found = [
        Reason(FIELDS[name], _text(name, level, weight), weight)
        for name, level, weight in zip(COMPARATORS, levels, weighed, strict=True)
        if level
    ]
    return sorted(found, key=lambda reason: -abs(reason.weight))


def _text(name: str, level: int, weight: float) -> Any:
    return APART[Address(level)] if name == "address" and weight > 0 and level in APART else WORDS[name][level]


def weights(compared: Compared, context: Context) -> Weighed:
    """The bits that each comparator adds to the odds of one person: a row for each pair, in the comparators' order."""
    whole = joint(compared, context)
    without = whole[:, None] / likelihoods(compared, context)
    found: Weighed = np.log2(_odds(whole) / _odds(without)).T.round(1)
    return found


def _odds(joint: Weighed) -> Weighed:
    """One person against the rest, from the four classes."""
    return np.asarray((joint[0] + joint[1]) / (joint[2] + joint[3]))


def words(levels: str) -> list[tuple[str, Any]]:
    """What the characters of `Found.levels` say, as (field, words), where only they are at hand."""
    return [
        (FIELDS[name], WORDS[name][int(level, 16)])
        for level, name in zip(levels, COMPARATORS, strict=True)
        if int(level, 16)
    ]
