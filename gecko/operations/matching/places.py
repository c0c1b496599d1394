"""Where somebody lives: street, house, flat, postal code and town out of free text, Danish or foreign."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
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
_SIGNS = str.maketrans(dict.fromkeys(".,;:/\\()#'’´`\"-–_", " ") | {"ä": "æ", "ö": "ø", "ü": "u", "ß": "ss"})
_HOUSE = re.compile(r"^(\d{1,5})([a-zæøå]?)$")


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
    street, house, unit, text = _address(address) if address else ("", 0, "", "")
    code = postal_code.upper().replace(" ", "").removeprefix("DK-") if postal_code else ""
    return Place(street, house, unit, text, code, _city(city) if city else "")


@lru_cache(maxsize=1 << 14)
def _city(city: str) -> str:
    """The town without its district: Aarhus C is Aarhus."""
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
    if address[0] in "cCaAvV":
        address = _CARE_OF.sub("", address)
    words = _fold(address).split()
    number = next((index for index, word in enumerate(words) if _HOUSE.match(word)), len(words))
    before, after = words[:number], words[number + 1 :]
    house, letter = _house(words[number]) if number < len(words) else (0, "")
    if not before or (not after and house == 0 and not _STREET_TYPES.isdisjoint(before[1:])):
        return _english(before or after, house, letter)
    if after and len(after[0]) == 1 and not letter and after[0].isalpha():
        letter = after.pop(0)
    unit = letter + "".join(w for w in after if w in _UNIT_WORDS or w[0].isdigit())
    place_words = [w for w in after if w not in _UNIT_WORDS and not w[0].isdigit()]
    street = _street(before)
    return street, house, unit, street + "".join(place_words)


def _house(word: str) -> tuple[int, str]:
    found = _HOUSE.match(word)
    return (min(int(found[1]), 65535), found[2]) if found else (0, "")


def _english(words: list[str], house: int, letter: str) -> tuple[str, int, str, str]:
    """The parts of `8 Stanley Street, Miami`: the first word tells the street, the others are for comparing."""
    text = canonical("".join(word for word in words if word not in _STREET_TYPES))
    return canonical(words[0]) if words else "", house, letter, text


def _street(words: list[str]) -> str:
    """One word for a street, however it was parted or shortened: H. C. Andersens v. is hcandersensvej."""
    if len(words) > 1:
        words = [*(_SHORT.get(word, word) for word in words[:-1]), _SUFFIXES.get(words[-1], words[-1])]
    return canonical("".join(words))
