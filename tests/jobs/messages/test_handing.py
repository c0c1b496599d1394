"""Several messages in hand at once: commits are shared, and one lane's trouble is not another's."""

import threading

import pytest
from sqlalchemy import event, select

from gecko.db import db
from gecko.gateways.outcomes import Aborted, Accepted, Fault
from gecko.models.messages import Message, MessageReason, MessageState
from jobs.messages import draining, handing
from tests.gecko.operations.messaging.outbox import EMAIL, change, customer, draft, enqueue, row

LANES = 4


class Lanes:
    """Outlets whose lanes stand before the fence together, as many at a time as there are."""

    def __init__(self, outcome=None):
        self.outcome = outcome or (lambda message_id: Accepted("250"))
        self.before, self.after = (threading.Barrier(LANES, timeout=20) for _edge in range(2))
        self.passed = []

    def lanes(self, channel):
        return LANES

    def load(self, message_ids):
        return {message_id: message_id for message_id in message_ids}

    def send(self, message_id, fence):
        self.before.wait()
        is_let_pass = fence()
        if is_let_pass:
            self.passed.append(message_id)
        self.after.wait()
        return self.outcome(message_id) if is_let_pass else Aborted()


@pytest.fixture
def steady(monkeypatch):
    monkeypatch.setattr(handing.Desk, "has_room", lambda self: self._in_hand < self._most)


def four(**values):
    return sorted(enqueue(*(draft(str(n), recipient=f"{n}@y.dk", **values) for n in range(LANES))))


def states(ids):
    return [row(one).state for one in ids]


def test_lanes_share_their_commits(app, steady):
    ids, commits = four(), []
    note = event.listens_for(db.engine, "commit")(lambda connection: commits.append(1))
    draining.drain(EMAIL, outlets=Lanes())
    event.remove(db.engine, "commit", note)
    assert states(ids) == [MessageState.SENT] * LANES
    assert len(commits) < 2 * LANES  # a claim, an empty one, and fewer than one for each fence and each answer


def test_one_that_may_not_pass_holds_nobody_up(app, steady):
    who = customer(accepts_marketing_email=True)
    ids = four()[1:]
    [unwilling] = enqueue(draft("ad", customer_id=who, is_marketing=True))
    outlets = Lanes()
    taken = outlets.load

    def load(message_ids):
        change(who, accepts_marketing_email=False)  # after the claim
        return taken(message_ids)

    outlets.load = load
    outlets.before = outlets.after = threading.Barrier(1)
    draining.drain(EMAIL, outlets=outlets)
    assert (row(unwilling).state, row(unwilling).reason) == (MessageState.SUPPRESSED, MessageReason.NO_CONSENT)
    assert states(ids) == [MessageState.SENT] * len(ids)
    assert unwilling not in outlets.passed


def test_a_defect_in_one_lane_leaves_the_answers_of_the_others_written(app, steady):
    ids = four()

    def outcome(message_id):
        if message_id == ids[0]:
            raise ZeroDivisionError
        return Accepted("250")

    with pytest.raises(ZeroDivisionError):
        draining.drain(EMAIL, outlets=Lanes(outcome))
    assert states(ids) == [MessageState.SENDING, *[MessageState.SENT] * 3]


def test_a_fence_that_breaks_lets_nobody_pass_and_loses_no_answer(app, steady, monkeypatch):
    first, *others = four()
    has_left, real = threading.Event(), handing.fencing.pass_fences

    class Later(Lanes):
        def send(self, message_id, fence):
            if message_id != first:
                has_left.wait(20)
            if not fence():
                return Aborted()
            self.passed.append(message_id)
            has_left.set()
            return Accepted("250")

    def breaks(message_ids, owner):
        if set(others).intersection(message_ids):
            raise ZeroDivisionError
        return real(message_ids, owner)

    monkeypatch.setattr(handing.fencing, "pass_fences", breaks)
    outlets = Later()
    with pytest.raises(ZeroDivisionError):
        draining.drain(EMAIL, outlets=outlets)
    assert outlets.passed == [first]
    assert states([first, *others]) == [MessageState.SENT, *[MessageState.SENDING] * 3]


def test_whoever_has_just_started_has_one_message_in_hand_and_more_with_what_went_through(sqlite_app):
    enqueue(*(draft(str(n), recipient=f"{n}@y.dk") for n in range(30)))
    most, in_hand, lock = [0], [], threading.Lock()

    class Counting(Lanes):
        def send(self, message_id, fence):
            with lock:
                in_hand.append(message_id)
                most.append(len(in_hand))
            assert fence()
            with lock:
                in_hand.remove(message_id)
            return Accepted("250")

    assert draining.drain(EMAIL, outlets=Counting()) == 30
    assert most[: handing.STEADY + 1] == [0, *[1] * handing.STEADY]
    assert 1 < max(most) <= LANES


def test_a_lane_that_was_told_yes_goes_on_but_passes_no_fence_before_its_answer_is_written(app):
    ids, engine, states = sorted(enqueue(*(draft(str(n), recipient=f"{n}@y.dk") for n in range(8)))), db.engine, []

    class OneAfterTheOther(Lanes):
        def send(self, message_id, fence):
            assert fence()
            with engine.connect() as connection:  # what a crash at this moment would leave
                before = select(Message.state).where(Message.id.in_(ids[: ids.index(message_id)]))
                states.extend(connection.scalars(before))
            return Accepted("250")

    assert draining.drain(EMAIL, outlets=OneAfterTheOther()) == len(ids) < handing.STEADY
    assert states == [MessageState.SENT] * sum(range(len(ids)))


def test_a_fault_gives_back_what_was_not_in_hand(app, steady):
    ids = sorted(enqueue(*(draft(str(n), recipient=f"{n}@y.dk") for n in range(LANES + 2))))
    outlets = Lanes()
    outlets.send = lambda message_id, fence: Fault("no connection")
    draining.drain(EMAIL, outlets=outlets)
    assert {row(one).attempt for one in ids} == {0}
    assert set(states(ids)) == {MessageState.QUEUED}
