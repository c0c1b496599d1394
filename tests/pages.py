"""Read a page as a browser would: the values that its main form would send."""

from __future__ import annotations

from html.parser import HTMLParser


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self._open = False
        self._select: str | None = None
        self._text: str | None = None

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "form":
            self.forms.append({})
            self._open = True
        if not self._open or "disabled" in found:
            return
        name = found.get("name")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in found:
            self._add(self._select, found.get("value", ""))
        elif tag == "textarea" and name:
            self._text = name
            self._add(name, "")
        elif tag == "input" and name and self._is_sent(found):
            self._add(name, found.get("value") or ("on" if found.get("type") == "checkbox" else ""))

    def _is_sent(self, found) -> bool:
        kind = found.get("type", "text")
        if kind in {"checkbox", "radio"}:
            return "checked" in found
        return kind not in {"submit", "button", "file"}

    def _add(self, name, value) -> None:
        self.forms[-1].setdefault(name, []).append(value)

    def handle_data(self, data):
        if self._text:
            self.forms[-1][self._text][-1] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self._open = False
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._text = None


def form_values(html: str, *, having: str) -> dict[str, list[str]]:
    """The values of the first form on the page that has a field `having`."""
    reader = _Forms()
    reader.feed(html)
    return next(form for form in reader.forms if having in form)


def csrf_token(html: str) -> str:
    """The token of the page's forms."""
    return form_values(html, having="csrf_token")["csrf_token"][0]
