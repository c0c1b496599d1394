"""Where somebody lives: street, house, flat, postal code and town out of free text, Danish or foreign."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from .danish_names import canonical
from .word_lists import words

_STREET_TYPES = words(
    """
    street st str road rd avenue ave av lane ln drive dr court ct place pl crescent cres cr circuit cct close cl
    terrace tce way parade pde square sq boulevard blvd highway hwy grove gr esplanade
    """
)
_UNIT_WORDS = words(
    """
    tv th mf st sal etage kl kld kælder lejl lejlighed dør doer nr no vær værelse stuen unit flat apartment apt
    """
)
_SUFFIXES = {"v": "vej", "vej": "vej", "vej.": "vej", "g": "gade", "gd": "gade", "gade": "gade", "gaden": "gade",
             "alle": "alle", "allé": "alle", "al": "alle", "pl": "plads", "plads": "plads", "str": "stræde",
             "stræde": "stræde", "bvd": "boulevard", "boul": "boulevard", "boulevard": "boulevard"}  # fmt: skip
_SHORT = {"sct": "sankt", "skt": "sankt", "gl": "gammel", "ndr": "nordre", "sdr": "søndre", "nr": "nørre",
          "ll": "lille", "kgs": "kongens", "kbh": "københavn", "dr": "doktor",
          "vestr": "vestre", "østr": "østre"}  # fmt: skip
_CARE_OF = re.compile(r"^\s*(?:c/o|att\.?:?|v/)\s[^,\d]*,\s*", re.IGNORECASE)
_MAY_BE_CARE_OF = ("c/o", "att", "v/")
_SIGNS = str.maketrans(dict.fromkeys(".,;:/\\()#'’´`\"-–_", " ") | {"ä": "æ", "ö": "ø", "ü": "u", "ß": "ss"})
_HOUSE = re.compile(r"(?<![^\s,.;:/#(-])(\d{1,5})([a-zæøå]?)(?![^\s,.;:/#)-])")


class Place(NamedTuple):
    """An address in parts. text: all words of the street, for comparing what is spelled in different ways."""

    street: str
    house: int
    unit: str
    text: str
    postal_code: str
    city: str


def place(address: str, postal_code: str, city: str) -> Place:
    """The parts of an address; what is not there is empty."""
    return Place(*dwelling(address), code(postal_code), town(city))


def dwelling(address: str) -> tuple[str, int, str, str]:
    """Street, house and flat, and all words of the street."""
    return _address(address) if address else ("", 0, "", "")


def code(postal_code: str) -> str:
    """A postal code in one spelling, without the country."""
    return postal_code.upper().replace(" ", "").removeprefix("DK-") if postal_code else ""


def town(city: str) -> str:
    """The town without its district: Aarhus C is Aarhus."""
    return _town(city) if city else ""


@lru_cache(maxsize=1 << 14)
def _town(city: str) -> str:
    words = [_SHORT.get(word, word) for word in _fold(city).split()]
    if len(words) > 1 and len(words[-1]) <= 2:
        words.pop()
    return canonical("".join(words))


def _fold(text: str) -> str:
    text = text.lower().translate(_SIGNS)
    if text.isascii():
        return text
    return "".join(c if c in "æøå" else unicodedata.normalize("NFKD", c)[0] for c in text)


def _address(address: str) -> tuple[str, int, str, str]:
    address = address.lower()
    if address.startswith(_MAY_BE_CARE_OF):
        address = _CARE_OF.sub("", address)
    found = _HOUSE.search(address)
    if found is None:
        street, text = _unnumbered(address)
        return street, 0, "", text
    house, letter = min(int(found[1]), 65535), found[2]
    before, after = address[: found.start()], address[found.end() :]
    if not before or before.isspace():
        street, text = _english(after)
        return street, house, letter, text
    street, text = _street(before)
    unit, place_words = _unit(after, bool(letter))
    return street, house, letter + unit, text + place_words


@lru_cache(maxsize=1 << 16)
def _street(before: str) -> tuple[str, str]:
    """One word for a street, however it was parted or shortened: H. C. Andersens v. is hcandersensvej."""
    words = _fold(before).split()
    if len(words) > 1:
        words = [*(_SHORT.get(word, word) for word in words[:-1]), _SUFFIXES.get(words[-1], words[-1])]
    street = canonical("".join(words))
    return street, street


def _unnumbered(text: str) -> tuple[str, str]:
    return _street(text) if _STREET_TYPES.isdisjoint(_fold(text).split()[1:]) else _english(text)


def _english(text: str) -> tuple[str, str]:
    """Of `Glass Studio, Stanley Street, Miami` the word before the kind of street; all words are for comparing."""
    words = _fold(text).split()
    telling = [word for word in words if word not in _STREET_TYPES]
    named = [before for before, kind in pairwise(words) if kind in _STREET_TYPES and before not in _STREET_TYPES]
    street = next(iter(named), "") or next((word for word in telling if len(word) > 3), telling[0] if telling else "")
    return canonical(street), canonical("".join(words))


@lru_cache(maxsize=1 << 14)
def _unit(after: str, has_letter: bool) -> tuple[str, str]:
    """What follows the house number: letter, floor and door; and the words that are none of these."""
    words = _fold(after).split()
    letter = words.pop(0) if words and not has_letter and len(words[0]) == 1 and words[0].isalpha() else ""
    units = [word for word in words if word in _UNIT_WORDS or word[0].isdigit()]
    return letter + "".join(units), "".join(word for word in words if word not in units)
