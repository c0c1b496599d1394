"""Said, taken back, imported, merged, undone, queued, claimed, in any order: no marketing leaves without a yes.

The model only remembers what was said last to each customer, whoever they were merged with at the time.
GECKO_MACHINE_RUNS asks for more runs than the default.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import select, update

from gecko import actor
from gecko.channels import Channel
from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.models.messages import Message, MessageKind, MessageReason, MessageState
from gecko.operations import customers, merging
from gecko.operations.checking import customers as checks
from gecko.operations.messaging import unsubscribing
from tests import factories
from tests.gecko.operations.messaging.outbox import claim, draft, enqueue, fence, sweep

ASKED = os.environ.get("GECKO_MACHINE_RUNS")
RUNS = int(ASKED or "6")  # the same ones each time unless more are asked for
STEPS = 30
_PICK = st.integers(0, 10**6)
ADDRESSES = ("a@example.dk", "b@example.dk", "c@example.dk", "d@example.dk")
IMPORT = actor.Actor(name="gecko import", source="import")
LINK = actor.Actor(name="Link in a message", source="link", ip="192.0.2.1")


class Machine(RuleBasedStateMachine):
    """Does to the product what people and jobs do."""

    passed = 0

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[int, bool] = {}
        self.into: dict[int, int] = {}
        self.living: set[int] = set()
        self.was_merged: set[int] = set()
        self.merges: list[tuple[int, int, int]] = []
        self.claimed: list[int] = []
        self.queued = 0

    def pick(self, number: int) -> int:
        assume(self.living)
        return sorted(self.living)[number % len(self.living)]

    def end(self, one: int) -> int:
        while one in self.into:
            one = self.into[one]
        return one

    def family(self, one: int) -> set[int]:
        return {member for member in self.said if self.end(member) == one}

    def note(self, one: int, is_yes: bool) -> None:
        for member in self.family(one):
            self.said[member] = is_yes

    def may_get(self, one: int) -> bool:
        return all(self.said[member] for member in self.family(one))

    @initialize()
    def some(self) -> None:
        for n in range(4):
            self.create(n, n != 1)

    @rule(n=_PICK, is_yes=st.booleans())
    def create(self, n: int, is_yes: bool) -> None:
        values = {"email": ADDRESSES[n % len(ADDRESSES)], "accepts_marketing_email": is_yes}
        one = factories.customer(**values).id
        self.said[one] = is_yes
        self.living.add(one)

    @rule(n=_PICK, is_yes=st.booleans())
    def by_staff(self, n: int, is_yes: bool) -> None:
        one = self.pick(n)
        row = db.session.execute(
            select(Customer.row_version, Customer.accepts_marketing_email).where(Customer.id == one)
        ).one()
        if row.accepts_marketing_email == is_yes:
            return  # the box stands like that already: nothing was said
        with transaction():
            customers.update(one, {"accepts_marketing_email": is_yes}, row_version=row.row_version)
        self.note(one, is_yes)

    @rule(n=_PICK, is_yes=st.booleans())
    def by_import(self, n: int, is_yes: bool) -> None:
        one = self.pick(n)
        own = Customer.id == one
        if db.session.scalar(select(Customer.accepts_marketing_email).where(own)) == is_yes:
            return
        with actor.acting_as(IMPORT), transaction() as session:
            session.execute(update(Customer.__table__).where(own).values(accepts_marketing_email=is_yes))
        self.note(one, is_yes)

    @rule(n=_PICK)
    def by_link(self, n: int) -> None:
        one = sorted(self.said)[n % len(self.said)]  # perhaps a link from before a merge
        end = self.end(one)
        address = db.session.scalar(select(Customer.email).where(Customer.id == end))
        sharing = select(Customer.id).where(Customer.email == address, Customer.deleted_at.is_(None))
        for other in {end, *db.session.scalars(sharing)}:
            self.note(other, False)
        db.session.rollback()
        with actor.acting_as(LINK), transaction():
            unsubscribing.stop(one, Channel.EMAIL)

    @precondition(lambda self: len(self.living) > 1)
    @rule(order=st.randoms(use_true_random=False))
    def merge(self, order) -> None:
        survivor, absorbed = order.sample(sorted(self.living), 2)
        with transaction():
            merge_id = merging.merge(survivor, [absorbed]).id
        self.merges.append((merge_id, survivor, absorbed))
        self.into[absorbed] = survivor
        self.living.discard(absorbed)
        self.was_merged |= {survivor, absorbed}

    @precondition(lambda self: self.merges)
    @rule(n=_PICK)
    def undo(self, n: int) -> None:
        merge_id, _survivor, absorbed = self.merges[n % len(self.merges)]
        try:
            with transaction():
                merging.undo(merge_id)
        except merging.Blocked:
            return
        self.merges.remove((merge_id, _survivor, absorbed))
        del self.into[absorbed]
        self.living.add(absorbed)

    @rule(n=_PICK)
    def queue(self, n: int) -> None:
        self.queued += 1
        key = f"{id(self)}:{self.queued}"
        one = sorted(self.said)[n % len(self.said)]
        [message_id] = enqueue(draft(key, customer_id=one, kind=MessageKind.CAMPAIGN, is_marketing=True))
        if db.session.get(Message, message_id).state == MessageState.QUEUED:
            assert self.may_get(self.end(one))

    @rule(many=st.integers(1, 5))
    def take(self, many: int) -> None:
        self.claimed += claim(limit=many)

    @rule()
    def hand_over(self) -> None:
        for message_id in self.claimed:
            owner = db.session.get(Message, message_id, populate_existing=True).customer_id
            has_passed = fence(message_id)
            if has_passed:
                assert self.may_get(self.end(owner))
            elif owner not in self.was_merged and owner in self.living:
                assert not self.said[owner]
            type(self).passed += has_passed
        self.claimed = []
        sweep()

    def teardown(self) -> None:
        """What every customer answers is what was said last, and each answer was kept."""
        self.hand_over()
        present = dict(db.session.execute(select(Customer.id, Customer.accepts_marketing_email)).all())
        for one in self.living:
            assert not present[one] or self.may_get(one)
            if one not in self.was_merged:
                assert present[one] == self.said[one]
        assert checks.consents().is_ok
        with transaction() as session:
            session.execute(update(Message).where(Message.state == MessageState.QUEUED).values(state="cancelled"))


def test_no_marketing_leaves_without_a_yes(app):
    class OnThisDatabase(Machine):
        pass

    run_state_machine_as_test(
        OnThisDatabase,
        settings=settings(
            max_examples=RUNS, stateful_step_count=STEPS, database=None, print_blob=True,
            derandomize=ASKED is None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    assert OnThisDatabase.passed > 0
    reasons = select(Message.reason).where(Message.reason == MessageReason.NO_CONSENT).limit(1)
    assert db.session.scalar(reasons) == MessageReason.NO_CONSENT
