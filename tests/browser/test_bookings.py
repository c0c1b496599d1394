"""A booking from the profile to the list of deleted ones and back, in a browser; and the sheet that is printed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from gecko.clock import local, now
from gecko.db import db
from tests import factories

from .conftest import Site, Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def setting(site: Site) -> tuple[int, str]:
    """A customer, and the label of a time at which the calendar Mette is taken."""
    with site.app.app_context():
        who = factories.customer(name="Åse Ørn").id
        start_at = (now() + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
        calendar_id = factories.calendar(name="Mette").id
        factories.service(name="Klipning")
        factories.booking(calendar_id=calendar_id, start_at=start_at)
        taken = f"{local(start_at):%d-%m-%Y %H:%M}"
        db.session.remove()
    return who, taken


def test_book_over_a_clash_print_delete_and_restore(
    site: Site, visitor: Callable[..., Visitor], setting: tuple[int, str]
) -> None:
    who, taken = setting
    window = visitor("receptionist", language="en")
    page = window.open(f"/customers/{who}/bookings")
    page.click("text=New booking")
    page.select_option("select[name=calendar_id]", label="Mette")
    page.select_option("select[name=service_id]", label="Klipning")
    page.fill("input[name=start_at]", taken)
    assert not page.locator("input[name=may_overlap]").count()
    page.click("button:has-text('Save') >> nth=0")
    page.wait_for_selector("text=already booked")
    assert page.input_value("input[name=start_at]") == taken
    page.check("input[name=may_overlap]")
    page.click("button:has-text('Save') >> nth=0")
    page.wait_for_url("**/bookings/*")
    assert taken in page.inner_text("h1")
    assert window.axe() == []

    sheet = window.open(f"/customers/{who}/bookings/print")
    assert "Klipning" in sheet.inner_text("table")
    assert window.axe() == []

    page = window.open(f"/customers/{who}/bookings")
    assert "1" in page.inner_text(".nav-link.active .g-count")
    page.click("text=Go to specific booking")
    page.click("text=Delete …")
    page.click("main button.btn-danger")
    page.wait_for_selector("text=restore all the same")
    page.check("input[name=may_overlap]")
    page.click("button:has-text('Restore') >> nth=-1")
    page.wait_for_selector("text=Move …")
    unexpected = "Failed to load resource: the server responded with a status of 422 (UNPROCESSABLE ENTITY)"
    assert [one for one in window.problems() if one != unexpected] == []
