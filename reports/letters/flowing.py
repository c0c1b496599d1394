"""The HTML of a letter as what ReportLab sets: paragraphs, list items, rules and tables.

It takes what `gecko.operations.texts.markup.clean` returns: a few balanced tags. Whatever stands in them cannot break a
letter: words are escaped anew, lists and tables are taken as deep and as wide as a page can show them.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

from reportlab.lib import colors
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import HRFlowable, Paragraph, Spacer

from . import fonts
from .tables import Grid

DEEPEST = 5
"""Levels of lists and quotations that are set apart; deeper ones stand as deep as this."""
_INDENT = 16.0
_MARKS = {"b": "b", "strong": "b", "i": "i", "em": "i", "u": "u"}
_HEADINGS = {"h1": 1.5, "h2": 1.25, "h3": 1.1}
_AFTER = {"p": 0.8, "li": 0.2, "blockquote": 0.5, "h1": 0.3, "h2": 0.3, "h3": 0.3}
"""The space below a block, in sizes of the type."""
_NOT_SHOWN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_TAG = re.compile(r"<[^>]*>")


@dataclass(slots=True)
class _List:
    """A list that is open. count: the number of its last item, None in a list of dots; bullet: of an item begun."""

    count: int | None
    bullet: str = ""


@dataclass(frozen=True, slots=True)
class _Mark:
    """An inline tag that is open, as ReportLab writes it."""

    opens: str = ""
    closes: str = ""


_LINK, _NOTHING = _Mark('<font color="#1f4e79">', "</font>"), _Mark()


@lru_cache(maxsize=256)
def style(size: float, *, heading: float = 0.0, depth: int = 0, after: float = 0.0) -> Any:
    """How a paragraph is set. heading: how much larger than the text, 0 for text itself; after: space below."""
    own = size * (heading or 1.0)
    return ParagraphStyle(
        f"letter-{size}-{heading}-{depth}-{after}",
        fontName=fonts.BOLD if heading else fonts.FAMILY,
        fontSize=own,
        leading=own * 1.4,
        leftIndent=_INDENT * depth,
        bulletIndent=_INDENT * (depth - 1) if depth else 0,
        bulletFontName=fonts.FAMILY,
        bulletFontSize=own,
        spaceBefore=size * 0.6 if heading else 0,
        spaceAfter=after,
        keepWithNext=bool(heading),
        splitLongWords=True,
    )


def printable(words: str) -> str:
    """Words without signs that no typeface shows."""
    return _NOT_SHOWN.sub("", words)


def _shown(words: str) -> str:
    return html.escape(printable(words), quote=False)


def _says_something(words: str) -> bool:
    return "<br/>" in words or bool(_TAG.sub("", words).strip())


class _Flow(HTMLParser):
    """Gathers words into paragraphs, and paragraphs and tables into the flow."""

    def __init__(self, size: float, wide: float) -> None:
        super().__init__(convert_charrefs=True)
        self.size, self.wide = size, wide
        self.done: list[Any] = []
        self.words: list[str] = []
        self.marks: list[_Mark] = []
        self.heading = 0.0
        self.lists: list[_List] = []
        self.quotes = 0
        self.grids: list[Grid] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.words.append("<br/>")
        elif tag in _MARKS:
            self._open(_Mark(f"<{_MARKS[tag]}>", f"</{_MARKS[tag]}>"))
        elif tag == "a":
            self._open(_LINK if dict(attrs).get("href") else _NOTHING)
        elif tag in {"table", "tr", "td", "th"}:
            self._begin_cell(tag)
        elif self.grids:
            self._break_line()
        else:
            self._begin_block(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _MARKS or tag == "a":
            self.words.append(self.marks.pop().closes)
        elif tag == "table":
            self._end_table()
        elif self.grids:
            self._break_line()
        else:
            self._end_block(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(_shown(data))

    def _open(self, mark: _Mark) -> None:
        self.marks.append(mark)
        self.words.append(mark.opens)

    def _take(self) -> str:
        """The words gathered so far; marks that are open go on in what follows."""
        words = "".join([*self.words, *(mark.closes for mark in reversed(self.marks))])
        self.words = [mark.opens for mark in self.marks]
        return words

    def _begin_block(self, tag: str) -> None:
        self._flush(after=0.2 if self.lists else 0.5)
        if tag in _HEADINGS:
            self.heading = _HEADINGS[tag]
        elif tag in {"ul", "ol"}:
            self.lists.append(_List(0 if tag == "ol" else None))
        elif tag == "li" and self.lists:
            self._begin_item(self.lists[-1])
        elif tag == "blockquote":
            self.quotes += 1
        elif tag == "hr":
            self.done.append(HRFlowable(width="100%", thickness=0.6, color=colors.grey, spaceBefore=4, spaceAfter=6))

    def _begin_item(self, among: _List) -> None:
        if among.count is not None:
            among.count += 1
        among.bullet = "•" if among.count is None else f"{among.count}."

    def _end_block(self, tag: str) -> None:
        self._flush(after=_AFTER.get(tag, 0.0))
        if tag in _HEADINGS:
            self.heading = 0.0
        elif tag in {"ul", "ol"} and self.lists:
            self.lists.pop()
            if not self.lists:
                self.done.append(Spacer(0, self.size * 0.6))
        elif tag == "blockquote":
            self.quotes -= 1

    def _flush(self, *, after: float) -> None:
        """End the paragraph."""
        words = self._take()
        if not _says_something(words):
            return
        depth = min(len(self.lists) + self.quotes, DEEPEST)
        how, bullet = style(self.size, heading=self.heading, depth=depth, after=self.size * after), None
        if self.lists and self.lists[-1].bullet:
            bullet, self.lists[-1].bullet = self.lists[-1].bullet, ""
        self.done.append(Paragraph(words, how, bulletText=bullet))

    # Within a table everything is set line by line: blocks and further tables, too.

    def _begin_cell(self, tag: str) -> None:
        if tag == "table":
            if self.grids:
                self._break_line()
            else:
                self._flush(after=0.5)
            self.grids.append(Grid())
        elif len(self.grids) != 1:
            self.words.append("<br/>" if tag == "tr" else " ")
        else:
            self.grids[0].fill(self._take())
            self.grids[0].begin(tag)

    def _end_table(self) -> None:
        grid = self.grids.pop()
        if self.grids:
            self._break_line()
            return
        grid.fill(self._take())
        self.done += grid.flowables(style(self.size), self.wide)

    def _break_line(self) -> None:
        if self.words and self.words[-1] != "<br/>" and _says_something("".join(self.words)):
            self.words.append("<br/>")

    def whole(self) -> list[Any]:
        """Everything that was read."""
        self._flush(after=0.0)
        return self.done


def flow(cleaned: str, *, size: float, wide: float) -> list[Any]:
    """The flowables of a letter's text, at `size` points, for a column `wide` points."""
    fonts.register()
    reader = _Flow(size, wide)
    reader.feed(cleaned)
    reader.close()
    return reader.whole()
