"""How many parts a text is sent in, what forces the expensive alphabet, and what to write instead.

A part holds 160 letters of GSM-7 or 70 of UCS-2; where there are several, 153 and 67 (3GPP TS 23.038 and 23.040).
GSM-7 has æøåÆØÅ. Some signs (€ [ ] { } ~ …) take two places there, emoji take two in UCS-2; neither is ever cut in two.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_CHEAP = _BASIC | _EXTENDED


class Alphabet(StrEnum):
    """What the letters of a text are sent in."""

    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


_PLACES = {Alphabet.GSM7: (160, 153), Alphabet.UCS2: (70, 67)}

_PLAIN = {
    **dict.fromkeys("‘’‚‛′ʼ´`", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−⁃", "-"),
    **dict.fromkeys("\t\u00a0\u202f\u205f\u3000", " "),
    **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),
    **dict.fromkeys("\u200b\u200c\u2060\ufeff\u00ad", ""),
    **dict.fromkeys("\u2028\u2029\u0085\v", "\n"),
    **dict.fromkeys("•·●▪", "-"),
    "…": "...", "⁄": "/", "×": "x", "÷": "/", "°": " grader", "‹": "<", "›": ">", "½": "1/2", "¼": "1/4", "¾": "3/4",
    "©": "(c)", "®": "(R)", "™": "(TM)", "✓": "OK", "→": "->", "←": "<-", "ç": "c", "đ": "d", "ł": "l", "Ł": "L",
    "œ": "oe", "Œ": "OE", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """units: places taken; segments: parts sent; left: places free in the last part; forcing: signs outside GSM-7."""

    alphabet: Alphabet
    units: int
    segments: int
    left: int
    forcing: tuple[str, ...]


def measure(text: str) -> Size:
    """The size of a text as the network counts it; an empty text is sent in no part."""
    dear = set(text) - _CHEAP
    forcing = tuple(dict.fromkeys(sign for sign in text if sign in dear)) if dear else ()
    alphabet = Alphabet.UCS2 if dear else Alphabet.GSM7
    wide = [place for place, sign in enumerate(text) if ord(sign) > 0xFFFF] if dear else _extended(text)
    alone, joined = _PLACES[alphabet]
    units = len(text) + len(wide)
    if units <= alone:
        return Size(alphabet, units, 1 if text else 0, alone - units, forcing)
    wasted = _wasted(wide, joined)
    segments = -(-(units + wasted) // joined)
    return Size(alphabet, units, segments, segments * joined - units - wasted, forcing)


def _extended(text: str) -> list[int]:
    return [place for place, sign in enumerate(text) if sign in _EXTENDED]


def _wasted(wide: list[int], joined: int) -> int:
    """Places that stay empty at the end of parts, because a sign of two places would have been cut there."""
    wasted = 0
    for earlier, place in enumerate(wide):
        if (place + earlier + wasted) % joined == joined - 1:
            wasted += 1
    return wasted


def plain(text: str) -> str:
    """The text in letters that GSM-7 has, as far as there are any: quotes, dashes, spaces, accents.

    What has no such letter (emoji, other scripts) stays, so that nothing is lost; compare `measure` before and after.
    """
    return "".join(_plain(sign) for sign in unicodedata.normalize("NFC", text))


def _plain(sign: str) -> str:
    if sign in _CHEAP:
        return sign
    if sign in _PLAIN:
        return _PLAIN[sign]
    parts = unicodedata.normalize("NFKD", sign)
    letters = "".join(_PLAIN.get(part, part) for part in parts if not unicodedata.combining(part))
    return letters if letters and set(letters) <= _CHEAP else sign


def price_ore(text: str, *, segment_ore: int) -> int:
    """What one recipient of the text costs, in øre."""
    return measure(text).segments * segment_ore
