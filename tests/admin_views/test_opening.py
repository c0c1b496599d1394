"""The picture in newsletters: only for customers who allow it, noted once, signed, and the same point for everybody."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from gecko import open_links
from gecko.db import db, transaction
from gecko.gateway_settings import GatewaySettings, IntoFile
from gecko.gateways.email import file as email_file
from gecko.models.customers import Customer
from gecko.models.messages import Message
from gecko.operations import settings
from gecko.operations.campaigns import figures
from jobs.messages import draining
from tests.gecko.operations.campaigns.mailings import awake, drafted, start, willing, write


@pytest.fixture
def public(app):
    gateways = GatewaySettings(email=IntoFile(), sms=IntoFile(), public_url="https://booking.example.dk")
    app.config["GECKO"] = replace(app.config["GECKO"], gateways=gateways)
    awake()
    with transaction():
        settings.put("company.name", "Klinik Ågade A/S")
        settings.put("company.email", "klinik@example.dk")
    return app


def _sent():
    """Messages to one customer who allows it and one who does not, sent."""
    willing(email="ja@example.dk", allows_open_tracking=True)
    willing(email="nej@example.dk")
    campaign_id = drafted()
    start(campaign_id)
    write(campaign_id)
    assert draining.drain_all() == 2
    db.session.rollback()
    rows = {row.recipient: row.id for row in db.session.query(Message).filter_by(campaign_id=campaign_id)}
    return campaign_id, rows["ja@example.dk"], rows["nej@example.dk"]


def _opened(message_id):
    db.session.rollback()
    return db.session.get(Message, message_id, populate_existing=True).opened_at


def _path(message_id):
    return open_links.picture(message_id).removeprefix("https://booking.example.dk")


def test_only_who_allows_it_gets_the_picture_and_the_log_is_without_it(public):
    _campaign_id, yes, _no = _sent()
    folder = public.config["GECKO"].folder("trial")
    pictured = {one.recipient for one in email_file.sent(folder) if "/o/" in one.html}
    assert pictured == {"ja@example.dk"}
    assert "<img" not in db.session.get(Message, yes).html


def test_the_first_fetch_is_noted_and_no_further_one(public):
    campaign_id, yes, _no = _sent()
    visitor = public.test_client()
    answer = visitor.get(_path(yes))
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, "image/gif", "no-store")
    first = _opened(yes)
    assert first is not None
    visitor.get(_path(yes))
    assert _opened(yes) == first
    assert [one.opened for one in figures.standings(campaign_id)] == [1]
    assert sum(span.counts[figures.What.OPENED] for span in figures.course(campaign_id)) == 1


def test_nothing_is_noted_without_leave_or_with_a_forged_address(public):
    _campaign_id, yes, no = _sent()
    visitor = public.test_client()
    with transaction() as session:
        session.execute(update(Customer).values(allows_open_tracking=False))
    forged = f"/o/{yes}.{'a' * 16}.gif"
    for path in (_path(yes), _path(no), forged, "/o/x.gif"):
        answer = visitor.get(path)
        assert (answer.status_code, answer.mimetype) == (200, "image/gif")
    assert _opened(yes) is None
    assert _opened(no) is None
