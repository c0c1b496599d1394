"""Letters in a real browser: merged and printed for one customer, and from the list of customers to one PDF."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.models.messages import Message, MessageChannel
from gecko.operations import message_templates, settings
from jobs import runner
from tests import factories
from tests.reports.letters import reader

from .conftest import Site, Visitor

pytestmark = pytest.mark.browser
PLACE = {"address": "Åboulevarden 12, 2. th.", "postal_code": "2200", "city": "København N"}
MM = 96 / 25.4
"""Pixels in a millimetre."""


@pytest.fixture
def customer_id(site: Site) -> int:
    with site.app.app_context():
        with transaction():
            settings.put("company.name", "Klinikken")
            if not message_templates.listed(MessageChannel.LETTER):
                body = "<h2>Velkommen</h2>\nKære [KUNDEFORNAVN]"
                message_templates.create({"name": "Velkomst", "channel": "letter", "body": body})
        return int(factories.customer(name="Åse Ærøbo", **PLACE).id)


def test_a_letter_is_merged_seen_made_and_printed(
    site: Site, visitor: Callable[..., Visitor], customer_id: int
) -> None:
    window = visitor("receptionist")
    page = window.open(f"/customers/{customer_id}/bookings")
    page.locator(".g-tools").get_by_role("link", name="Brevflet").click()
    expect(page.get_by_label("Tekst", exact=True)).to_have_value("<h2>Velkommen</h2>\nKære [KUNDEFORNAVN]")
    page.get_by_label("Tekst", exact=True).fill("Kære [KUNDEFORNAVN]\n\nVi ses <b>snart</b>.<script>alert(1)</script>")
    preview = page.locator("#preview")
    expect(preview.frame_locator("iframe").locator("body")).to_contain_text("Kære Åse")
    expect(preview.locator("address")).to_contain_text("2200 København N")
    assert window.axe() == []
    page.get_by_role("button", name="Lav brevet").click()
    expect(page.locator(".l-text")).to_have_text("Kære Åse\n\nVi ses snart.", use_inner_text=True)
    place = page.locator("address").bounding_box()
    paper = page.locator("main").bounding_box()
    assert place
    assert paper
    assert 45 <= (place["y"] - paper["y"]) / MM <= 60, "the address stands in the window of the envelope"
    assert 20 <= (place["x"] - paper["x"]) / MM <= 25
    assert window.axe() == []
    page.evaluate("window.print = () => { window.__printed = true }")
    page.get_by_role("button", name="Udskriv").click()
    assert page.evaluate("window.__printed")
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
    page.get_by_role("link", name="Kommunikationslog").click()
    expect(page.locator("table tbody tr").first).to_contain_text("Kære Åse")
    assert window.problems() == []


def test_chosen_customers_become_one_pdf(site: Site, visitor: Callable[..., Visitor], customer_id: int) -> None:
    window = visitor("office")
    page = window.open("/customers/?q=Ærøbo")
    page.locator(f"input[name=ids][value='{customer_id}']").check()
    page.locator("#g-bulk-action").select_option(label="Brevflet")
    page.get_by_role("button", name="Fortsæt …").click()
    expect(page.get_by_text("1 kunde er valgt.")).to_be_visible()
    page.get_by_label("Skabelon").select_option(label="Velkomst")
    page.get_by_role("button", name="Vis det første brev").click()
    expect(page.frame_locator("iframe").locator("h2")).to_have_text("Velkommen")
    assert window.axe() == []
    page.get_by_role("button", name="Lav 1 brev").click()
    expect(page.get_by_role("button", name="Afbryd jobbet")).to_be_visible()
    with site.app.app_context():
        runner.execute(int(page.url.rsplit("/", 1)[1]))
        logged = db.session.scalars(select(Message).where(Message.customer_id == customer_id)).all()
        assert [one.channel for one in logged] == [MessageChannel.LETTER]
    expect(page.get_by_role("link", name="Hent PDF'en")).to_be_visible()
    assert window.axe() == []
    assert window.problems() == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Hent PDF'en").click()
    [found] = reader.pages(download.value.path().read_bytes())
    assert found.endswith("Velkommen\nKære Åse")
