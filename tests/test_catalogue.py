"""Every text has its Danish: ours, and those of the packages whose words reach our pages."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import flask_admin.babel
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import force_locale

import admin_views
from gecko import language

ROOT = Path(admin_views.ROOT).parent
ERRORS = (
    "GeckoError", "Invalid", "NotFound", "NotAllowed", "Conflict", "Closed", "ConfigError",
    "Refused", "Unreadable", "BadMapping",
)  # fmt: skip
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "lazy_gettext", "lazy", "_gettext", *ERRORS)),
    **dict.fromkeys(("ngettext", "lazy_ngettext", "_ngettext"), (1, 2)),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]")
# Parts of Flask-Admin that are no part of this product.
UNUSED = {"fileadmin", "rediscli", "mongoengine", "peewee", "pymongo", "geoa", "file", "tests"}


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Every marked text under `folder`, with the place it stands at."""
    for path in sorted(folder.rglob("*")):
        parts = set(path.relative_to(folder).parts)
        if path.suffix not in (".py", ".html") or parts & {*UNUSED, "migrations", "bench"}:
            continue
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        with path.open("rb") as file:
            found = extract(method, file, KEYWORDS, options={"encoding": "utf-8"})
            for line, message, _comments, _context in found:
                text = message if isinstance(message, str) else next(part for part in message if part)
                yield text, f"{path.relative_to(folder.parent)}:{line}"


@pytest.fixture(scope="module")
def danish() -> Catalog:
    return language.merged("da")


def gaps(folder: Path, danish: Catalog) -> list[str]:
    missing = []
    for text, place in texts(folder):
        known = danish.get(text)
        strings = (known.string if isinstance(known.string, tuple) else (known.string,)) if known else ("",)
        if not all(strings):
            missing.append(f"{place}: {text}")
    return missing


@pytest.mark.parametrize("folder", ["admin_views", "gecko", "jobs", "reports"])
def test_every_text_of_ours_has_its_danish(folder: str, danish: Catalog) -> None:
    assert gaps(ROOT / folder, danish) == []


@pytest.mark.parametrize("package", ["flask_admin", "wtforms"])
def test_every_text_of_the_packages_has_its_danish(package: str, danish: Catalog) -> None:
    found = importlib.import_module(package).__file__
    assert found
    folder = Path(found).parent
    assert len(list(texts(folder))) > 30, "the extraction finds the package's texts"
    assert gaps(folder, danish) == []


def test_the_parts_agree() -> None:
    assert language.conflicts("da") == []


@pytest.mark.parametrize("path", language.parts("da"), ids=lambda path: path.name)
def test_a_part_is_well_formed(path: Path) -> None:
    with path.open("rb") as file:
        part = read_po(file, locale="da", abort_invalid=True)
    assert part.charset == "utf-8"
    wrong = []
    for message in part:
        if not message.id:
            continue
        if message.fuzzy:
            wrong.append(f"fuzzy: {message.id}")
        singular = message.id[0] if isinstance(message.id, tuple) else message.id
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if not all(strings):
            wrong.append(f"empty: {message.id}")
        allowed = set(PLACEHOLDER.findall(" ".join(message.id) if isinstance(message.id, tuple) else singular))
        for string in strings:
            if not set(PLACEHOLDER.findall(string)) <= allowed:
                wrong.append(f"placeholders: {message.id} -> {string}")
    assert wrong == []


def test_flask_admins_own_words_come_from_our_catalogue(sqlite_app: Flask) -> None:
    with sqlite_app.test_request_context():
        with force_locale("da"):
            assert flask_admin.babel.gettext("Failed to update record. %(error)s", error="x") == (
                "Posten kunne ikke gemmes. x"
            )
            assert flask_admin.babel.ngettext(
                "Record was successfully deleted.", "%(count)s records were successfully deleted.", 3, count=3
            ) == "3 poster er slettet."  # fmt: skip
        with force_locale("en"):
            assert flask_admin.babel.gettext("Create New Record") == "Create New Record"
