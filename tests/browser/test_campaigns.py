"""A newsletter in a real browser: from the list of customers over the dry run to the numbers, sent into files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from gecko.db import transaction
from gecko.gateway_settings import GatewaySettings, IntoFile
from gecko.operations import job_runs, settings
from jobs import runner
from jobs.messages import draining
from tests import factories

from .conftest import Site, Visitor

pytestmark = pytest.mark.browser
MANY = 30


@pytest.fixture
def office(site: Site) -> Iterator[Site]:
    """An installation that "sends" into files at any hour, with customers of whom one agreed to nothing."""
    before = site.app.config["GECKO"]
    site.app.config["GECKO"] = replace(before, gateways=GatewaySettings(email=IntoFile(), sms=IntoFile()))
    with site.app.app_context():
        with transaction():
            settings.put("message.quiet_from", "00:00")
            settings.put("message.quiet_until", "00:00")
            settings.put("company.email", "klinik@example.dk")
            settings.put("company.name", "Klinikken")
        for number in range(MANY):
            factories.customer(name=f"Kunde {number}", email=f"{number}@example.dk", accepts_marketing_email=True)
        factories.customer(name="Uden Samtykke", email="nej@example.dk")
    yield site
    site.app.config["GECKO"] = before


def work(site: Site) -> None:
    """What the worker and the sender do."""
    with site.app.app_context():
        for run_id in job_runs.claimable():
            runner.execute(run_id)
        assert draining.drain_all(turn=20.0) == MANY
        draining.sweep()


def test_a_newsletter_from_the_dry_run_to_the_numbers(office: Site, visitor: Callable[..., Visitor]) -> None:
    window = visitor("office")
    page = window.open("/campaigns/new/?from_list=1")
    page.get_by_label("Navn").fill("Forårsnyt")
    page.get_by_role("button", name="Gem", exact=True).click()
    page.get_by_role("link", name="E-mail, Dansk").click()
    page.get_by_label("Emne").fill("Forår hos os")
    page.get_by_label("Tekst", exact=True).fill("Kære [KUNDEFORNAVN], nu er det forår.")
    expect(page.locator("#text-preview")).to_contain_text("nu er det forår")
    page.get_by_role("button", name="Gem", exact=True).last.click()
    page.get_by_role("link", name="Se, hvem der får det …").click()
    expect(page.locator(".g-campaign-going")).to_contain_text(f"{MANY}")
    expect(page.get_by_role("table")).to_contain_text("Uden Samtykke")
    page.get_by_role("button", name="Godkend og sæt i gang").click()
    expect(page.locator("#campaign-state")).to_contain_text("Kører")
    work(office)
    expect(page.locator("#campaign-state a[href*='f_state=sent'] .g-num")).to_have_text(str(MANY), timeout=10_000)
    expect(page.locator("#campaign-state")).to_contain_text("Færdig")
    page.reload()
    expect(page.locator("svg.g-plot")).to_be_visible()
    assert window.problems() == []
