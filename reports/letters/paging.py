"""Where everything stands on A4, for window envelopes.

The window is that of DIN 5008, form B, as C5/6 and M65 envelopes have it: 90 by 45 mm, 45 mm from the upper edge and
20 mm from the left or the right one. Marks at the left edge show where to fold: in three for C5/6 and M65, in two
for C5.
"""

from __future__ import annotations

from itertools import count
from typing import Any

from reportlab.lib.colors import Color, black
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.platypus import Frame, KeepInFrame

from gecko.operations.letters import addressing, sheets
from gecko.operations.letters.sheets import Letter

from . import flowing, fonts

WIDE, HIGH = A4
WINDOW_WIDE, WINDOW_HIGH, WINDOW_TOP, WINDOW_SIDE = 90 * mm, 45 * mm, 45 * mm, 20 * mm
_INSIDE = 4 * mm
"""Between the edge of the window and what stands in it: letters slip in their envelopes."""
_HEAD_TOP, _DATE_TOP, _TEXT_TOP, _NEXT_TOP, _BOTTOM, _FOOT = 18 * mm, 98 * mm, 106 * mm, 25 * mm, 25 * mm, 13 * mm
_FOLDS = (105 * mm, 148.5 * mm, 210 * mm)
GREY = Color(0.4, 0.4, 0.4)
_PAGE = {"da": "Side", "en": "Page"}


def draw(canvas: Any, letter: Letter) -> int:
    """Draw one letter, however long it is; returns its pages."""
    size, wide = float(letter.sheet.page.font_points), text_wide(letter)
    return draw_flow(canvas, letter, flowing.flow(sheets.on_paper(letter.html), size=size, wide=wide))


def text_wide(letter: Letter) -> float:
    """How wide a letter's text is, in points."""
    return float(WIDE - 2 * letter.sheet.page.margin_mm * mm)


def draw_flow(canvas: Any, letter: Letter, waiting: list[Any]) -> int:
    """Draw these flowables on a letter's paper, in place of its own text; returns the pages."""
    margin = letter.sheet.page.margin_mm * mm
    for number in count(1):
        _draw_paper(canvas, letter, number, margin)
        top = _TEXT_TOP if number == 1 else _NEXT_TOP
        frame = Frame(margin, _BOTTOM, WIDE - 2 * margin, HIGH - top - _BOTTOM, 0, 0, 0, 0)
        waiting = _fill(canvas, frame, waiting)
        canvas.showPage()
        if not waiting:
            return number
    raise AssertionError("the count has no end")


def _fill(canvas: Any, frame: Any, waiting: list[Any]) -> list[Any]:
    """Put as much into the frame as fits; returns the rest."""
    is_empty = True
    while waiting:
        first, *rest = waiting
        if not is_empty and _stands_alone(frame, first):
            return waiting
        if frame.add(first, canvas, trySplit=1):
            waiting, is_empty = rest, False
            continue
        parts = frame.split(first, canvas)
        if len(parts) > 1 and frame.add(parts[0], canvas, trySplit=1):
            return [*parts[1:], *rest]
        if is_empty:  # a whole page is not enough, and it cannot be parted: it is made to fit
            frame.add(KeepInFrame(frame._aW, frame._aH, [first], mode="shrink"), canvas)
            return rest
        return waiting
    return []


def _stands_alone(frame: Any, flowable: Any) -> bool:
    """Whether this is a heading for which only the foot of the page is left."""
    style: Any = getattr(flowable, "style", None)
    return bool(getattr(style, "keepWithNext", 0)) and bool(frame._y - frame._y1p < 5 * style.leading)


def _draw_paper(canvas: Any, letter: Letter, number: int, margin: float) -> None:
    sheet, wide = letter.sheet, WIDE - 2 * margin
    if number > 1:
        canvas.setFillColor(GREY)
        canvas.setFont(fonts.FAMILY, 7.5)
        canvas.drawRightString(WIDE - margin, _FOOT, f"{_PAGE[letter.language]} {number}")
        canvas.setFillColor(black)
        return
    line(canvas, margin, _HEAD_TOP, " ".join(sheet.sender[:1]), size=14, wide=wide, name=fonts.BOLD)
    canvas.setFillColor(GREY)
    line(canvas, margin, _HEAD_TOP + 6 * mm, " · ".join((*sheet.sender[1:], *sheet.contact)), size=8, wide=wide)
    _draw_window(canvas, letter)
    if sheet.dated:
        size = float(sheet.page.font_points)
        canvas.setFont(fonts.FAMILY, size)
        canvas.drawRightString(WIDE - margin, HIGH - _DATE_TOP, sheet.dated)
    canvas.setStrokeColor(GREY)
    canvas.setLineWidth(0.3)
    for top in _FOLDS:
        canvas.line(5 * mm, HIGH - top, 9 * mm, HIGH - top)


def _draw_window(canvas: Any, letter: Letter) -> None:
    """The sender in small type, so that the post can bring it back, and the address below."""
    left = WIDE - WINDOW_SIDE - WINDOW_WIDE if letter.sheet.page.is_window_right else WINDOW_SIDE
    left, wide = left + _INSIDE, WINDOW_WIDE - 2 * _INSIDE
    canvas.setFillColor(GREY)
    line(canvas, left, WINDOW_TOP + 8 * mm, " · ".join(letter.sheet.sender), size=6.5, wide=wide)
    canvas.setFillColor(black)
    lines = [part for words in letter.address for part in simpleSplit(words, fonts.FAMILY, 10.5, wide)]
    for number, words in enumerate(lines[: addressing.MOST_LINES]):
        line(canvas, left, WINDOW_TOP + (15 + 5 * number) * mm, words, size=10.5, wide=wide)


def line(
    canvas: Any, left: float, top: float, words: str, *, size: float, wide: float, name: str = fonts.FAMILY
) -> None:
    """One line that keeps to its width: smaller where it is long, cut where it would be too small to read."""
    words = flowing.printable(words)
    taken = fonts.width(words, size, name)
    if taken > wide:
        size = max(size * wide / taken, size * 0.7)
        while words and fonts.width(words, size, name) > wide:
            words = words[:-1]
    canvas.setFont(name, size)
    canvas.drawString(left, HIGH - top, words)
