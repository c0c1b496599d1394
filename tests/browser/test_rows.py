"""A grid shows many rows at once: 18 or more on a desktop and on a tablet lying down."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import factories

from .conftest import DESKTOP, TABLET, Site, Visitor

pytestmark = pytest.mark.browser
FULLY_SEEN = """() => {
  const box = document.querySelector(".g-scroll").getBoundingClientRect();
  const bottom = Math.min(window.innerHeight, Math.max(box.bottom, 0));
  return [...document.querySelectorAll(".g-table tbody tr")]
    .filter((row) => row.getBoundingClientRect().bottom <= bottom + 0.5).length;
}"""


@pytest.mark.parametrize("size", [DESKTOP, TABLET], ids=["desktop", "tablet"])
def test_eighteen_rows_are_seen_without_scrolling(
    site: Site, visitor: Callable[..., Visitor], size: tuple[int, int]
) -> None:
    with site.app.app_context():
        for number in range(30):
            factories.customer(name=f"Åse Nummer {number}", email=f"aase{number}@example.dk", city="København")
    shown = visitor("office", size=size).open("/customers/")
    assert shown.evaluate(FULLY_SEEN) >= 18
