"""The pictures of the accountants' guide: from the invoice to closed books, as `screenshots` takes them of a demo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from .screenshots import Camera

_IN_ENGLISH = (
    ("debtors", "/debtors/"), ("bank", "/bank-payments/?f_state=open"), ("reminders", "/dunning/"),
    ("ageing", "/reports/balance-list/"), ("periods", "/periods/"),
)  # fmt: skip


def take(camera: Camera) -> None:
    """All of them; the demo gets a draft that is issued, a part payment, and settlements of which one is undone."""
    with camera.signed_in("accountant") as page:
        _invoicing(camera, page)
        _settling(camera, page)
        _bank(camera, page)
        _reminding(camera, page)
        _reports(camera, page)
        _closing(camera, page)
    with camera.signed_in("accountant", language="en", scheme="dark") as page:
        for name, path in _IN_ENGLISH:
            camera.go(page, path)
            camera.take(page, f"accounting-{name}-en")


def _invoicing(camera: Camera, page: Page) -> None:
    camera.go(page, "/debtors/")
    camera.take(page, "accounting-debtors-da")
    camera.go(page, "/invoice-drafts/")
    page.click("main tbody tr:first-child th a")
    page.click("main button:has-text('Udsted faktura')")
    page.wait_for_url("**/invoices/*")
    camera.take(page, "accounting-invoice-da")


def _settling(camera: Camera, page: Page) -> None:
    camera.go(page, "/settling/?show=1&low=&high=")
    camera.take(page, "accounting-automatic-da")
    page.click("main tbody tr:first-child th a")
    page.wait_for_selector(".g-sides")
    address = page.url
    for table in page.locator(".g-sides table").all():
        table.locator("tbody input[type=checkbox]").first.check()
    camera.take(page, "accounting-settle-da")
    page.click("main button:has-text('Udlign'):not([formaction])")
    expect(page.locator("#g-flashes .alert")).to_be_visible()
    page.goto(address)
    page.click("main a:has-text('Vis udlignede')")
    page.locator("summary:has-text('Fortryd')").first.click()
    page.locator(".g-undo-form input[name=reason]").first.fill("Hører til en anden faktura")
    page.evaluate("scrollTo(0, document.querySelector('.g-settlements').getBoundingClientRect().top + scrollY - 120)")
    camera.take(page, "accounting-undo-da")


def _bank(camera: Camera, page: Page) -> None:
    camera.go(page, "/bank-payments/?f_state=open")
    camera.take(page, "accounting-bank-da")


def _reminding(camera: Camera, page: Page) -> None:
    camera.go(page, "/dunning_runs/")
    page.click("main form[method=get] button[type=submit]")
    camera.take(page, "accounting-remind-da")
    camera.go(page, "/dunning/")
    camera.take(page, "accounting-reminders-da")


def _reports(camera: Camera, page: Page) -> None:
    camera.go(page, "/reports/balance-list/")
    camera.take(page, "accounting-ageing-da")
    page.locator("main svg.g-plot a").last.click()
    page.wait_for_url("**/reports/open-items/**")
    camera.take(page, "accounting-open-items-da")
    camera.go(page, "/reports/vat-summary/")
    camera.take(page, "accounting-vat-da")


def _closing(camera: Camera, page: Page) -> None:
    camera.go(page, "/bookkeeping/")
    page.fill("input[name=starts_on]", "01-10-2026")
    page.fill("input[name=ends_on]", "31-10-2026")
    page.click("main form[method=get] button[type=submit]")
    camera.take(page, "accounting-bookkeeping-da")
    camera.go(page, "/periods/")
    page.fill("input[name=until] >> nth=0", "31-10-2026")
    page.click("main form[method=get] button[type=submit]")
    camera.take(page, "accounting-periods-da")
