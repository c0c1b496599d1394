"""A real browser against the real app: served by waitress from a thread, every page watched for what it reports.

`visit` opens a page as a user and fails on anything the browser complains of: a blocked script or style, an error on
the console, a request that failed, a crash of a script.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright
from waitress.server import create_server

from gecko.db import db, transaction
from gecko.models.people import StaffUser
from gecko.operations import sessions
from tests import factories
from tests.conftest import make_app

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
DESKTOP, TABLET = (1440, 900), (1024, 768)
# axe-core only reads the page; the browser has it before the page loads, so the page's own policy stays in force.
AXE = Path(AXE_FILE_PATH).read_text(encoding="utf-8")
VIOLATIONS = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (e) => window.__violations.push(
  `${e.violatedDirective} ${e.blockedURI} ${e.sourceFile || ""}:${e.lineNumber}`));
"""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise RuntimeError("chromium is not installed; `make test` installs it from the distribution's packages")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield found
        found.close()


@dataclass
class Site:
    """The app as it is served, and a way in."""

    app: Flask
    url: str
    trouble: list[str] = field(default_factory=list)

    def token(self, *roles: str, **values: object) -> str:
        """A session of a new user."""
        with self.app.app_context():
            user = factories.user(*roles, **values)
            with transaction():
                return sessions.start(db.session.get_one(StaffUser, user.id), ip="127.0.0.1", user_agent="browser")


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The real app on a database of its own, shared by a module's tests."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(sqlite_template, folder / "gecko.db")
    app = make_app(folder, f"sqlite:///{folder / 'gecko.db'}")
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    closing = threading.Event()

    def serve() -> None:
        try:
            server.run()
        except OSError:
            if not closing.is_set():  # the loop may be waiting on the very socket that is closed
                raise

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield Site(app, f"http://127.0.0.1:{server.effective_port}")
    closing.set()
    server.close()
    thread.join(timeout=10)
    with app.app_context():
        db.engine.dispose()


@dataclass
class Visitor:
    """One person's browser window."""

    site: Site
    context: BrowserContext
    page: Page
    trouble: list[str]

    def open(self, path: str) -> Page:
        """Go to a page and wait until it is quiet."""
        self.page.goto(self.site.url + path)
        self.page.wait_for_load_state("networkidle")
        return self.page

    def problems(self) -> list[str]:
        """What the browser complained of since the window was opened, refused scripts and styles included."""
        return [*self.trouble, *self.page.evaluate("window.__violations || []")]

    def axe(self) -> list[str]:
        """Serious and critical findings of axe-core on the present page."""
        found = self.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{one['impact']} {one['id']}: {node['target']} {node.get('failureSummary', '')[:200]}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]


def _failure(request: Request) -> list[str]:
    """What to say of a request that failed; nothing of one that was under way when its page was left."""
    is_left = request.resource_type in ("xhr", "fetch") and request.failure == "net::ERR_ABORTED"
    return [] if is_left else [f"failed: {request.url} {request.failure}"]


class Windows:
    """Windows of a browser on a site: opened, and closed together."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser, self._site = browser, site
        self._opened: list[BrowserContext] = []

    def open(self, *, language: str, theme: str, size: tuple[int, int]) -> Visitor:
        """A window that nobody is signed in to."""
        context = self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="da-DK" if language == "da" else "en-GB",
            timezone_id="Europe/Copenhagen",
            color_scheme="dark" if theme == "dark" else "light",
        )
        self._opened.append(context)
        context.add_init_script(VIOLATIONS)
        context.add_init_script(AXE)
        page = context.new_page()
        trouble: list[str] = []
        page.on("console", lambda said: trouble.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("requestfailed", lambda request: trouble.extend(_failure(request)))
        return Visitor(self._site, context, page, trouble)

    def close(self) -> None:
        """Close them all."""
        for context in self._opened:
            context.close()


def sign_in(window: Visitor, *roles: str, language: str, theme: str) -> None:
    """The window belongs to a new user; without a role to nobody."""
    window.context.clear_cookies()
    if roles:
        token = window.site.token(*roles, language=language, theme=theme, name="Hanne Østergård")
        window.context.add_cookies([{"name": "gecko", "value": token, "url": window.site.url, "httpOnly": True}])


@pytest.fixture
def visitor(browser: Browser, site: Site) -> Iterator[Callable[..., Visitor]]:
    """`visitor("office", language="da", theme="dark")`: a window; without a role nobody is signed in."""
    windows = Windows(browser, site)

    def make(*roles: str, language: str = "da", theme: str = "light", size: tuple[int, int] = DESKTOP) -> Visitor:
        window = windows.open(language=language, theme=theme, size=size)
        sign_in(window, *roles, language=language, theme=theme)
        return window

    yield make
    windows.close()


@pytest.fixture(scope="module")
def onlooker(browser: Browser, site: Site) -> Iterator[Callable[..., Visitor]]:
    """`visitor` for who only looks: one window a language goes from hand to hand, as opening one costs the most."""
    windows = Windows(browser, site)
    kept: dict[str, Visitor] = {}

    def make(*roles: str, language: str, theme: str, size: tuple[int, int]) -> Visitor:
        if language not in kept:
            kept[language] = windows.open(language=language, theme=theme, size=size)
        window = kept[language]
        window.page.set_viewport_size({"width": size[0], "height": size[1]})
        window.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        sign_in(window, *roles, language=language, theme=theme)
        window.trouble.clear()
        return window

    yield make
    windows.close()
