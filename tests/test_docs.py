"""The documentation says what the product says: links lead somewhere, and bold words stand on the screen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gecko import language

ROOT = Path(__file__).parents[1]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])
BOLD = re.compile(r"\*\*([^*]+)\*\*")
# Bold words that are no label of their own: parts of one, what a page composes, and the guide's own.
OWN = {
    "da": {"fed", "DA", "EN", "+", "Sortering", "Samme person er måske allerede registreret", "Trin 1 af 3",
           "Trin 2 af 3", "Kontrolsum", "Sum i dataarket", "Sådan afstemmes der."},
    "en": {"bold", "DA", "EN", "+", "Sorting", "Count", "The same person may be registered already", "Step 1 of 3",
           "Step 2 of 3", "Sum in the data sheet", "How to reconcile."},
}  # fmt: skip


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for path, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)", page.read_text(encoding="utf-8")):
        if path.startswith("http"):
            continue
        target = page.parent / path if path else page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), anchor


def labels(code: str) -> set[str]:
    known: set[str] = set()
    for message in language.merged("da"):
        said = message.string if code == "da" else message.id
        known |= {said} if isinstance(said, str) else set(said)
    return known


def words_in_bold(guide: str) -> set[str]:
    return {" ".join(words.split()) for words in BOLD.findall((ROOT / "docs" / guide).read_text(encoding="utf-8"))}


@pytest.mark.parametrize(("guide", "code"), [("da/brugervejledning.md", "da"), ("en/user-guide.md", "en")])
def test_the_guides_use_the_words_of_the_screen(guide: str, code: str) -> None:
    bold = words_in_bold(guide)
    assert bold - labels(code) - OWN[code] == set()
    assert bold >= OWN[code]


@pytest.mark.parametrize(("guide", "code"), [("da/dubletter.md", "da"), ("en/duplicates.md", "en")])
def test_the_reviewers_guides_use_the_words_of_the_screen(guide: str, code: str) -> None:
    bold = words_in_bold(guide)
    assert len(bold) > 25
    assert bold - labels(code) == set()


@pytest.mark.parametrize(("guide", "code"), [("da/regnskab.md", "da"), ("en/accounting.md", "en")])
def test_the_accountants_guides_use_the_words_of_the_screen(guide: str, code: str) -> None:
    assert words_in_bold(guide) - labels(code) == set()


def test_pictures_are_small_and_used() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for picture in (ROOT / "docs" / "images").iterdir():
        assert picture.stat().st_size < 150_000, picture.name
        assert f"images/{picture.name}" in text, picture.name
