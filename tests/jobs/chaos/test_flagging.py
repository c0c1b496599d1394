"""The reckoning of marked addresses sees what must not be, and a small trial over all paths finds none of it."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import select

from gecko.clock import now
from gecko.db import db, transaction
from gecko.models.address_failures import Channel
from gecko.models.messages import Message, MessageChannel, MessageKind
from gecko.operations import address_failures
from jobs.chaos import flagging, flagging_paths
from jobs.chaos.stage import stage
from jobs.chaos.truth import Taken
from tests.gecko.operations.messaging import outbox

ADDRESS, AN_HOUR = "kunde@example.dk", timedelta(hours=1)


@pytest.fixture
def left(sqlite_app):
    """A mail that passed its fence a moment ago, as the mail server noted it."""
    [message_id] = outbox.enqueue(outbox.draft(customer_id=outbox.customer()))
    outbox.claim()
    outbox.fence(message_id)
    outbox.answer("sent", message_id)
    return Taken(ADDRESS, outbox.row(message_id).reference, "", "")


def reckon(*taken, since, until=None):
    customer_id = db.session.scalar(select(Message.customer_id))
    mark = flagging.Mark(customer_id, Channel.EMAIL, ADDRESS, now() + since, until and now() + until)
    trial = flagging.Trial(random.Random(1), {(Channel.EMAIL, ADDRESS): mark})
    return flagging._reckon(trial, list(taken), written=1, waiting=0)


@pytest.mark.parametrize(
    ("since", "until", "is_wrong"),
    [(-AN_HOUR, None, True), (-AN_HOUR, AN_HOUR, True), (AN_HOUR, None, False), (-2 * AN_HOUR, -AN_HOUR, False)],
)
def test_what_left_while_its_address_was_marked_is_seen(left, since, until, is_wrong):
    found = reckon(left, since=since, until=until)
    assert (found.sent_to_flagged, found.is_clean) == (int(is_wrong), not is_wrong)


def test_a_second_copy_is_seen(left):
    assert not reckon(left, left, since=AN_HOUR).is_clean


def test_what_is_held_back_after_its_address_was_put_right_is_seen(left):
    outbox.enqueue(outbox.draft("later", customer_id=db.session.scalar(select(Message.customer_id))))
    held = db.session.scalars(select(Message).order_by(Message.id.desc())).first().id
    with transaction():
        address_failures.mark(Channel.EMAIL, ADDRESS, reason="550")
    assert outbox.row(held).reason == "address_failed"
    assert reckon(since=-AN_HOUR, until=-timedelta(minutes=1)).not_gone_again == 1
    assert reckon(since=-AN_HOUR).not_gone_again == 0


def test_a_small_trial_is_clean():
    with stage("sqlite") as made:
        found = flagging.run(made.app, made.taken, messages=120, flagged=8, senders=1)
        kinds = {tuple(one) for one in db.session.execute(select(Message.channel, Message.kind))}
    assert found.is_clean, found
    assert (found.flagged > 2, found.sent + found.held_back) == (True, found.messages)
    by_operation = {
        (MessageChannel.EMAIL, MessageKind.MANUAL), (MessageChannel.EMAIL, MessageKind.REMINDER),
        (MessageChannel.SMS, MessageKind.APPOINTMENT_CARD), (MessageChannel.SMS, MessageKind.CONFIRMATION),
    }  # fmt: skip
    assert by_operation | {flagging_paths.BULK[0]} <= kinds
