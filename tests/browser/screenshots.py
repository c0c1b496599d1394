"""Make the documentation's pictures anew, from a demo that is already served.

    gecko demo --port 8000
    .venv/bin/uv run --with pillow python -m tests.browser.screenshots http://127.0.0.1:8000

Pillow, where it is there, gives the pictures a palette and thereby a third of their size. The demo is changed by this:
a customer is edited and two small files are imported. Use one that may be thrown away.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from . import pictures_of_accounting
from .conftest import ARGUMENTS, DESKTOP, TABLET

IMAGES = Path(__file__).parents[2] / "docs" / "images"
PASSWORD = "gecko-demo"
SHOWN = "/customers/?q=Pia+Olsen"
FILE = """kundenr;navn;gade;postnr;by;mobil;email
9001;Åse Ørsted;Ærøvej 4;8000;Aarhus C;+45 20 11 22 33;aase@mail.example
9002;Bjørn Kjær;Østergade 12;2100;København Ø;31 45 67 89;bjoern@mail.example
9003;Lærke Skov;Skovvej 1;5000;Odense C;42 10 20 30;laerke@
9004;Søren Vang;Vangedevej 99;2870;Dyssegård;51 60 70 80;soeren@mail.example
9005;Yrsa Dahl;Dalgade 7;9000;Aalborg;;yrsa@mail.example
"""


class Camera:
    """Takes pictures of one demo."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url

    @contextmanager
    def signed_in(
        self, user: str = "office", language: str = "da", scheme: str = "light", size: tuple[int, int] = DESKTOP
    ) -> Iterator[Page]:
        """A page of a browser of its own, in that language and theme."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="da-DK", color_scheme=scheme
        )
        page = context.new_page()
        page.goto(f"{self.url}/login")
        page.fill("input[name=username]", user)
        page.fill("input[name=password]", PASSWORD)
        page.click("main button[type=submit].btn-primary")
        page.click(f".g-topbar button[name=language][value={language}]")
        yield page
        context.close()

    def go(self, page: Page, path: str) -> None:
        """Open a page and wait for all of it."""
        page.goto(self.url + path)
        page.wait_for_load_state("networkidle")

    def take(self, page: Page, name: str) -> None:
        """Write one picture."""
        page.wait_for_load_state("networkidle")
        page.mouse.move(0, 0)
        path = IMAGES / f"{name}.png"
        page.screenshot(path=path, animations="disabled", caret="hide")
        _shrink(path)


def _shrink(path: Path) -> None:
    try:
        from PIL import Image
    except ImportError:
        return
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def lists_and_profiles(camera: Camera) -> str:
    """List and profile in both languages, dark, and on a tablet; returns the profile's address."""
    with camera.signed_in() as page:
        camera.go(page, "/")
        camera.take(page, "start-da")
        camera.go(page, "/customers/")
        camera.take(page, "list-da")
        camera.go(page, SHOWN)
        profile = page.get_attribute("[data-rows] tbody th a", "href") or ""
        camera.go(page, profile)
        camera.take(page, "profile-da")
        for tab in ("debtor-postings", "purchases", "log"):
            camera.go(page, profile.replace("/information", "").rstrip("/") + f"/{tab}")
            camera.take(page, f"profile-{tab}-da")
    with camera.signed_in(language="en") as page:
        for name, path in (("list-en", "/customers/"), ("profile-en", profile)):
            camera.go(page, path)
            camera.take(page, name)
    with camera.signed_in(scheme="dark") as page:
        for name, path in (("list-dark", "/customers/"), ("profile-dark", profile)):
            camera.go(page, path)
            camera.take(page, name)
    with camera.signed_in(size=TABLET) as page:
        for name, path in (("list-tablet", "/customers/"), ("profile-tablet", profile)):
            camera.go(page, path)
            camera.take(page, name)
    return profile


def editing(camera: Camera, profile: str) -> None:
    """Editing in a cell, editing the profile, and two people who save the same customer."""
    with camera.signed_in() as page:
        camera.go(page, "/customers/?f_city=Viborg")
        page.click("[data-rows] tbody tr:nth-child(3) td[data-edit]:nth-of-type(3)")
        page.wait_for_selector("td.is-editing .form-control")
        camera.take(page, "edit-cell-da")
        boxes = page.locator("[data-rows] tbody input[name=ids]")
        page.keyboard.press("Escape")
        for n in range(3):
            boxes.nth(n).check()
        camera.take(page, "bulk-da")
    with camera.signed_in() as mine, camera.signed_in("receptionist") as theirs:
        for page in (mine, theirs):
            camera.go(page, profile)
        mine.fill("#address", "Søndergade 12, 2. tv.")
        mine.fill("#email", "pia.olsen@mail.example")
        camera.take(mine, "edit-da")
        theirs.fill("#address", "Nørregade 3")
        theirs.fill("#city", "Roskilde")
        theirs.fill("#postal_code", "4000")
        theirs.click(".g-save-bar button[type=submit]")
        theirs.wait_for_load_state("networkidle")
        mine.click(".g-save-bar button[type=submit]")
        mine.wait_for_selector("table.g-conflict, .g-conflict")
        camera.take(mine, "conflict-da")


def importing(camera: Camera) -> None:
    """A file of customers: upload, columns, preview, result."""
    with tempfile.TemporaryDirectory() as folder, camera.signed_in() as page:
        path = Path(folder) / "kunder.csv"
        path.write_text(FILE, encoding="utf-8")
        camera.go(page, "/imports/")
        page.select_option("select[name=kind]", "customers")
        page.set_input_files("input[name=file]", path)
        camera.take(page, "import-upload-da")
        page.click("main form button[type=submit]")
        page.wait_for_url("**/columns")
        camera.take(page, "import-columns-da")
        page.click("main form button[type=submit].btn-primary")
        page.wait_for_url("**/preview*")
        camera.take(page, "import-preview-da")
        page.click("main form button[type=submit].btn-primary")
        page.wait_for_url("**/imports/result/*")
        page.wait_for_timeout(4000)
        page.reload()
        camera.take(page, "import-result-da")


def exporting(camera: Camera) -> None:
    """The debtor postings: filters with what they hold, the finished job, the list of exports."""
    with camera.signed_in("accountant") as page:
        camera.go(page, "/reports/debtor-postings/")
        camera.take(page, "export-start-da")
        page.click("main form[method=post] button[type=submit].btn-primary")
        page.wait_for_url("**/jobs/*")
        page.wait_for_timeout(4000)
        page.reload()
        camera.take(page, "export-job-da")
        camera.go(page, "/exports/")
        camera.take(page, "export-da")


def duplicates(camera: Camera) -> None:
    """The queue, cases of each kind, a merge and its way back, a sample, the check on a profile, the warning."""
    with camera.signed_in(language="en") as page:
        camera.go(page, "/duplicates/")
        camera.take(page, "duplicates-queue-en")
        camera.go(page, "/duplicates/start?lane=probable")
        camera.take(page, "duplicates-case-en")
    with camera.signed_in(scheme="dark") as page:
        camera.go(page, "/duplicates/start?lane=household")
        camera.take(page, "duplicates-household-dark")
    with camera.signed_in() as page:
        camera.go(page, "/duplicates/start?lane=probable")
        camera.take(page, "duplicates-case-da")
        camera.go(page, "/duplicates/start?lane=sure")
        for key in "mmdm":
            _decide(page, key)
        camera.take(page, "duplicates-merged-da")
        camera.go(page, "/duplicates/")
        camera.take(page, "duplicates-queue-da")
        page.goto(f"{camera.url}{_largest(page)}")
        camera.take(page, "duplicates-cluster-da")
        camera.go(page, "/merges/")
        moved = [int(cell) for cell in page.locator("tbody tr td:nth-child(6)").all_inner_texts()]
        page.click(f"tbody tr:nth-child({1 + moved.index(max(moved))}) td:first-child a")
        page.click("form[action$='/undo'] button")
        camera.take(page, "merge-da")
        camera.go(page, "/duplicates/batches/")
        page.click("form[action$='/draw'] button")
        camera.take(page, "duplicates-batch-da")
        camera.go(page, "/duplicates/start?lane=sure")
        profile = page.get_attribute(".g-who a", "href") or ""
        name = page.inner_text(".g-who >> nth=0")
        camera.go(page, profile)
        page.click(".g-actions a[href*='/duplicates/check/']")
        page.wait_for_selector("#g-duplicates .g-found")
        camera.take(page, "duplicates-check-da")
        mail = page.inner_text(".g-found-facts span:last-child")
        camera.go(page, "/customers/new/")
        page.locator("#name").press_sequentially(name)
        page.locator("#email").press_sequentially(mail if "@" in mail else "")
        page.wait_for_selector("#matches .alert")
        camera.take(page, "duplicates-warning-da")


def _decide(page: Page, key: str) -> None:
    """One key; a question that is asked first gets its first answer."""
    for question in page.locator(".g-question").all():
        question.locator("input").first.check()
    page.locator("h1").click()
    with page.expect_navigation():
        page.keyboard.press(key)


def _largest(page: Page) -> str:
    """The address of a case of three."""
    row = page.locator("tbody tr", has=page.locator("td.g-right", has_text="3")).first
    return row.locator("a").first.get_attribute("href") or ""


def main() -> None:
    """Take them all."""
    os.environ["LANGUAGE"] = "da"  # the browser's own words, as on its file button
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS, "--lang=da"])
        camera = Camera(browser, sys.argv[1].rstrip("/"))
        profile = lists_and_profiles(camera)
        importing(camera)
        exporting(camera)
        pictures_of_accounting.take(camera)
        editing(camera, profile)
        duplicates(camera)
        browser.close()


if __name__ == "__main__":
    main()
