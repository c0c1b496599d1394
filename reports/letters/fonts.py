"""The typeface of letters, embedded as far as it is used: Latin, Greek, Cyrillic and more."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FOLDER = Path(__file__).parent / "fonts"
FAMILY = "DejaVuSansCondensed"
BOLD = f"{FAMILY}-Bold"
_FACES = {"normal": FAMILY, "bold": BOLD, "italic": f"{FAMILY}-Oblique", "boldItalic": f"{FAMILY}-BoldOblique"}


@cache
def register() -> None:
    """Make the typeface known to ReportLab, once in a process."""
    for name in _FACES.values():
        pdfmetrics.registerFont(TTFont(name, FOLDER / f"{name}.ttf"))
    pdfmetrics.registerFontFamily(FAMILY, **_FACES)


def width(text: str, size: float, name: str = FAMILY) -> float:
    """How wide a line is, in points."""
    return float(pdfmetrics.stringWidth(text, name, size))
