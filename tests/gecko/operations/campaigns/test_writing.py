"""Messages of a campaign: one a customer and channel whoever writes again, none after a stop."""

import pytest
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.models.campaigns import Campaign
from gecko.models.messages import Message, MessageReason
from gecko.operations import merging, settings
from gecko.operations.campaigns import writing
from tests.gecko.operations.campaigns.mailings import (
    BOSS,
    EMAIL,
    SMS,
    awake,
    drafted,
    say,
    standing,
    start,
    steer,
    willing,
    write,
)


@pytest.fixture(autouse=True)
def _awake(app):
    awake()


def _messages(campaign_id):
    return db.session.scalars(select(Message).where(Message.campaign_id == campaign_id).order_by(Message.id)).all()


def test_each_gets_it_in_their_language_over_each_channel(app):
    anna = willing(name="Anna Bech", email="anna@example.dk", mobile="+4520000001")
    bob = willing(name="Bob Hill", email="bob@example.dk", mobile="+4520000002", language="en")
    with transaction():
        settings.put("message.sms_price_ore", 25)
    campaign_id = drafted(texts=((EMAIL, "da"), (SMS, "da")))
    say(campaign_id, EMAIL, "en", "Dear [CUSTOMERFIRSTNAME], it is spring.")
    start(campaign_id)
    assert write(campaign_id) == 4
    found = {(one.customer_id, one.channel): one for one in _messages(campaign_id)}
    assert found[anna, EMAIL].body == "Kære Anna, nu er det forår."
    assert found[bob, EMAIL].body == "Dear Bob, it is spring."
    assert found[bob, EMAIL].language == "en"
    assert found[bob, SMS].body == "Kære Bob, nu er det forår."  # there is no English text message
    assert (found[bob, SMS].language, found[bob, SMS].segments, found[bob, SMS].price_ore) == ("da", 1, 25)
    assert all(one.is_marketing for one in found.values())


def test_writing_again_doubles_nothing(app):
    ids = [willing(email=f"{number}@example.dk") for number in range(5)]
    campaign_id = drafted()
    start(campaign_id)
    assert write(campaign_id, ids[:3]) == 3
    assert write(campaign_id, ids) == 2
    assert write(campaign_id, ids) == 0
    assert standing(campaign_id) == {("queued", None): 5}


def test_one_address_gets_one_message_also_across_transactions(app):
    first, second = willing(email="par@example.dk"), willing(email="par@example.dk")
    campaign_id = drafted()
    start(campaign_id)
    write(campaign_id, [first])
    write(campaign_id, [second])
    assert [one.reason for one in _messages(campaign_id)] == [None, MessageReason.ADDRESS_SHARED]


def test_the_survivor_answers_for_who_was_merged_meanwhile(app):
    stays, goes = willing(name="Ida Holm", email="ida@example.dk"), willing(name="Ida Holm", email="i@example.dk")
    campaign_id = drafted()
    start(campaign_id)
    with transaction():
        merging.merge(stays, [goes])
    assert write(campaign_id, [stays, goes]) == 1
    assert [one.customer_id for one in _messages(campaign_id)] == [stays]


def test_what_says_nothing_to_somebody_is_not_sent_to_them(app):
    willing(email="a@example.dk", city="Ribe")
    willing(email="b@example.dk")
    campaign_id = drafted()
    say(campaign_id, body="[KUNDEBYNAVN]")
    start(campaign_id)
    write(campaign_id)
    assert [one.reason for one in _messages(campaign_id)] == [None, MessageReason.TEXT_UNFIT]


def test_nothing_is_written_after_a_stop(app):
    customer_id = willing(email="a@example.dk")
    campaign_id = drafted()
    start(campaign_id)
    steer("stop", campaign_id, principal=BOSS)
    with pytest.raises(writing.Over):
        write(campaign_id, [customer_id])
    assert _messages(campaign_id) == []


def test_many_are_written_with_a_fixed_number_of_statements(app, queries):
    ids = [willing(email=f"{number}@example.dk") for number in range(40)]
    campaign_id = drafted()
    start(campaign_id)
    db.session.get(Campaign, campaign_id)
    with queries(app) as few:
        write(campaign_id, ids[:10])
    with queries(app) as many:
        write(campaign_id, ids[10:])
    assert len(many) == len(few)
