"""Every page in both languages, light and dark, on a desktop and a tablet: nothing refused, nothing inaccessible."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from gecko.db import db, transaction
from gecko.models.bookings import BookingStatus
from gecko.models.duplicates import DuplicateCase, DuplicatePair
from gecko.models.messages import Message, MessageState
from gecko.models.texts import MessageTemplate
from gecko.operations import sessions
from gecko.operations.duplicates import deciding
from tests import factories

from .conftest import DESKTOP, TABLET, Site, Visitor
from .pages import FRAME, PAGES

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("GECKO_SCREENSHOTS", "")


EVERY = [
    (language, theme, size) for language in ("da", "en") for theme in ("light", "dark") for size in (DESKTOP, TABLET)
]
EACH_ONCE = [("da", "light", DESKTOP), ("en", "dark", TABLET)]
CASES = [(page, look) for page in FRAME for look in EVERY] + [(page, look) for page in PAGES for look in EACH_ONCE]


@pytest.fixture(scope="module")
def filled(site: Site) -> Site:
    """A site with a row in every list."""
    with site.app.app_context():
        customer, payer = factories.linked(name="Åse Ørn", number="1001")
        factories.invoice(payer.id, 12_345, customer_id=customer.id)
        factories.item(name="Hårvask")
        factories.save(MessageTemplate(name="Fødselsdag", channel="sms", body="Tillykke, [KUNDEFORNAVN]!"))
        status_id = factories.save(BookingStatus(name="Bekræftet", colour="green")).id
        factories.booking(customer.id, service_id=factories.service().id, status_id=status_id, internal_note="Ring")
        for state in (MessageState.QUEUED, MessageState.UNKNOWN):
            message_id = factories.message(customer_id=customer.id, recipient="aase@example.dk", html="<p>Hej</p>")
            with transaction() as session:
                session.execute(update(Message).where(Message.id == message_id).values(state=state))
        factories.duplicate_case(times=2)
        merged = factories.person(), factories.person()
        survivor_id, absorbed_id = (one.id for one in merged)
        with transaction():
            deciding.merge(survivor_id, [absorbed_id], principal=None)
        part_id = db.session.get_one(DuplicateCase, factories.duplicate_case()).id
        pairs = list(db.session.scalars(select(DuplicatePair.id).where(DuplicatePair.case_id == part_id)))
        reviewer = factories.user("reviewer").id
        with transaction():
            deciding.different(pairs, principal=sessions.principal(reviewer))
    return site


@pytest.mark.parametrize(
    ("page", "look"), CASES, ids=[f"{page[0]}-{'-'.join(map(str, look[:2]))}-{look[2][0]}" for page, look in CASES]
)
def test_page(
    filled: Site,
    onlooker: Callable[..., Visitor],
    page: tuple[str, str, str],
    look: tuple[str, str, tuple[int, int]],
) -> None:
    (path, role, selector), (language, theme, size) = page, look
    window = onlooker(*([role] if role else []), language=language, theme=theme, size=size)
    shown = window.open(path)
    if SHOTS:
        name = f"{path.strip('/').replace('/', '-').split('?')[0] or 'start'}-{language}-{theme}-{size[0]}.png"
        shown.screenshot(path=Path(SHOTS) / name)
    assert shown.locator(selector).first.is_visible()
    assert shown.evaluate("document.documentElement.lang") == language
    assert shown.evaluate("document.documentElement.getAttribute('data-bs-theme')") == theme
    assert shown.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "no sideways scrolling"
    expected = {"Failed to load resource: the server responded with a status of 404 (NOT FOUND)"}
    assert [one for one in window.problems() if not (path == "/nowhere" and one in expected)] == []
    assert window.axe() == []
