"""The editor of texts in a real browser: the preview follows what is typed, a click puts a code in, and it is saved."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from gecko.clock import local
from tests import factories

from .conftest import Site, Visitor

pytestmark = pytest.mark.browser
PATH = "/texts/booking_reminder_2/sms/da"


def test_a_text_is_written_tried_and_saved(site: Site, visitor: Callable[..., Visitor]) -> None:
    with site.app.app_context():
        who = factories.customer(name="Åse Ørn", number="4711")
        start = local(factories.booking(who.id, days=4).start_at).strftime("%H:%M")
    window = visitor("office")
    page = window.open(PATH)
    body, preview = page.get_by_label("Tekst", exact=True), page.locator("#text-preview")
    body.fill("Hej ")
    page.locator("[data-insert='[KUNDEFORNAVN]']").click()
    expect(body).to_have_value("Hej [KUNDEFORNAVN]")
    expect(body).to_be_focused()
    expect(preview.locator(".g-trial-sms")).to_have_text("Hej Mette")
    page.keyboard.type(" kl. [KLOKKEN_FRATID] [KUNDNAVN]")
    expect(preview).to_contain_text("Mente du [KUNDENAVN]?")
    page.locator(".ts-control input").click()
    page.keyboard.type("4711")
    page.locator(".ts-dropdown .option", has_text="Åse Ørn").click()
    expect(preview.locator(".g-trial-sms")).to_have_text(f"Hej Åse kl. {start}")
    expect(preview.get_by_label("Booking")).to_be_visible()
    assert window.axe() == []
    page.get_by_role("button", name="Gem", exact=True).click()
    expect(page.locator("#g-flashes")).to_contain_text("koder, der ikke skrives noget for")
    page.get_by_role("button", name="Nulstil til standardteksten").click()
    expect(page.locator("#g-flashes")).to_contain_text("Teksten er nu standardteksten.")
    assert window.problems() == []


def test_choosing_a_customer_for_the_preview_is_no_unsaved_change(site: Site, visitor: Callable[..., Visitor]) -> None:
    with site.app.app_context():
        factories.customer(name="Bo Ib", number="4712")
    page = visitor("office").open(PATH)
    page.locator(".ts-control input").click()
    page.keyboard.type("4712")
    page.locator(".ts-dropdown .option", has_text="Bo Ib").click()
    expect(page.locator("#text-preview .g-trial-sms")).to_contain_text("Bo")
    expect(page.locator(".g-unsaved")).to_be_hidden()
    page.get_by_label("Tekst", exact=True).fill("Hej")
    expect(page.locator(".g-unsaved")).to_be_visible()


def test_without_javascript_a_button_shows_the_preview(site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="da-DK")
    context.add_cookies([{"name": "gecko", "value": site.token("office"), "url": site.url}])
    page = context.new_page()
    page.goto(site.url + PATH)
    page.get_by_label("Tekst", exact=True).fill("Hej [KUNDENAVN]")
    page.get_by_role("button", name="Vis forhåndsvisning").click()
    expect(page.locator("#text-preview .g-trial-sms")).to_have_text("Hej Mette Kirstine Sørensen")
    expect(page.get_by_label("Tekst", exact=True)).to_have_value("Hej [KUNDENAVN]")
    context.close()
