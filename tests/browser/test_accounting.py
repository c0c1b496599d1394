"""The accountant's walk in a real browser: from an invoice to closed books, each step on what the one before left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from gecko.clock import today
from jobs import runner
from tests import factories
from tests.reports.letters import reader

from .conftest import Site, Visitor

pytestmark = pytest.mark.browser
NAME = "Salon Ravn ApS"


def written(day: date) -> str:
    """A day as it is typed."""
    return f"{day:%d-%m-%Y}"


def test_from_the_invoice_to_closed_books(site: Site, visitor: Callable[..., Visitor]) -> None:
    with site.app.app_context():
        debtor_id = factories.debtor(company_name=NAME, email="bogholderi@ravn.example").id
    window = visitor("accountant")
    page = window.open(f"/debtors/details/?id={debtor_id}")
    _invoice(page)
    _part_payment(page)
    _settled_automatically(page)
    _undone(page)
    _reminded(page)
    _from_the_plot_to_the_postings(page)
    assert window.axe() == []
    assert (
        window.problems() == []
    )  # the browser also complains of downloads, and of the form that is refused at the end
    _exported(site, page)
    _closed(window, debtor_id)


def _invoice(page: Page) -> None:
    """Fell due weeks ago; its PDF is served as it was made."""
    page.get_by_role("link", name="Ny faktura").first.click()
    page.get_by_label("Dato").fill(written(today() - timedelta(days=50)))
    page.get_by_label("Tekst").first.fill("Ergonomisk gennemgang")
    page.get_by_label("Pris inkl. moms").first.fill("1.250,00")
    page.get_by_role("button", name="Udsted faktura").click()
    expect(page.locator("h1")).to_contain_text("Faktura")
    expect(page.locator(".g-sum-total")).to_contain_text("1.250,00")
    address = page.get_by_role("link", name="PDF").get_attribute("href")
    first, again = (page.request.get(page.url.split("/invoices")[0] + address) for _time in range(2))
    assert first.body() == again.body()
    assert "Ergonomisk gennemgang" in reader.pages(first.body())[0]
    page.get_by_role("link", name="Debitor", exact=True).click()


def _part_payment(page: Page) -> None:
    payment = page.locator("form", has=page.get_by_role("button", name="Registrer betaling"))
    payment.get_by_label("Beløb").fill("450,00")
    payment.get_by_role("button").click()
    expect(page.locator(".g-balance-sum")).to_contain_text("800,00")


def _settled_automatically(page: Page) -> None:
    page.goto(page.url.split("/debtors")[0] + "/settling/")
    page.get_by_role("button", name="Vis poster").click()
    row = page.locator("tbody tr", has_text=NAME)
    expect(row).to_contain_text("450,00")
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Udlign valgte debitorer").click()
    expect(page.get_by_text("1 debitor er udlignet.")).to_be_visible()


def _undone(page: Page) -> None:
    """And settled again, by ticking: the undo is a row of its own, and the reminder asks for the rest alone."""
    page.goto(page.url.split("/settling")[0] + "/debtors/")
    page.locator("tbody tr", has_text=NAME).get_by_role("link", name="1", exact=True).click()
    page.get_by_role("switch", name="Vis udlignede").click()
    page.get_by_text("Fortryd …").click()
    page.get_by_label("Hvorfor").fill("Til prøve")
    page.get_by_role("button", name="Fortryd udligningen").click()
    expect(page.locator(".g-struck")).to_contain_text("Til prøve")
    for side in page.locator(".g-sides table").all():
        side.locator("tbody input[type=checkbox]").check()
    expect(page.locator("[data-sums]")).to_contain_text("kan udlignes: 450,00")
    page.get_by_role("button", name="Udlign", exact=True).click()
    expect(page.get_by_text("Ingen betaling og intet tilgodehavende er åbent.")).to_be_visible()


def _reminded(page: Page) -> None:
    page.get_by_role("link", name="Rykkerhåndtering").click()
    page.get_by_role("button", name="Vis forhåndsvisning").click()
    expect(page.locator("tbody tr", has_text=NAME)).to_contain_text("900,00")
    page.get_by_role("button", name="Lav rykkerne").click()
    expect(page.locator("tbody tr", has_text=NAME)).to_contain_text("Oprettet")
    page.get_by_role("button", name="Send 1 på e-mail").click()
    expect(page.get_by_text("venter på at blive sendt").first).to_be_visible()


def _from_the_plot_to_the_postings(page: Page) -> None:
    """What is left of the invoice stands in the bar of its age; the fee is not due yet."""
    page.get_by_role("link", name="Rapporter", exact=True).click()
    page.get_by_role("link", name="Aldersfordelt saldoliste").click()
    page.locator("svg.g-plot a", has_text="31–60 dage").click()
    page.wait_for_url("**/reports/open-items/**")
    row = page.locator("table.g-report tbody tr", has_text=NAME)
    expect(row).to_have_count(1)
    expect(row).to_contain_text("800,00")


def _exported(site: Site, page: Page) -> None:
    """The file holds what was shown."""
    page.get_by_role("button", name="Start eksporten").click()
    page.wait_for_url("**/jobs/*")
    with site.app.app_context():
        runner.execute(int(page.url.rsplit("/", 1)[1]))
    page.reload()
    with page.expect_download() as download:
        page.get_by_role("link", name="Hent filen").click()
    assert download.value.path().read_bytes().startswith(b"PK")


def _closed(window: Visitor, debtor_id: int) -> None:
    """Up to yesterday; then no invoice is dated there any more, and the page says why."""
    yesterday = today() - timedelta(days=1)
    page = window.open("/periods/")
    page.get_by_label("Luk til og med").fill(written(yesterday))
    page.get_by_role("button", name="Se på den først").click()
    closing = page.locator("form", has=page.get_by_role("button", name=f"Luk til og med {written(yesterday)}"))
    closing.get_by_label("Årsag").fill("Afstemt")
    closing.get_by_role("button").click()
    expect(page.locator("tbody tr").first).to_contain_text("Afstemt")
    page = window.open(f"/invoices/new/?debtor={debtor_id}")
    page.get_by_label("Dato").fill(written(yesterday))
    page.get_by_label("Tekst").first.fill("For sent")
    page.get_by_label("Pris inkl. moms").first.fill("1,00")
    page.get_by_role("button", name="Udsted faktura").click()
    expect(page.locator("#document_date-error")).to_contain_text(f"lukket til og med {written(yesterday)}")
