"""A campaign that pauses lets nothing go, at once and without touching its messages; one that is stopped, never."""

import pytest

from gecko.db import db, transaction
from gecko.errors import Conflict, Invalid
from gecko.models.address_failures import Channel
from gecko.models.campaigns import Campaign
from gecko.models.messages import MessageState
from gecko.operations import address_failures, customers, settings
from gecko.operations.campaigns import drafting, steering
from gecko.operations.messaging import claiming, deciding, faring
from gecko.operations.texts.reviewing import Source
from tests.gecko.operations.campaigns.mailings import (
    BOSS,
    EMAIL,
    SMS,
    awake,
    drafted,
    finish,
    say,
    standing,
    start,
    state,
    steer,
    willing,
    write,
)
from tests.gecko.operations.messaging.outbox import answer, claim, draft, enqueue, fence, row, sweep


@pytest.fixture(autouse=True)
def _awake(app):
    awake()


def _running(number=3):
    ids = [willing(email=f"{one}@example.dk") for one in range(number)]
    campaign_id = drafted()
    start(campaign_id)
    write(campaign_id, ids)
    return campaign_id


def test_a_pause_holds_what_waits_and_what_was_taken_up(app):
    campaign_id = _running()
    [taken] = claim(limit=1)
    steer("pause", campaign_id)
    assert claim() == []
    assert not claiming.is_any_due(EMAIL)
    assert not fence(taken)
    assert (row(taken).state, row(taken).attempt) == (MessageState.QUEUED, 0)
    assert [one.due for one in faring.read()] == [0, 0]
    steer("go_on", campaign_id)
    assert len(claim()) == 3
    assert state(campaign_id) == "running"


def test_a_paused_campaign_holds_up_nobody_else(app):
    campaign_id = _running(5)
    steer("pause", campaign_id)
    [other] = enqueue(draft(recipient="x@example.dk"))
    assert claim(limit=1) == [other]


def test_what_is_said_to_one_goes_before_what_is_said_to_many(app):
    _running(5)
    [other] = enqueue(draft(recipient="x@example.dk"))
    assert claim(limit=1) == [other]
    assert len(claim()) == 5


def test_campaigns_keep_the_quiet_hours(app):
    _running()
    with transaction():
        settings.put("message.quiet_from", "00:00")
        settings.put("message.quiet_until", "23:59")
    assert claim() == []
    awake()
    assert len(claim()) == 3


def test_a_stop_calls_off_what_waits_and_refuses_what_was_taken_up(app):
    campaign_id = _running(3)
    taken = claim(limit=1)
    assert steer("stop", campaign_id, principal=BOSS)
    assert steer("stop", campaign_id, principal=BOSS) is None
    assert not fence(taken[0])
    with transaction():
        assert steering.withdraw_some(campaign_id) == 2
    assert standing(campaign_id) == {("cancelled", "withdrawn"): 3}
    with pytest.raises(Conflict):
        steer("go_on", campaign_id)


def test_what_waits_for_an_address_does_not_come_back_to_a_stopped_campaign(app):
    customer_id = willing(email="gammel@example.dk")
    with transaction():
        address_failures.mark(Channel.EMAIL, "gammel@example.dk", reason="550")
    campaign_id = drafted()
    start(campaign_id)
    write(campaign_id, [customer_id])
    steer("stop", campaign_id, principal=BOSS)
    with transaction():
        version = customers.find(customer_id, BOSS).row_version
        customers.update(customer_id, {"email": "ny@example.dk"}, row_version=version, principal=BOSS)
    sweep()
    assert standing(campaign_id) == {("suppressed", "address_failed"): 1}


def test_a_campaign_ends_when_nothing_of_it_waits_and_goes_on_when_something_does_again(app):
    customer_id = willing(email="gammel@example.dk")
    with transaction():
        address_failures.mark(Channel.EMAIL, "gammel@example.dk", reason="550")
    campaign_id = drafted()
    start(campaign_id)
    write(campaign_id, [customer_id, willing(email="god@example.dk")])
    sweep()
    assert state(campaign_id) == "running"  # not everything is written
    finish(campaign_id)
    sweep()
    assert state(campaign_id) == "running"  # one waits
    [message_id] = claim()
    sweep()
    assert state(campaign_id) == "running"  # and is being sent
    fence(message_id)
    answer("sent", message_id)
    sweep()
    assert state(campaign_id) == "done"
    assert db.session.get(Campaign, campaign_id).finished_at is not None
    with transaction():
        version = customers.find(customer_id, BOSS).row_version
        customers.update(customer_id, {"email": "ny@example.dk"}, row_version=version, principal=BOSS)
    sweep()
    assert state(campaign_id) == "running"
    [message_id] = claim()
    assert row(message_id).recipient == "ny@example.dk"


def test_a_message_nobody_knows_of_is_not_sent_again_for_a_stopped_campaign(app):
    campaign_id = _running(1)
    [message_id] = claim()
    fence(message_id)
    answer("unclear", message_id, detail="no answer")
    steer("stop", campaign_id, principal=BOSS)
    with pytest.raises(Conflict), transaction():
        deciding.send_again(message_id)
    assert row(message_id).state == MessageState.UNKNOWN


def test_a_draft_that_was_changed_since_it_was_looked_at_is_not_started(app):
    campaign_id = drafted()
    with transaction():
        seen = drafting.get(campaign_id).row_version
    say(campaign_id, body="Noget andet")
    with pytest.raises(Conflict), transaction():
        steering.start(campaign_id, row_version=seen, principal=BOSS)
    start(campaign_id)
    with pytest.raises(Conflict), transaction():
        drafting.write(campaign_id, EMAIL, "da", Source("Nyt", "Nyt"), seen="")
    with pytest.raises(Conflict), transaction():
        drafting.update(campaign_id, {"name": "Andet"})


@pytest.mark.parametrize(("body", "channel"), [("Dit nr. er [KUNDECPRNR]", SMS), (None, EMAIL)])
def test_what_says_nothing_or_must_not_go_by_sms_is_not_started(app, body, channel):
    campaign_id = drafted(texts=())
    if body:
        say(campaign_id, channel, body=body)
    with pytest.raises(Invalid):
        start(campaign_id)


def test_two_who_write_the_same_text_do_not_overwrite_each_other(app):
    campaign_id = drafted()
    with pytest.raises(Conflict), transaction():
        drafting.write(campaign_id, EMAIL, "da", Source("A", "B"), seen=drafting.mark(None))
    with transaction():
        seen = drafting.mark(drafting.text(campaign_id, EMAIL, "da"))
        drafting.write(campaign_id, EMAIL, "da", Source("", ""), seen=seen)
        assert drafting.text(campaign_id, EMAIL, "da") is None


def test_a_message_that_is_no_newsletter_needs_its_reason(app):
    with pytest.raises(Invalid), transaction():
        drafting.create({"name": "Flytning", "is_marketing": False, "service_reason": " "}, query="")
    assert drafted(is_marketing=False, service_reason="Vi flytter den 1. maj")
