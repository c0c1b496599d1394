"""Messages in a real browser, sent by the real sender into files: written, seen, sent, followed until they are gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from gecko.db import db, transaction
from gecko.gateway_settings import GatewaySettings, IntoFile
from gecko.models.messages import Message, MessageState
from gecko.operations import settings
from jobs.messages import draining
from tests import factories

from .conftest import Site, Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def office(site: Site) -> Iterator[Site]:
    """An installation that "sends" into files, with SMS at 45 øre."""
    before = site.app.config["GECKO"]
    site.app.config["GECKO"] = replace(before, gateways=GatewaySettings(email=IntoFile(), sms=IntoFile()))
    with site.app.app_context(), transaction():
        settings.put("module.sms", True)
        settings.put("message.sms_price_ore", 45)
        settings.put("company.email", "klinik@example.dk")
        settings.put("company.name", "Klinikken")
    yield site
    site.app.config["GECKO"] = before


def customer(site: Site) -> int:
    with site.app.app_context():
        return int(factories.customer(name="Åse Ørn", email="aase@example.dk", mobile="+4520123456").id)


def send(site: Site) -> None:
    """One turn of the sender."""
    with site.app.app_context():
        assert draining.drain_all(turn=5.0) == 1


def test_an_email_is_written_seen_sent_and_followed(office: Site, visitor: Callable[..., Visitor]) -> None:
    customer_id = customer(office)
    window = visitor("receptionist")
    page = window.open(f"/customers/{customer_id}/")
    page.get_by_role("link", name="Send e-mail/SMS").click()
    page.get_by_label("Emne").fill("Hej [KUNDEFORNAVN]")
    page.get_by_label("Tekst", exact=True).fill("<b>Husk</b> din tid.<script>alert(1)</script>\n")
    page.locator("[data-insert='[KUNDENAVN]']").click()
    preview = page.locator("#preview")
    expect(preview.locator("h3")).to_have_text("Hej Åse")
    letter = preview.frame_locator("iframe")
    expect(letter.locator("body")).to_contain_text("Husk din tid.")
    expect(letter.locator("b")).to_have_text("Husk")
    expect(letter.locator("body")).to_contain_text("Åse Ørn")
    assert window.axe() == []
    page.set_input_files("#files", {"name": "Plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"})
    page.get_by_role("button", name="Send e-mail", exact=True).click()
    page.wait_for_url(f"**/customers/{customer_id}/messages*")
    row = page.locator("tr[id^=message-]").first
    expect(row.locator(".g-message-state")).to_contain_text("Venter")
    send(office)
    expect(row.locator(".g-message-state")).to_contain_text("Sendt")
    assert row.locator("[hx-get]").count() == 0, "nobody asks any more"
    row.get_by_role("link", name="Vis beskeden Hej Åse").click()
    detail = page.locator(".g-detail")
    expect(detail.frame_locator("iframe").locator("b")).to_have_text("Husk")
    expect(detail).to_contain_text("Taget til afsendelse")
    with page.expect_download() as download:
        detail.get_by_role("link", name="Plan.pdf").click()
    assert download.value.suggested_filename == "Plan.pdf"
    assert window.axe() == []
    assert window.problems() == []


def test_the_appointment_card_goes_from_the_button_to_sent(office: Site, visitor: Callable[..., Visitor]) -> None:
    customer_id = customer(office)
    with office.app.app_context():
        factories.booking(customer_id, days=4)
    window = visitor("receptionist")
    page = window.open(f"/customers/{customer_id}/bookings")
    page.get_by_role("link", name="SMS-aftalekort").click()
    expect(page.locator("#card")).to_contain_text("1 SMS-del")
    expect(page.locator("#card")).to_contain_text("0,45")
    assert window.axe() == []
    page.get_by_role("button", name="Send SMS").click()
    expect(page.get_by_role("status").filter(has_text="Venter")).to_be_visible()
    send(office)
    button = page.get_by_role("status").filter(has_text="Sendt")
    expect(button).to_be_visible()
    assert button.locator("use[href$='#check']").count() == 1
    assert window.axe() == []
    assert window.problems() == []


def test_a_message_of_unknown_fate_is_decided(office: Site, visitor: Callable[..., Visitor]) -> None:
    customer_id = customer(office)
    with office.app.app_context():
        message_id = factories.message(customer_id=customer_id, subject="Velkommen")
        with transaction() as session:
            session.execute(update(Message).where(Message.id == message_id).values(state=MessageState.UNKNOWN))
    window = visitor("office", theme="dark")
    page = window.open("/message_decisions/")
    assert window.axe() == []
    page.get_by_role("article", name="Velkommen").get_by_role("button", name="Regn for sendt").click()
    expect(page.locator("#g-flashes")).to_contain_text("Beskeden regnes for sendt.")
    expect(page.get_by_role("article", name="Velkommen")).to_have_count(0)
    with office.app.app_context():
        assert db.session.scalar(select(Message.state).where(Message.id == message_id)) == MessageState.SENT
    page = window.open("/messages/")
    page.get_by_role("link", name="Vis beskeden Velkommen").click()
    expect(page.locator(".g-detail")).to_contain_text("Hej med dig")
    assert window.axe() == []
    assert window.problems() == []
