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
from .places import Place

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
_NAMES = [
    name if name != "middle" else f"middle {number}"
    for name in DTYPE.names or ()
    for number in range(MOST_MIDDLE if name == "middle" else 1)
]
_PACKER = struct.Struct("<QQIII3IIIQIIIIIIQHHHH")

_LETTERS = "abcdefghijklmnopqrstuvwxyzæøå"
_CODE = {letter: number for number, letter in enumerate(_LETTERS, 1)}
_OTHER = 30
_MAILBOX = ["", *_LETTERS[:26], "ae", "oe", "aa", "", ""]
"""Letters by their code, as they stand in mailboxes."""
MOST_LETTERS = 12
_BITS = [1 << bit for bit in range(64)]
_ALPHABET = np.frombuffer(b"\0" + _LETTERS[:26].encode() + b"{|}~\x7f", dtype=np.uint8)
_NUMERIC = 1 << 31


def pack(profile: Profile) -> bytes:
    """The signature of a profile."""
    first, last, place = profile.first, profile.last, profile.place
    middle = [sound_code(word, word.full) for word in profile.middle] + [0] * (MOST_MIDDLE - len(profile.middle))
    local = profile.local
    return _PACKER.pack(
        letters(first.text) if first else 0,
        letters(last.text) if last else 0,
        text_code(first.full) >> 5 if first else 0,
        sound_code(first, first.sound) if first else 0,
        sound_code(last, last.full) if last else 0,
        *middle,
        hashed(profile.email), hashed(local), letter_pairs(local),
        profile.mobile, profile.telephone, _birth(profile.birth_date),
        *_where(place),
        _street_pairs(place.text),
        place.house, text_code(place.unit) & 0xFFFF, _area(place.postal_code), profile.local_length,
    )  # fmt: skip


def fields(stored: bytes) -> dict[str, int]:
    """One signature as whole numbers by field."""
    return dict(zip(_NAMES, _PACKER.unpack(stored), strict=True))


def unpack(stored: bytes | bytearray | memoryview) -> Signatures:
    """Signatures as an array; `stored` holds one or many behind each other."""
    return np.frombuffer(stored, dtype=DTYPE)


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


def _where(place: Place) -> tuple[int, int, int]:
    return _postal(place.postal_code), text_code(place.street), text_code(place.city)


@lru_cache(maxsize=1 << 16)
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


def letter_set(numbers: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Which letters stand among the first twelve of names that `letters` made, a bit each, and how many these are."""
    found = np.zeros(len(numbers), dtype=np.uint32)
    length = np.zeros(len(numbers), dtype=np.uint8)
    rest = numbers & np.uint64((1 << 5 * MOST_LETTERS) - 1)
    for _letter in range(MOST_LETTERS):
        code = (rest & np.uint64(31)).astype(np.uint32)
        found |= np.uint32(1) << code
        length += code != 0
        rest = rest >> np.uint64(5)
        if not rest.any():
            break
    return found & ~np.uint32(1), length


@lru_cache(maxsize=1 << 16)
def sound_code(word: Word, sound: str) -> int:
    """How a name (or the name it is short for) sounds, and in the lowest five bits its initial, which has no sound."""
    return (text_code(sound) >> 5 << 5) | _CODE.get(initial(word.text), _OTHER)


def hashed(text: str) -> int:
    """A text as 32 bits that are never all zero; 0 is no text."""
    return crc32(text.encode()) or 1 if text else 0


text_code = lru_cache(maxsize=1 << 15)(hashed)
"""The same, remembered, for texts that come again."""


def letter_pairs(text: str) -> int:
    """Which pairs of neighbouring letters stand in `text`, each as one of 64 bits."""
    found = 0
    data = text.encode("latin-1", "replace")
    for one, next_one in pairwise(data):
        found |= _BITS[(one * 37 + next_one * 11 + (one * next_one >> 3)) & 63]
    return found


_street_pairs = lru_cache(maxsize=1 << 15)(letter_pairs)


@lru_cache(maxsize=1 << 16)
def name_pairs(name: int) -> int:
    """The letter pairs of a name made by `letters`, spelled as in a mailbox."""
    codes = [name >> shift & 31 for shift in range(0, 5 * MOST_LETTERS, 5)]
    return letter_pairs("".join(_MAILBOX[code] for code in codes))


@lru_cache(maxsize=1 << 14)
def _postal(code: str) -> int:
    """A postal code of digits as itself, so that slips can be seen; others as a hash above all of those."""
    if code.isdecimal() and code.isascii() and len(code) < 9:
        return int(code)
    return text_code(code) | _NUMERIC if code else 0


@lru_cache(maxsize=1 << 14)
def _area(code: str) -> int:
    """The district of a postal code: the first two of four digits, what stands before the last three of others."""
    if not code:
        return 0
    outward = code[:2] if code.isdecimal() else code[:-3] or code
    return text_code(outward) & 0xFFFF or 1


def _birth(day: date | None) -> int:
    return day.year * 10000 + day.month * 100 + day.day if day else 0
