"""The markup of e-mails and letters: a few tags, line breaks as typed, and nothing that runs or loads.

What is written to customers passes `clean` after its values were put in, so that neither a template nor a value can
bring a script, a form, a picture that reports back or an address other than a link.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

BLOCKS = frozenset({"p", "h1", "h2", "h3", "ul", "ol", "li", "blockquote", "table", "tr", "td", "th", "hr"})
INLINE = frozenset({"b", "strong", "i", "em", "u", "a", "br"})
TAGS = BLOCKS | INLINE
_VOID = frozenset({"br", "hr"})
_SILENT = frozenset({"script", "style", "head", "title", "template", "noscript", "iframe", "object", "svg", "math"})
_ENDS_AT = {
    "li": frozenset({"ul", "ol"}),
    "tr": frozenset({"table"}),
    "td": frozenset({"tr", "table"}),
    "th": frozenset({"tr", "table"}),
}
"""An item, row or cell ends where the next begins, unless one of these was opened in between."""
_HOLDS_NO_WORDS = frozenset({"ul", "ol", "table", "tr"})
_LINK = re.compile(r"(?i)(?:https?://|mailto:|tel:)[^\s\"'<>]+")
_BREAK = re.compile(r"\r\n|\r|\n")
_ADDRESS = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]]")


class _Cleaner(HTMLParser):
    """Writes again what is allowed, balanced."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.open: list[str] = []
        self.silent: list[str] = []
        self.is_after_block = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent.append(tag)
        if self.silent or tag not in TAGS:
            return
        if tag in BLOCKS:
            self._end_former(tag)
            self._end_line()
        elif self.open and self.open[-1] in _HOLDS_NO_WORDS:
            return
        self.out.append(f"<{tag}{_link(attrs)}>" if tag == "a" else f"<{tag}>")
        self.is_after_block = tag in BLOCKS
        if tag not in _VOID:
            self.open.append(tag)

    def _end_former(self, tag: str) -> None:
        if "p" in self.open:
            self.handle_endtag("p")
        stops = _ENDS_AT.get(tag)
        if stops is None:
            return
        for former in reversed(self.open):
            if former in stops:
                return
            if former == tag or {former, tag} == {"td", "th"}:
                self.handle_endtag(former)
                return

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.silent:
            self.silent.remove(tag)
            return
        if self.silent or tag not in self.open:
            return
        while True:
            inner = self.open.pop()
            if inner in BLOCKS:
                self._end_line()
            self.out.append(f"</{inner}>")
            self.is_after_block = inner in BLOCKS
            if inner == tag:
                return

    def handle_data(self, data: str) -> None:
        if self.silent or (self.open and self.open[-1] in _HOLDS_NO_WORDS):
            return
        data = _BREAK.sub("\n", data)
        if self.is_after_block and data.startswith("\n"):
            data = data[1:]  # the line on which a block ended
        if data:
            self.out.append(html.escape(data).replace("\n", "<br>\n") if "a" in self.open else paragraphs(data))
            self.is_after_block = False

    def _end_line(self) -> None:
        """A block begins or ends a line by itself."""
        if self.out and self.out[-1].endswith("<br>\n"):
            self.out[-1] = self.out[-1].removesuffix("<br>\n")

    def whole(self) -> str:
        while self.open:
            self.handle_endtag(self.open[-1])
        return "".join(self.out)


def is_plain(source: str) -> bool:
    """Whether a text holds no markup at all."""
    return "<" not in source and "&" not in source


def paragraphs(words: str) -> str:
    """What `clean` makes of words that hold no markup, once they are escaped."""
    return _linked(_BREAK.sub("\n", words)).replace("\n", "<br>\n")


def clean(source: str) -> str:
    """Balanced HTML with the allowed tags only; addresses become links, line breaks stay line breaks."""
    cleaner = _Cleaner()
    cleaner.feed(source)
    cleaner.close()
    cleaner.silent.clear()
    return cleaner.whole()


def _link(attrs: list[tuple[str, str | None]]) -> str:
    target = (dict(attrs).get("href") or "").strip()
    return f' href="{html.escape(target)}"' if _LINK.fullmatch(target) else ""


def _linked(data: str) -> str:
    out, end = [], 0
    for match in _ADDRESS.finditer(data):
        address = html.escape(match[0])
        out += [html.escape(data[end : match.start()]), f'<a href="{address}">{address}</a>']
        end = match.end()
    return "".join([*out, html.escape(data[end:])])


class _Reader(HTMLParser):
    """Reads cleaned HTML as plain text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links.append((dict(attrs).get("href") or "", len(self.out)))
        elif tag == "li":
            self.out.append("\n- ")
        elif tag in {"td", "th"}:
            self.out.append(" ")
        elif tag in BLOCKS or tag == "br":
            self.out.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.links:
            target, start = self.links.pop()
            if target and target not in "".join(self.out[start:]):
                self.out.append(f" ({target.removeprefix('mailto:').removeprefix('tel:')})")
        elif tag in {"p", "h1", "h2", "h3"}:
            self.out.append("\n\n")
        elif tag in BLOCKS and tag not in {"li", "td", "th"}:
            self.out.append("\n")

    def handle_data(self, data: str) -> None:
        self.out.append(data.replace("\n", ""))


def plain(cleaned: str) -> str:
    """What `clean` returned as text without tags, for the plain part of an e-mail."""
    reader = _Reader()
    reader.feed(cleaned)
    reader.close()
    lines = (line.strip() for line in "".join(reader.out).split("\n"))
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip()
