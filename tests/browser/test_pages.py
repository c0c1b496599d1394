"""Every page in both languages, light and dark, on a desktop and a tablet: nothing refused, nothing inaccessible."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import DESKTOP, TABLET, Visitor
from .pages import PAGES

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("GECKO_SCREENSHOTS", "")


@pytest.mark.parametrize("size", [DESKTOP, TABLET], ids=["desktop", "tablet"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize(("path", "role", "selector"), PAGES, ids=[page[0] for page in PAGES])
def test_page(
    visitor: Callable[..., Visitor],
    path: str,
    role: str,
    selector: str,
    language: str,
    theme: str,
    size: tuple[int, int],
) -> None:
    window = visitor(*([role] if role else []), language=language, theme=theme, size=size)
    page = window.open(path)
    if SHOTS:
        name = f"{path.strip('/').replace('/', '-').split('?')[0] or 'start'}-{language}-{theme}-{size[0]}.png"
        page.screenshot(path=Path(SHOTS) / name)
    assert page.locator(selector).first.is_visible()
    assert page.evaluate("document.documentElement.lang") == language
    assert page.evaluate("document.documentElement.getAttribute('data-bs-theme')") == theme
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "no sideways scrolling"
    expected = {"Failed to load resource: the server responded with a status of 404 (NOT FOUND)"}
    assert [one for one in window.problems() if not (path == "/nowhere" and one in expected)] == []
    assert window.axe() == []
