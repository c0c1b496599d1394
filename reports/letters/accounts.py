"""What letters about money are made of: paragraphs, and tables whose amounts stand below each other."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import date
from typing import Any

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph, Spacer, Table, TableStyle

from gecko.money import format_ore
from gecko.operations.company import NAMES, Company
from gecko.operations.letters import sheets
from gecko.operations.letters.sheets import Letter, Page

from ..documents import facts
from . import fonts
from .flowing import printable

_TEXT = ParagraphStyle("account", fontName=fonts.FAMILY, fontSize=9.5, leading=13, spaceAfter=7, splitLongWords=True)
_HEADING = ParagraphStyle("account-heading", parent=_TEXT, fontName=fonts.BOLD, fontSize=14, leading=19, spaceAfter=10)
_CELL = ParagraphStyle("account-cell", parent=_TEXT, fontSize=8.5, leading=11, spaceAfter=0)
_AMOUNT = ParagraphStyle("account-amount", parent=_CELL, alignment=TA_RIGHT)
_LOOKS = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
    ("LINEBELOW", (0, 1), (-1, -1), 0.3, colors.lightgrey),
]


def paper(seller: dict[str, Any], buyer: dict[str, Any], language: str, day: date) -> Letter:
    """The paper of a letter from the company to a debtor, of a day, by the snapshots of both."""
    company = Company(**{name: str(seller.get(name) or "") for name in NAMES})
    person = buyer.get("name") if buyer.get("company_name") else ""
    att = f"Att. {buyer['att']}" if buyer.get("att") else ""
    address = tuple(str(line) for line in (facts.name_of(buyer), person, att, *facts.address_of(buyer)) if line)
    return Letter(address, "", language, sheets.of_company(company, Page(margin_mm=20), language, day))


def heading(words: str) -> Paragraph:
    """What a letter is about."""
    return Paragraph(_shown(words), _HEADING)


def paragraphs(words: str) -> list[Any]:
    """Plain words; an empty line begins a paragraph."""
    parts = [part.strip() for part in words.split("\n\n")]
    return [Paragraph(_shown(part).replace("\n", "<br/>"), _TEXT) for part in parts if part]


def table(rows: Sequence[Sequence[str]], widths: Sequence[float], *, amounts: int, bold: Sequence[int] = ()) -> Table:
    """Rows under the first as their heading, repeated on each page. The last `amounts` columns stand to the right.

    widths: points. bold: rows that are emphasised, by their place; negative ones from the end.
    """
    marked = {0, *(place % len(rows) for place in bold)}
    first_amount = len(widths) - amounts
    cells = [
        [
            Paragraph(
                f"<b>{_shown(words)}</b>" if at in marked else _shown(words), _AMOUNT if n >= first_amount else _CELL
            )
            for n, words in enumerate(row)
        ]
        for at, row in enumerate(rows)
    ]
    return Table(cells, colWidths=list(widths), style=TableStyle(_LOOKS), repeatRows=1, hAlign="LEFT")


def gap(points: float = 10) -> Spacer:
    """Room between two parts."""
    return Spacer(0, points)


def amount(ore: int, language: str) -> str:
    """`1.234,50` in Danish, `1,234.50` in English."""
    return format_ore(ore, language, currency=False)


def day(of: date) -> str:
    """`22-11-2026` in both languages, as everywhere in the product."""
    return of.strftime("%d-%m-%Y")


def _shown(words: str) -> str:
    return html.escape(printable(words), quote=False)
