"""Find duplicates on the profile, in a real browser: in place, by mouse and by keyboard, and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from gecko.db import db
from gecko.models.customers import Customer
from gecko.models.duplicates import DuplicateDecision, DuplicatePair, PairState, Verdict
from tests import factories

from .conftest import DESKTOP, TABLET, Site, Visitor

pytestmark = pytest.mark.browser
WORDS = {
    "da": ("Find dubletter", "1 kunde ligner", "samme e-mail", "Forskellige personer", "Husket: de er forskellige"),
    "en": (
        "Find duplicates",
        "1 customer is alike",
        "same e-mail",
        "Different people",
        "Remembered: they are different",
    ),
}


@pytest.fixture
def app(site: Site) -> Iterator[Flask]:
    with site.app.app_context():
        yield site.app
        db.session.remove()


def twins(name: str) -> tuple[int, int]:
    """Somebody who is registered twice, with `å` in their name and with `aa`."""
    original_id = factories.person(name=name).id
    original = db.session.get_one(Customer, original_id)
    return original_id, factories.registered_again(original, name=name.replace("å", "aa")).id


@pytest.mark.parametrize(("language", "theme", "size"), [("da", "light", DESKTOP), ("en", "dark", TABLET)])
def test_by_keyboard_the_answer_stands_on_the_profile(
    app: Flask, visitor: Callable[..., Visitor], language: str, theme: str, size: tuple[int, int]
) -> None:
    find, counted, reason, different, remembered = WORDS[language]
    one, other = twins("Signe Ågård" if language == "da" else "Villads Råskov")
    window = visitor("reviewer", language=language, theme=theme, size=size)
    page = window.open(f"/customers/{one}/")
    button, dialog = page.get_by_role("link", name=find), page.get_by_role("dialog", name=find)
    button.focus()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("status")).to_have_text(counted)
    expect(dialog.locator("h2").first).to_be_focused()
    expect(dialog.locator(f"a[href='/customers/{other}/']")).to_be_visible()
    expect(dialog).to_contain_text(reason)
    assert page.url.endswith(f"/customers/{one}/")
    assert window.axe() == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    apart = dialog.get_by_role("button", name=different)
    apart.focus()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("status")).to_contain_text(remembered)
    expect(apart).to_have_count(0)
    expect(dialog.locator("h2").first).to_be_focused()
    db.session.rollback()
    assert db.session.scalars(select(DuplicatePair.state).where(DuplicatePair.a_id == one)).all() == [
        PairState.DIFFERENT
    ]
    assert window.problems() == []


def test_from_there_two_are_compared(app: Flask, visitor: Callable[..., Visitor]) -> None:
    one, _other = twins("Torkild Blåbjerg")
    window = visitor("reviewer", language="en")
    page = window.open(f"/customers/{one}/")
    page.get_by_role("link", name="Find duplicates").click()
    with page.expect_navigation():  # until it is loaded: the keys are a script's
        page.get_by_role("button", name="Compare and merge").click()
    expect(page.locator("h1")).to_have_text("Is this the same person?")
    with page.expect_navigation():
        page.keyboard.press("d")
    db.session.rollback()
    verdicts = select(DuplicateDecision.verdict).order_by(DuplicateDecision.id.desc())
    assert db.session.scalars(verdicts).first() == Verdict.DIFFERENT
    assert window.problems() == []


def test_unsaved_changes_of_the_profile_are_not_lost_by_comparing(app: Flask, visitor: Callable[..., Visitor]) -> None:
    one, _other = twins("Malthe Gråbæk")
    window = visitor("super", language="en")
    page = window.open(f"/customers/{one}/")
    asked: list[str] = []
    page.once("dialog", lambda question: (asked.append(question.type), question.dismiss()))
    page.locator("#city").press_sequentially("x")
    page.get_by_role("link", name="Find duplicates").click()
    compare = page.get_by_role("button", name="Compare and merge")
    compare.click()
    page.wait_for_timeout(200)
    assert asked == ["beforeunload"]
    assert page.url.endswith(f"/customers/{one}/")
    page.once("dialog", lambda question: question.accept())
    compare.click()
    expect(page.locator("h1")).to_have_text("Is this the same person?")


def test_nobody_is_an_answer_too(app: Flask, visitor: Callable[..., Visitor]) -> None:
    window = visitor("reviewer", language="en")
    page = window.open(f"/customers/{factories.person(name='Alene Enebo').id}/")
    page.get_by_role("link", name="Find duplicates").click()
    dialog = page.get_by_role("dialog", name="Find duplicates")
    expect(dialog.get_by_role("status")).to_have_text("Nobody is enough like this customer.")
    expect(dialog.locator(".empty-title")).to_have_text("No duplicates were found")
    assert window.axe() == []
    page.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    assert window.problems() == []


def test_an_answer_that_does_not_come_is_said_in_the_dialog(app: Flask, visitor: Callable[..., Visitor]) -> None:
    one, _other = twins("Ellinor Gråsten")
    window = visitor("reviewer", language="en")
    page = window.open(f"/customers/{one}/")
    page.route("**/duplicates/check/*", lambda route: route.fulfill(status=503, body=""))
    page.get_by_role("link", name="Find duplicates").click()
    dialog = page.get_by_role("dialog", name="Find duplicates")
    expect(dialog.get_by_role("status")).to_contain_text("The server did not answer as expected")
    page.unroute("**/duplicates/check/*")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Find duplicates").click()
    expect(dialog.get_by_role("status")).to_have_text("1 customer is alike")


def test_without_javascript_the_button_opens_the_page(app: Flask, browser: Browser, site: Site) -> None:
    one, other = twins("Frode Håstrup")
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "gecko", "value": site.token("reviewer", language="en"), "url": site.url}])
    page = context.new_page()
    page.goto(f"{site.url}/customers/{one}/")
    page.get_by_role("link", name="Find duplicates").click()
    expect(page.locator("h1")).to_have_text("Duplicates of Frode Håstrup")
    expect(page.locator(f"main a[href='/customers/{other}/']")).to_be_visible()
    page.get_by_role("button", name="Different people").click()
    expect(page.locator(".alert-success")).to_contain_text("Remembered")
    expect(page.locator("main")).to_contain_text("Decided: different people")
    context.close()
