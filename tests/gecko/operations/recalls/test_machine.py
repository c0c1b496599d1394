"""Anything, in any order: sign up, book, move, cancel, pause, put off, skip, send, and run, against a simple model.

The model knows dates and days of bookings, and no database: what a time must have come to is worked out from them.
GECKO_MACHINE_RUNS asks for more runs than the default.
"""

import os
from dataclasses import dataclass, field
from datetime import date, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from gecko.clock import today
from gecko.db import db, transaction
from gecko.models.messages import MessageState
from gecko.models.recalls import RecallUnit
from gecko.operations import bookings
from gecko.operations.recalls import dates
from tests import factories
from tests.gecko.operations.messaging import outbox
from tests.gecko.operations.recalls import office

RUNS = int(os.environ.get("GECKO_MACHINE_RUNS", "12"))
TOLERANCE, OFFSET = 30, 10
DAYS = st.integers(-60, 90)


@dataclass
class Model:
    """One sign-up. turn: what the open or last time came to, with its date; done: how many are settled."""

    first: date
    every: int
    unit: RecallUnit
    next_on: date
    step: int = 0
    done: int = 0
    state: str = "active"
    turn: tuple[str, date, int] | None = None
    bookings: dict[int, date] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.turn is not None and self.turn[0] in {"due", "written", "postponed"}

    def fulfils(self, on: date) -> bool:
        return any(day >= on - timedelta(days=TOLERANCE) for day in self.bookings.values())

    def settle(self, state: str) -> None:
        after, step = max(self.next_on, today()), self.step + 1
        while dates.nth(self.first, self.every, self.unit, step) <= after:
            step += 1
        self.turn = (state, self.turn[1], self.turn[2]) if self.turn else (state, self.next_on, self.step)
        self.step, self.next_on, self.done = step, dates.nth(self.first, self.every, self.unit, step), self.done + 1

    def run(self, *, has_address: bool) -> None:
        if self.state != "active" or self.next_on > today() + timedelta(days=OFFSET):
            return
        if self.is_open and self.turn[0] == "written":
            return
        if not self.is_open:
            self.turn = ("due", self.next_on, self.step)
        if self.fulfils(self.turn[1]):
            self.settle("fulfilled")
        else:
            self.turn = ("written" if has_address else "due", self.turn[1], self.turn[2])

    def rebook(self) -> None:
        if self.turn is None:
            return
        state, on, step = self.turn
        if state in {"due", "written"} and self.state == "active" and self.fulfils(on):
            self.settle("fulfilled")
        elif state == "fulfilled" and not self.fulfils(on) and self.state == "active" and self.step > step:
            self.turn, self.next_on, self.step, self.done = ("due", on, step), on, step, self.done - 1


class Machine(RuleBasedStateMachine):
    """Does to the product and to the model the same."""

    shared: dict[str, int]

    @initialize(days=st.integers(0, 20), every=st.integers(1, 9), unit=st.sampled_from(RecallUnit))
    def begin(self, days, every, unit):
        every = max(every, 7) if unit == RecallUnit.DAY else every
        self.has_address = True
        self.customer_id = outbox.customer()
        on = today() + timedelta(days=days)
        shared = {"template_id": self.shared["template"], "service_id": self.shared["service"]}
        self.recall_id = office.sign_up(self.customer_id, days=days, every=every, unit=unit, **shared)
        self.model = Model(on, every, unit, on)

    @rule(days=DAYS)
    def book(self, days):
        booking = bookings.Wish(self.shared["calendar"], office.noon(days), self.customer_id, self.shared["service"])
        with transaction():
            booking_id = bookings.book(booking, may_overlap=True).id
        self.model.bookings[booking_id] = today() + timedelta(days=days)
        self.model.rebook()

    @precondition(lambda self: self.model.bookings)
    @rule(n=st.integers(0, 9), days=DAYS)
    def move(self, n, days):
        booking_id = sorted(self.model.bookings)[n % len(self.model.bookings)]
        with transaction():
            bookings.move(booking_id, start_at=office.noon(days), may_overlap=True)
        self.model.bookings[booking_id] = today() + timedelta(days=days)
        self.model.rebook()

    @precondition(lambda self: self.model.bookings)
    @rule(n=st.integers(0, 9))
    def delete(self, n):
        booking_id = sorted(self.model.bookings)[n % len(self.model.bookings)]
        with transaction():
            bookings.delete(booking_id)
        del self.model.bookings[booking_id]
        self.model.rebook()

    @rule()
    def run(self):
        office.run()
        self.model.run(has_address=self.has_address)

    @rule()
    def change_address(self):
        self.has_address = not self.has_address
        outbox.change(self.customer_id, email="kunde@example.dk" if self.has_address else None)

    @precondition(lambda self: self.model.turn and self.model.turn[0] == "written")
    @rule()
    def send(self):
        office.send(office.turn(self.recall_id).message_id)
        assert office.follow() == 1
        self.model.settle("sent")

    @precondition(lambda self: self.model.is_open)
    @rule()
    def skip(self):
        office.decide("skip", office.turn(self.recall_id).id)
        self.model.settle("skipped")

    @precondition(lambda self: self.model.is_open)
    @rule(days=st.integers(1, 60))
    def postpone(self, days):
        on = today() + timedelta(days=days)
        office.decide("postpone", office.turn(self.recall_id).id, on)
        if on != self.model.turn[1]:
            self.model.turn, self.model.next_on = ("postponed", on, self.model.turn[2]), on

    @rule()
    def pause_or_resume(self):
        is_active = self.model.state == "active"
        office.put("pause" if is_active else "resume", self.recall_id)
        self.model.state = "paused" if is_active else "active"
        if self.model.is_open:
            self.model.turn = ("skipped", *self.model.turn[1:])

    @invariant()
    def agrees(self):
        if not hasattr(self, "model"):
            return
        row, model = office.recall(self.recall_id), self.model
        assert (str(row.state), row.next_on, row.step, row.done) == (model.state, model.next_on, model.step, model.done)
        came_to = office.turns(self.recall_id)
        assert (came_to[-1][::2] if came_to else None) == (model.turn[:2] if model.turn else None)
        waiting = [one for one in office.messages(self.customer_id) if one.state == MessageState.QUEUED]
        assert len(waiting) == (model.turn is not None and model.turn[0] == "written")


def test_recalls_do_what_the_model_says(app):
    office.opened()
    template_id = office.template(office.EMAIL, tolerance_days=TOLERANCE)
    shared = {"template": template_id, "service": factories.service().id, "calendar": factories.calendar().id}
    db.session.rollback()
    machine = type("OneOffice", (Machine,), {"shared": shared})
    wanted = settings(
        max_examples=RUNS, stateful_step_count=25, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_machine(machine, settings=wanted)
