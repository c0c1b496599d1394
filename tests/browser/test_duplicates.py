"""Duplicates in a real browser: deciding by keyboard, a batch, undo, the warning while typing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.models.duplicates import DuplicateCase, DuplicateDecision
from gecko.models.merges import Merge
from gecko.operations.duplicates import recording
from jobs import runner
from tests import factories

from .conftest import Site, Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def app(site: Site) -> Iterator[Flask]:
    """The site's app, with an empty queue."""
    with site.app.app_context():
        for case_id in db.session.scalars(select(DuplicateCase.id).where(DuplicateCase.closed_at.is_(None))).all():
            _empty(case_id)
        yield site.app
        db.session.remove()


def _empty(case_id: int) -> None:
    ids = factories.members(case_id)
    with transaction():
        recording.forget(ids)


def counted(model: type[object], *rules: object) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*rules)) or 0  # type: ignore[arg-type]


def press(page: Page, key: str) -> None:
    """A key that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def test_twenty_candidates_by_keyboard_alone(app: Flask, visitor: Callable[..., Visitor]) -> None:
    for _n in range(20):
        factories.duplicate_case(address="Søndergade 9")
    before = counted(DuplicateDecision), counted(Merge)
    window = visitor("reviewer")
    page = window.open("/")
    page.keyboard.press("Control+k")
    page.keyboard.type("gennemgå dubletter")
    expect(page.locator("#g-search-results [aria-selected=true]")).to_contain_text("Gennemgå dubletter")
    press(page, "Enter")
    expect(page.locator("h1")).to_have_text("Er det samme person?")
    press(page, "l")
    for n in range(20):
        press(page, "d" if n % 3 == 2 else "m")
    expect(page.locator(".empty-title")).to_be_visible()
    assert counted(DuplicateDecision) - before[0] == 20
    assert counted(Merge) - before[1] == 14
    assert counted(DuplicateCase, DuplicateCase.closed_at.is_(None)) == 0
    assert window.problems() == []


def test_keys_move_choose_leave_out_and_undo(app: Flask, visitor: Callable[..., Visitor]) -> None:
    case_id = factories.duplicate_case(times=2)
    window = visitor("reviewer", language="en")
    page = window.open(f"/duplicates/{case_id}")
    matches = page.locator("[data-match]")
    expect(matches).to_have_count(2)
    page.keyboard.press("j")
    expect(matches.nth(1)).to_be_focused()
    expect(page.locator("details[data-reasons='2']")).to_have_attribute("open", "")
    page.keyboard.press("ArrowLeft")
    expect(matches.nth(0)).to_be_focused()
    kept = page.locator("input[name=survivor]")
    first, second = kept.input_value(), page.locator("input[name=member]").nth(1).input_value()
    page.keyboard.press("2")
    expect(kept).to_have_value(second)
    assert f"survivor={second}" in page.url
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("input[name=out]")).to_have_count(1)
    page.keyboard.press("?")
    expect(page.locator("#g-shortcuts")).to_contain_text("Leave out or take in")
    page.keyboard.press("Escape")
    assert window.axe() == []
    press(page, "m")
    expect(page.locator(".alert-success")).to_contain_text("Merged")
    press(page, "u")
    expect(page.locator(".alert-success")).to_contain_text("Taken back")
    db.session.rollback()
    assert {db.session.get_one(Customer, int(one)).deleted_at for one in (first, second)} == {None}
    assert window.problems() == []


def test_an_unanswered_question_holds_the_merge_until_it_is_answered(
    app: Flask, visitor: Callable[..., Visitor]
) -> None:
    same = {"name": "Åse Ærøskov", "email": "aeroeskov@post.example", "mobile": "+4522334455"}
    first_id = factories.linked(**same)[0].id
    factories.linked(**same)
    case_id = factories.found_case(first_id)
    window = visitor("reviewer")
    page = window.open(f"/duplicates/{case_id}")
    page.keyboard.press("m")
    answers = page.locator("input[name=answer-debtor]")
    expect(answers.nth(0)).to_be_focused()
    page.keyboard.press("Space")
    press(page, "m")
    expect(page.locator(".alert-success")).to_be_visible()
    assert window.problems() == []


def test_a_batch_after_its_sample(app: Flask, visitor: Callable[..., Visitor]) -> None:
    for _n in range(6):
        factories.duplicate_case()
    before = counted(Merge)
    window = visitor("office", language="en")
    page = window.open("/duplicates/?lane=sure")
    page.get_by_role("link", name="Merge the sure ones").click()
    page.get_by_label("Cases to look at").fill("5")
    page.get_by_role("button", name="Draw a sample").click()
    for _n in range(5):
        expect(page.locator("h1")).to_have_text("Sample: is this the same person?")
        assert window.axe() == []
        press(page, "m")
    page.get_by_role("button", name="Merge 6 cases").click()
    page.wait_for_url("**/jobs/*")
    db.session.rollback()
    runner.execute(int(page.url.rsplit("/", 1)[1]))
    page.reload()
    expect(page.locator("#job")).to_contain_text("Done")
    assert counted(Merge) - before == 6
    assert window.problems() == []


def test_a_merge_is_undone_from_its_page(app: Flask, visitor: Callable[..., Visitor]) -> None:
    case_id = factories.duplicate_case()
    people = factories.members(case_id)
    window = visitor("reviewer", language="en")
    page = window.open(f"/duplicates/{case_id}")
    press(page, "m")
    page = window.open("/merges/")
    page.locator("tbody tr").first.get_by_role("link").first.click()
    page.get_by_role("button", name="Undo …").click()
    expect(page.locator("main")).to_contain_text("This goes back")
    assert window.axe() == []
    page.get_by_role("button", name="Undo the merge").click()
    expect(page.locator("main")).to_contain_text("This merge was undone")
    db.session.rollback()
    assert {db.session.get_one(Customer, one).deleted_at for one in people} == {None}
    assert window.problems() == []


def test_whoever_types_a_known_customer_is_warned(app: Flask, visitor: Callable[..., Visitor]) -> None:
    known_id = factories.person(name="Kirsten Dybdal", email="kirsten.dybdal@post.example").id
    window = visitor("receptionist", language="en")
    page = window.open("/customers/new/")
    page.locator("#name").press_sequentially("Kirsten Dybdahl")
    page.locator("#email").press_sequentially("kirsten.dybdal@post.example")
    warning = page.locator("#matches .alert")
    expect(warning).to_contain_text("Kirsten Dybdal")
    expect(warning.locator(f"a[href='/customers/{known_id}/']")).to_be_visible()
    assert window.axe() == []
    assert window.problems() == []


def test_a_case_is_decided_without_javascript(app: Flask, browser: Browser, site: Site) -> None:
    case_id = factories.duplicate_case(times=2)
    context = browser.new_context(java_script_enabled=False, locale="da-DK")
    context.add_cookies([{"name": "gecko", "value": site.token("reviewer", language="en"), "url": site.url}])
    page = context.new_page()
    page.goto(f"{site.url}/duplicates/{case_id}")
    page.get_by_role("link", name="Leave out").first.click()
    expect(page.locator("input[name=out]")).to_have_count(1)
    page.get_by_role("link", name="Keep this one").first.click()
    page.get_by_role("button", name="Yes, merge").click()
    expect(page.locator("main")).to_contain_text("Merged")
    context.close()
