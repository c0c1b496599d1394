"""Every newsletter by e-mail ends with the customer's link, unless its author put it elsewhere."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from gecko import unsubscribe_links
from gecko.db import db
from gecko.models.messages import Message
from gecko.operations.campaigns import footers
from gecko.operations.texts.reviewing import Source
from tests.gecko.operations.campaigns.mailings import EMAIL, SMS, awake, drafted, say, start, willing, write


@pytest.fixture(autouse=True)
def _public(app):
    config = app.config["GECKO"]
    gateways = replace(config.gateways, public_url="https://booking.example.dk")
    app.config["GECKO"] = replace(config, gateways=gateways)
    awake()


def _sent(body, **values):
    customer_id = willing(email="anna@example.dk", mobile="+4520000001")
    campaign_id = drafted(texts=(), **values)
    for channel in (EMAIL, SMS):
        say(campaign_id, channel, body=body)
    start(campaign_id)
    write(campaign_id)
    rows = db.session.scalars(select(Message).where(Message.campaign_id == campaign_id))
    return {one.channel: one for one in rows}, unsubscribe_links.page(customer_id)


def test_the_link_is_put_at_the_end_of_an_email_alone(app):
    sent, link = _sent("Nu er det forår.")
    assert sent[EMAIL].body.endswith(f"Afmeld dem her: {link}")
    assert f'href="{link}"' in sent[EMAIL].html
    assert link not in sent[SMS].body


def test_markup_gets_it_as_a_link(app):
    sent, link = _sent("<h2>Forår</h2><p>Nu</p>")
    assert f'href="{link}"' in sent[EMAIL].html
    assert link in sent[EMAIL].body


def test_where_the_author_wrote_it_there_it_stands_once(app):
    sent, link = _sent("Sig nej: [afmeldlink]. Hilsen os")
    assert sent[EMAIL].body.count(link) == 1
    assert sent[EMAIL].body.endswith("Hilsen os")


def test_a_service_message_has_none(app):
    sent, link = _sent("Vi flytter.", is_marketing=False, service_reason="Ny adresse")
    assert link not in sent[EMAIL].body


def test_there_is_none_where_no_link_can_be_made(app):
    config = app.config["GECKO"]
    app.config["GECKO"] = replace(config, gateways=replace(config.gateways, public_url=""))
    source = Source("Forår", "Nu er det forår.")
    assert footers.with_link(source, EMAIL, "da") == source
