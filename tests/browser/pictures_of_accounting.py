"""The pictures of the accountants' guide: what `screenshots` takes of debtors, reminders, reports and closing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Page

if TYPE_CHECKING:
    from .screenshots import Camera


def take(camera: Camera) -> None:
    """All of them; the demo gets a settlement, a run of reminders, a closed period and a batch."""
    with camera.signed_in("accountant") as page:
        _settling(camera, page)
        _bank(camera, page)
        _reports(camera, page)
        _reminding(camera, page)
        _closing(camera, page)
    with camera.signed_in("accountant", language="en") as page:
        camera.go(page, "/reports/balance-list/")
        camera.take(page, "accounting-ageing-en")


def _settling(camera: Camera, page: Page) -> None:
    camera.go(page, "/settling/?show=1&low=&high=")
    camera.take(page, "accounting-automatic-da")
    page.click("main tbody tr:nth-child(1) th a, main tbody tr:nth-child(1) td a")
    page.wait_for_load_state("networkidle")
    address = page.url
    for table in page.locator("main table").all()[:2]:
        table.locator("tbody input[type=checkbox]").first.check()
    camera.take(page, "accounting-settle-da")
    page.click("main button:has-text('Udlign')")
    page.wait_for_load_state("networkidle")
    page.goto(address)
    page.click("main a:has-text('Vis udlignede')")
    camera.take(page, "accounting-settled-da")


def _bank(camera: Camera, page: Page) -> None:
    camera.go(page, "/bank-payments/?f_state=open")
    camera.take(page, "accounting-bank-da")


def _reports(camera: Camera, page: Page) -> None:
    camera.go(page, "/reports/balance-list/")
    camera.take(page, "accounting-ageing-da")
    page.locator("main figure svg a, main svg a").last.click()
    camera.take(page, "accounting-open-items-da")
    camera.go(page, "/reports/vat-summary/")
    camera.take(page, "accounting-vat-da")


def _reminding(camera: Camera, page: Page) -> None:
    camera.go(page, "/dunning_runs/")
    page.click("main form[method=get] button[type=submit]")
    camera.take(page, "accounting-remind-da")


def _closing(camera: Camera, page: Page) -> None:
    camera.go(page, "/bookkeeping/")
    camera.take(page, "accounting-bookkeeping-da")
    camera.go(page, "/periods/")
    camera.take(page, "accounting-periods-da")
