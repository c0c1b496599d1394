"""A customer in 96 bytes: all that comparators and keys need, without a text to fetch.

Names stand letter by letter (five bits each, twelve letters and a check sum of the rest), so that equal names are equal
numbers and similar ones can still be compared; the rest are numbers, hashes, and sets of letter pairs as bit maps.
"""

from __future__ import annotations

import struct
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from .danish_names import initial
from .normalising import MOST_MIDDLE, Profile, Word

VERSION = 3
"""Raised whenever the same values give another signature: everything stored is then made anew."""

Signatures = npt.NDArray[np.void]

DTYPE = np.dtype(
    [
        ("first", "<u8"), ("last", "<u8"),           # letters
        ("full", "<u4"),                             # sound of the name that the first name is short for
        ("first_sound", "<u4"), ("last_sound", "<u4"),
        ("middle", "<u4", (MOST_MIDDLE,)),
        ("email", "<u4"), ("local", "<u4"), ("local_pairs", "<u8"),
        ("mobile", "<u4"), ("telephone", "<u4"),
        ("birth", "<u4"),                            # yyyymmdd
        ("postal_code", "<u4"),
        ("street", "<u4"), ("city", "<u4"), ("street_pairs", "<u8"),
        ("house", "<u2"), ("unit", "<u2"), ("area", "<u2"), ("email_length", "<u2"),
    ]
)  # fmt: skip
SIZE = DTYPE.itemsize
_PACKER = struct.Struct("<QQIII3IIIQIIIIIIQHHHH")

_LETTERS = "abcdefghijklmnopqrstuvwxyzæøå"
_CODE = {letter: number for number, letter in enumerate(_LETTERS, 1)}
_OTHER = 30
_MAILBOX = ["", *_LETTERS[:26], "ae", "oe", "aa", "", ""]
"""Letters by their code, as they stand in mailboxes."""
MOST_LETTERS, LETTER_BITS = 12, 5
LETTERS_MASK = np.uint64((1 << LETTER_BITS * MOST_LETTERS) - 1)
"""What of a name's number stands for its letters."""
_ALPHABET = np.frombuffer(b"\0" + _LETTERS[:26].encode() + b"{|}~\x7f", dtype=np.uint8)
_NUMERIC = 1 << 31
_NOTHING = (0, 0, 0, 0)
_NO_MIDDLE = (0,) * MOST_MIDDLE
_PAIR_BITS = [
    [1 << ((one * 37 + next_one * 11 + (one * next_one >> 3)) & 63) for next_one in range(256)] for one in range(256)
]
"""By two neighbouring letters, which of 64 bits stands for them."""


class Part:
    """Fields of a signature that stand beside each other, for those who change only them."""

    def __init__(self, first: str, packer: str) -> None:
        self._at, self._packer = DTYPE.fields[first][1], struct.Struct(packer)  # type: ignore[index]

    def put(self, signature: bytearray, *numbers: int) -> None:
        """Write all of them into a signature."""
        self._packer.pack_into(signature, self._at, *numbers)


NAMES, MAILBOX, PHONES, BIRTH = (
    Part("first", "<QQIII3I"), Part("email", "<IIQ"), Part("mobile", "<II"), Part("birth", "<I"),
)  # fmt: skip
POSTAL_CODE, STREET, CITY, STREET_PAIRS = (
    Part("postal_code", "<I"), Part("street", "<I"), Part("city", "<I"), Part("street_pairs", "<Q"),
)  # fmt: skip
HOUSE, AREA, EMAIL_LENGTH = Part("house", "<HH"), Part("area", "<H"), Part("email_length", "<H")


def pack(profile: Profile) -> bytes:
    """The signature of a profile."""
    place = profile.place
    street, street_pairs = street_numbers(place.street, place.text)
    postal_code, area = postal_numbers(place.postal_code)
    return _PACKER.pack(
        *name_numbers(profile.first, profile.middle, profile.last), *mailbox_numbers(profile.email, profile.local),
        profile.mobile, profile.telephone, birth_number(profile.birth_date),
        postal_code, street, text_code(place.city), street_pairs,
        place.house, unit_number(place.unit), area, profile.local_length,
    )  # fmt: skip


def name_numbers(first: Word | None, middle: tuple[Word, ...], last: Word | None) -> tuple[int, ...]:
    """What NAMES holds."""
    first_letters, full, first_sound, _full_sound = _name(first) if first else _NOTHING
    last_letters, _full, _sound, last_sound = _name(last) if last else _NOTHING
    between = _NO_MIDDLE
    if middle:
        between = (*(_name(word)[-1] for word in middle), *_NO_MIDDLE[len(middle) :])
    return first_letters, last_letters, full, first_sound, last_sound, *between


def mailbox_numbers(email: str, local: str) -> tuple[int, int, int]:
    """What MAILBOX holds."""
    return hashed(email), hashed(local), letter_pairs(local)


def birth_number(day: date | None) -> int:
    """What BIRTH holds."""
    return day.year * 10000 + day.month * 100 + day.day if day else 0


def unit_number(unit: str) -> int:
    """What HOUSE holds beside the number of the house."""
    return text_code(unit) & 0xFFFF


def unpack(stored: bytes | bytearray | memoryview) -> Signatures:
    """Signatures as an array; `stored` holds one or many behind each other."""
    return np.frombuffer(stored, dtype=DTYPE)


def readable(signatures: Signatures) -> Signatures:
    """Signatures as compiled code takes them: in one piece, and not to be written."""
    found = np.ascontiguousarray(signatures).view()
    found.flags.writeable = False
    return found


def rows(signatures: Signatures, at: npt.NDArray[np.intp]) -> Signatures:
    """The signatures at these rows; many times faster than to index an array of records."""
    words = np.ascontiguousarray(signatures).view(np.uint64).reshape(-1, SIZE // 8)
    return np.take(words, at, axis=0).view(DTYPE).ravel()


class Columns(dict[str, npt.NDArray[Any]]):
    """Signatures field by field, each laid out in one piece once it is asked for: ten times as fast to work on."""

    def __init__(self, signatures: Signatures) -> None:
        super().__init__()
        self.signatures = signatures

    def __missing__(self, name: str) -> npt.NDArray[Any]:
        self[name] = column = np.ascontiguousarray(self.signatures[name])
        return column

    def at(self, rows_wanted: npt.NDArray[np.intp]) -> Columns:
        """Only these rows."""
        return Columns(rows(self.signatures, rows_wanted))


@lru_cache(maxsize=1 << 16)
def _name(word: Word) -> tuple[int, int, int, int]:
    """A word of a name: its letters, the sound of the name that it is short for, and two sounds with its initial: as
    it stands, and of the name that it is short for."""
    return letters(word.text), text_code(word.full) >> 5, _sound(word, word.sound), _sound(word, word.full)


def letters(word: str) -> int:
    """A name as a number: twelve letters of five bits, above them four bits that tell longer names apart."""
    number = 0
    for position, letter in enumerate(word[:MOST_LETTERS]):
        number |= _CODE.get(letter, _OTHER) << (5 * position)
    rest = word[MOST_LETTERS:]
    return number | ((crc32(rest.encode()) % 15 + 1) << 60 if rest else 0)


def spell(numbers: npt.NDArray[np.uint64]) -> list[bytes]:
    """The first twelve letters of names that `letters` made into numbers, a byte a letter."""
    shifts = np.arange(0, 5 * MOST_LETTERS, 5, dtype=np.uint64)
    codes = (numbers[:, None] >> shifts) & np.uint64(31)
    spelled: list[bytes] = _ALPHABET[codes].view(f"S{MOST_LETTERS}").ravel().tolist()
    return spelled


def _sound(word: Word, sound: str) -> int:
    """A sound, and in the lowest five bits the initial of the name, which has no sound."""
    return (text_code(sound) >> 5 << 5) | _CODE.get(initial(word.text), _OTHER)


def hashed(text: str) -> int:
    """A text as 32 bits that are never all zero; 0 is no text."""
    return crc32(text.encode()) or 1 if text else 0


text_code = lru_cache(maxsize=1 << 15)(hashed)
"""The same, remembered, for texts that come again."""


def letter_pairs(text: str) -> int:
    """Which pairs of neighbouring letters stand in `text`, each as one of 64 bits."""
    found = 0
    for one, next_one in pairwise(text.encode("latin-1", "replace")):
        found |= _PAIR_BITS[one][next_one]
    return found


_PLAIN = " " + _LETTERS[:26]
MAILBOX_LETTERS = np.array([[_PLAIN.index(letter) for letter in f"{text:2}"] for text in _MAILBOX], dtype=np.int64)
"""By the code of a letter the one or two that stand for it in mailboxes: 1 for a to 26 for z, 0 for none."""
MAILBOX_PAIRS = np.array([[_PAIR_BITS[ord(one)][ord(other)] for other in _PLAIN] for one in _PLAIN], dtype=np.uint64)
"""By two of those, the bit of `letter_pairs` that stands for them."""


@lru_cache(maxsize=1 << 15)
def street_numbers(street: str, text: str) -> tuple[int, int]:
    """A street, and the letter pairs of all words that go with it."""
    return text_code(street), letter_pairs(text)


@lru_cache(maxsize=1 << 14)
def postal_numbers(code: str) -> tuple[int, int]:
    """A postal code of digits as itself, so that slips can be seen, others as a hash above all of those; and its
    district: the first two of four digits, what stands before the last three of others."""
    if not code:
        return 0, 0
    area = text_code(code[:2] if code.isdecimal() else code[:-3] or code) & 0xFFFF or 1
    if code.isdecimal() and code.isascii() and len(code) < 9:
        return int(code), area
    return text_code(code) | _NUMERIC, area
