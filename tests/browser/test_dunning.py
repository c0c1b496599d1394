"""Reminding debtors in a real browser: the preview, the run, and the letter's page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from gecko.clock import today
from tests import factories

from .conftest import Site, Visitor

pytestmark = pytest.mark.browser


def test_debtors_are_reminded_from_the_preview(site: Site, visitor: Callable[..., Visitor]) -> None:
    with site.app.app_context():
        for name in ("Salon Ravn ApS", "Fodklinikken Bøg A/S"):
            debtor_id = factories.debtor(company_name=name).id
            factories.invoice(debtor_id, 123_450, document_date=today() - timedelta(days=60))
    window = visitor("accountant")
    page = window.open("/dunning_runs/")
    page.get_by_role("button", name="Vis forhåndsvisning").click()
    expect(page.get_by_text("Salon Ravn ApS")).to_be_visible()
    assert window.axe() == []
    page.get_by_label("Udelad Fodklinikken Bøg A/S").check()
    page.get_by_role("button", name="Lav rykkerne").click()
    expect(page.get_by_text("1.334,50")).to_be_visible()
    page.get_by_role("link", name="1", exact=True).click()
    expect(page.get_by_role("heading", name="Rykker nr. 1")).to_be_visible()
    assert window.axe() == []
    assert window.problems() == []
