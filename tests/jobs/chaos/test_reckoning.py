"""The reckoning sees every fault that a trial looks for; and a small trial finds none."""

import pytest
from sqlalchemy import update

from gecko.db import transaction
from gecko.models.messages import Message, MessageState
from jobs.chaos import accounting, systematic
from jobs.chaos.stage import stage
from jobs.chaos.truth import Taken
from tests.gecko.operations.messaging.outbox import claim, draft, enqueue, fence, row


def taken(*references):
    return [Taken("x@y.dk", reference, "", "") for reference in references]


@pytest.fixture
def three(sqlite_app):
    ids = sorted(enqueue(*(draft(f"k{n}", recipient="x@y.dk") for n in range(3))))
    put(ids, state=MessageState.SENT)
    return ids


def put(ids, **values):
    with transaction() as session:
        session.execute(update(Message).where(Message.id.in_(ids)).values(values))


def settle(*references, keys=("k0", "k1", "k2")):
    return accounting.settle(keys, taken(*references))


def references(ids):
    return [row(one).reference for one in ids]


def test_all_is_well(three):
    account = settle(*references(three))
    assert (account.sent, account.is_whole, account.is_decided) == (3, True, True)


def test_each_fault_is_seen(three):
    first, second, third = references(three)
    assert settle(first, second).lost == 1  # called sent, and nobody got it
    assert settle(first, second, third, keys=("k0", "k1", "k2", "k3")).lost == 1  # promised, and not there
    assert settle(first, second, third, third).twice == 1
    assert settle(first, second, third, "nobody's").stray == 1
    put(three[2:], state=MessageState.FAILED)
    assert settle(first, second, third).stray == 1
    put(three[2:], state=MessageState.QUEUED)
    assert settle(first, second).waiting == 1
    put(three[2:], state=MessageState.UNKNOWN)
    account = settle(first, second)
    assert (account.outside, account.undecided, account.undecided_arrived) == (1, 1, 0)
    assert not account.is_decided


def test_what_was_handed_over_may_be_undecided(sqlite_app):
    [message_id] = enqueue(draft("k", recipient="x@y.dk"))
    claim()
    fence(message_id)
    put([message_id], state=MessageState.UNKNOWN, phase=None)
    account = settle(keys=("k",))
    assert (account.outside, account.undecided, account.is_whole) == (0, 1, True)


def test_a_small_trial_at_each_point(tmp_path):
    with stage("sqlite") as made:
        found, keys = systematic.run(made, 1)
        account = accounting.settle(keys, made.taken())
    assert {point: set(seen) for point, seen in found.items()} == {
        point: systematic.allowed(point) for point in systematic.POINTS
    }
    assert account.is_whole
