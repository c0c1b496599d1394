"""The frame by keyboard: search dialog, shortcuts, theme, menu; and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests import factories

from .conftest import TABLET, Site, Visitor

pytestmark = pytest.mark.browser


def test_search_opens_chooses_and_goes_by_keyboard(site: Site, visitor: Callable[..., Visitor]) -> None:
    with site.app.app_context():
        wanted = factories.customer(name="Zacharias Åkjær").id
    window = visitor("office")
    page = window.open("/")
    page.keyboard.press("Control+k")
    page.keyboard.type("zachar")
    chosen = page.locator("#g-search-results [aria-selected=true]")
    expect(chosen).to_contain_text("Zacharias Åkjær")
    assert window.axe() == []
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{wanted}**")
    page.keyboard.press("/")
    expect(page.locator("#g-search")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#g-search")).to_be_hidden()
    assert window.problems() == []


def test_question_mark_shows_the_shortcuts_but_not_while_typing(visitor: Callable[..., Visitor]) -> None:
    window = visitor("office", language="en")
    page = window.open("/search/")
    page.locator("#q").press("?")
    expect(page.locator("#g-shortcuts")).to_be_hidden()
    page.locator("main").focus()
    page.keyboard.press("?")
    expect(page.locator("#g-shortcuts")).to_be_visible()
    assert window.axe() == []
    assert window.problems() == []


def test_theme_changes_at_once_and_auto_follows_the_system(visitor: Callable[..., Visitor]) -> None:
    window = visitor("office", theme="auto")
    page = window.open("/")
    root = page.locator("html")
    expect(root).to_have_attribute("data-bs-theme", "light")
    page.emulate_media(color_scheme="dark")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    page.locator("button[name=theme]").click()
    expect(root).to_have_attribute("data-theme", "light")
    expect(root).to_have_attribute("data-bs-theme", "light")
    assert window.problems() == []


def test_the_rail_opens_on_a_tablet(visitor: Callable[..., Visitor]) -> None:
    window = visitor("office", size=TABLET)
    page = window.open("/")
    sidebar = page.locator(".g-sidebar")
    assert sidebar.bounding_box()["width"] < 80
    page.locator("[data-g-toggle=sidebar]").click()
    expect(page.locator("[data-g-toggle=sidebar]")).to_have_attribute("aria-expanded", "true")
    assert sidebar.bounding_box()["width"] > 180
    assert window.problems() == []


def test_unsaved_changes_are_guarded(visitor: Callable[..., Visitor]) -> None:
    window = visitor("office")
    page = window.open("/debtors/new/")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("input[name=name]").fill("Åse")
    page.goto(window.site.url + "/")
    assert asked == ["beforeunload"]
    page.goto(window.site.url + "/debtors/new/")
    page.goto(window.site.url + "/")
    assert asked == ["beforeunload"], "an untouched form lets go"


def test_everything_of_the_frame_works_without_javascript(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False, locale="da-DK")
    context.add_cookies([{"name": "gecko", "value": site.token("office", language="en"), "url": site.url}])
    page = context.new_page()
    page.goto(site.url + "/")
    page.locator("#g-search-top").fill("customers")
    page.locator("#g-search-top").press("Enter")
    expect(page.locator("main")).to_contain_text("Customers")
    page.locator("button[value=da]").click()
    expect(page.locator("html")).to_have_attribute("lang", "da")
    page.locator(".g-user summary").click()
    page.locator(".g-user form button").click()
    expect(page.locator("h1")).to_have_text("Log ind")
    context.close()
