"""Languages: lazy texts for the domain, and the Danish catalogue compiled from its parts.

Msgids are English. Each part of the product keeps its Danish in `translations/da/<noun>.po`; together they form
one catalogue, compiled when a part is newer than the result.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations
from flask import g
from flask_babel import Domain, get_locale
from flask_babel.speaklater import LazyString

LANGUAGES = ("da", "en")
DEFAULT = "da"
TRANSLATIONS = Path(__file__).parent / "translations"


def spoken() -> Locale | None:
    """The page's locale as Flask-Babel knows it; a page asks some hundred times, and get_locale has its detours."""
    try:
        return g._get_current_object()._flask_babel.babel_locale or get_locale()  # type: ignore[no-any-return]
    except (AttributeError, RuntimeError):  # not asked before, or outside any context
        return get_locale()  # type: ignore[no-any-return]


class Texts(Domain):  # type: ignore[misc]
    """The catalogue, kept by language: a page asks some hundred times, and Flask-Babel looks the way up each time."""

    def __init__(self) -> None:
        super().__init__(translation_directories=[str(TRANSLATIONS)])
        self._known: dict[str, NullTranslations] = {}

    def get_translations(self) -> NullTranslations:
        """The texts of the page's language."""
        locale = spoken()
        if locale is None:
            return super().get_translations()  # type: ignore[no-any-return]
        found = self._known.get(locale.language)
        if found is None:
            found = self._known[locale.language] = super().get_translations()
        return found


TEXTS = Texts()
gettext = TEXTS.gettext


def _(text: str, **values: Any) -> Any:
    """Mark a text for translation; it is translated when it is shown."""
    return LazyString(gettext, text, **values)


def explain(message: Any, params: dict[str, Any]) -> str:
    """Translate what a GeckoError says (an English msgid, or a text marked with `_`) and fill its places."""
    text = gettext(message) if isinstance(message, str) else str(message)
    return text % params if params else text


def parts(language: str = DEFAULT) -> list[Path]:
    """The catalogue's parts, in a stable order."""
    return sorted((TRANSLATIONS / language).glob("*.po"))


def _messages(language: str) -> Iterator[tuple[Path, Message]]:
    for path in parts(language):
        with path.open("rb") as file:
            yield from ((path, message) for message in read_po(file, locale=language) if message.id)


def merged(language: str = DEFAULT) -> Catalog:
    """All parts as one catalogue; where two parts translate one msgid, the first has the word (see `conflicts`)."""
    whole = Catalog(locale=language)
    for _path, message in _messages(language):
        if whole.get(message.id) is None:
            whole.add(message.id, message.string, flags=message.flags)
    return whole


def conflicts(language: str = DEFAULT) -> list[str]:
    """Where a part translates a msgid in another way than an earlier part."""
    whole = merged(language)
    return [
        f"{path.name}: {message.id!r} is {message.string!r} here and {known.string!r} in an earlier part"
        for path, message in _messages(language)
        if (known := whole.get(message.id)) is not None and known.string != message.string
    ]


def compile_catalogue(language: str = DEFAULT) -> Path:
    """Compile the parts to LC_MESSAGES/messages.mo unless it is up to date; returns its path."""
    target = TRANSLATIONS / language / "LC_MESSAGES" / "messages.mo"
    newest = max((path.stat().st_mtime for path in parts(language)), default=0.0)
    if target.exists() and target.stat().st_mtime >= newest:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(f".{os.getpid()}.tmp")
    with draft.open("wb") as file:
        write_mo(file, merged(language))
    draft.replace(target)
    return target
