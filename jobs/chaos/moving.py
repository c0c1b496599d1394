"""Bookings moved and cancelled while their reminders are written and sent; then every mail is held against its hour.

The ledger of the mail server only ever grows, and each mail is noted before it is accepted. Its length at the moment a
change has withdrawn what it must, still before the commit, parts what may tell the old time from what may not.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import func, insert, select

from gecko.clock import now
from gecko.db import db, run_write, transaction
from gecko.models.bookings import Booking, Calendar
from gecko.models.customer_groups import CustomerGroup
from gecko.models.customers import Customer
from gecko.models.messages import Message, MessageBooking, MessageReason, MessageState
from gecko.operations import bookings, settings
from gecko.operations.messaging import claiming, withdrawing

from ..messages import reminders, sender
from .crew import Crew

LEASE = timedelta(seconds=3)
SWEEP_EVERY = 1.0
"""Both shorter than in life, so that a trial need not wait for minutes."""
PATIENCE = 60.0
"""Seconds after the last change within which everything that may go must be out."""
T = TypeVar("T")
AGAIN = 0.2
"""The share of bookings that are moved a second time, half of them back to where they were."""


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What a trial found; untrue, untold, twice and waiting must be 0.

    withdrawn: messages called off by a change. refused: changes that had to wait because a mail was just leaving.
    untrue: mails accepted for a time that a change had ended before. untold: bookings whose time nobody was told,
    though nobody wonders whether they were (undecided).
    """

    changes: int
    withdrawn: int
    refused: int
    told: int
    undecided: int
    untrue: int
    untold: int
    twice: int
    waiting: int

    @property
    def is_clean(self) -> bool:
        """Whether nobody was told an old time, and everybody the new one."""
        return self.untrue + self.untold + self.twice + self.waiting == 0


@dataclass
class Trial:
    """The bookings by id with all their starts: from which length of the ledger on each held; None after a deletion."""

    ledger: Path
    draw: random.Random
    history: dict[int, list[tuple[int, datetime | None]]] = field(default_factory=dict)
    refused: int = 0

    def change(self, booking_id: int, start_at: datetime | None) -> None:
        """Move or delete a booking, again and again while a mail about it is just leaving."""
        while True:
            try:
                mark = run_write(lambda: self._attempt(booking_id, start_at))
            except withdrawing.BeingSent:
                self.refused += 1
                time.sleep(0.01)
            else:
                self.history[booking_id].append((mark, start_at))
                return

    def _attempt(self, booking_id: int, start_at: datetime | None) -> int:
        if start_at is None:
            bookings.delete(booking_id)
        else:
            bookings.move(booking_id, start_at=start_at, may_overlap=True)
        return _length(self.ledger)

    def start_at(self, booking_id: int, place: int) -> datetime | None:
        """When a booking began for a mail that was noted at a place of the ledger."""
        return next(start for mark, start in reversed(self.history[booking_id]) if mark <= place)


def run(app: Flask, ledger: Path, *, count: int, kills: int = 0, senders: int = 3, seed: int = 1) -> Reckoning:
    """Change `count` bookings while a crew reminds of them and some of it is killed; inside the app's context."""
    draw = random.Random(seed)  # noqa: S311 (who is moved where)
    claiming.LEASE, sender.SWEEP_EVERY = LEASE, SWEEP_EVERY
    trial = Trial(ledger, draw)
    _book(trial, count)
    crew = Crew(app, draw, [*[_send] * senders, _remind])
    try:
        crew.start()
        for number, booking_id in enumerate(_in_turn(trial)):
            if kills and number % max(1, count // kills) == 0:
                crew.kill_one()
            _shift(trial, booking_id)
        waiting = _wait(crew)
    finally:
        crew.stop()
    return _reckon(trial, waiting)


def _send() -> None:
    sender.run(poll=True)


def _remind() -> None:
    while True:
        reminders.remind()
        db.session.remove()
        time.sleep(0.05)


def _book(trial: Trial, count: int) -> None:
    """Customers with a booking each within the next day, all of which are to be reminded at once."""
    moment = now().replace(microsecond=0)
    with transaction() as session:
        settings.put("reminder.email_1", True)
        group_id = session.scalars(select(CustomerGroup.id).where(CustomerGroup.is_primary)).one()
        calendar = Calendar(name="Trial")
        people = [Customer(name=f"Nr. {n}", email=f"{n}@example.dk", group_id=group_id) for n in range(count)]
        session.add_all([calendar, *people])
        session.flush()
        rows = []
        for person in people:
            start_at = _some_time(trial.draw, moment)
            rows.append(
                {"customer_id": person.id, "calendar_id": calendar.id, "start_at": start_at, "shown_minutes": 30,
                 "end_at": start_at + timedelta(minutes=30), "created_at": moment - timedelta(days=30)}
            )  # fmt: skip
        session.execute(insert(Booking), rows)
    found = db.session.execute(select(Booking.id, Booking.start_at)).all()
    trial.history.update({row.id: [(0, row.start_at)] for row in found})


def _some_time(draw: random.Random, moment: datetime) -> datetime:
    return moment + timedelta(minutes=draw.randint(60, 22 * 60))


def _in_turn(trial: Trial) -> Iterator[int]:
    """Every booking once, and some twice: as often as not one whose mail is in somebody's hands right now."""
    left = list(trial.history)
    trial.draw.shuffle(left)
    left += trial.draw.sample(left, round(len(left) * AGAIN))
    while left:
        held = _in_hands() if trial.draw.random() < 0.5 else set()
        place = next((place for place, booking_id in enumerate(left) if booking_id in held), len(left) - 1)
        booking_id = left.pop(place)
        if trial.history[booking_id][-1][1] is not None:
            yield booking_id
        time.sleep(trial.draw.uniform(0, 0.01))


def _in_hands() -> set[int]:
    statement = (
        select(MessageBooking.booking_id)
        .join(Message, Message.id == MessageBooking.message_id)
        .where(Message.state == MessageState.SENDING)
    )
    return _asked(lambda: set(db.session.scalars(statement)))


def _shift(trial: Trial, booking_id: int) -> None:
    starts = trial.history[booking_id]
    if len(starts) > 1 and trial.draw.random() < 0.5:
        trial.change(booking_id, starts[-2][1])
    elif trial.draw.random() < 0.3:
        trial.change(booking_id, None)
    else:
        trial.change(booking_id, _some_time(trial.draw, now().replace(microsecond=0)))


def _wait(crew: Crew) -> int:
    """Until everybody is told and nothing waits any more; returns how many messages still do."""
    until = time.monotonic() + PATIENCE
    while True:
        time.sleep(0.5)
        crew.mend()
        waiting = _asked(_waiting)
        if not waiting or time.monotonic() > until:
            return waiting


def _waiting() -> int:
    live = Message.state.in_((MessageState.QUEUED, MessageState.SENDING))
    unplanned = select(func.count()).select_from(Booking).where(Booking.deleted_at.is_(None), ~_is_told())
    queued = select(func.count()).select_from(Message).where(live)
    return (db.session.scalar(queued) or 0) + (db.session.scalar(unplanned) or 0)


def _is_told() -> Any:
    """SQL: there is a message about the booking as it stands now that was not called off."""
    return (
        select(MessageBooking.message_id)
        .join(Message, Message.id == MessageBooking.message_id)
        .where(
            MessageBooking.booking_id == Booking.id,
            MessageBooking.starts_at == Booking.start_at,
            Message.state.not_in((MessageState.CANCELLED, MessageState.SUPPRESSED)),
        )
        .exists()
    )


def _asked(question: Callable[[], T]) -> T:
    try:
        return question()
    finally:
        db.session.remove()


def _length(ledger: Path) -> int:
    return ledger.stat().st_size if ledger.exists() else 0


def _lines(ledger: Path) -> Iterator[tuple[int, str]]:
    """Where each mail stands in the ledger, and its reference."""
    place = 0
    for line in ledger.read_bytes().splitlines(keepends=True) if ledger.exists() else ():
        yield place, json.loads(line)["reference"]
        place += len(line)


def _reckon(trial: Trial, waiting: int) -> Reckoning:
    columns = (Message.reference, Message.state, Message.reason, MessageBooking.booking_id, MessageBooking.starts_at)
    statement = select(*columns).join(MessageBooking, MessageBooking.message_id == Message.id)
    rows = {row.reference: row for row in _asked(lambda: db.session.execute(statement).all())}
    taken = [(place, rows[reference]) for place, reference in _lines(trial.ledger)]
    copies = Counter(row.reference for _place, row in taken)
    told = {(row.booking_id, row.starts_at) for _place, row in taken}
    undecided = {
        (row.booking_id, row.starts_at) for row in rows.values() if row.state == MessageState.UNKNOWN
    }  # fmt: skip
    stand = {(booking_id, starts[-1][1]) for booking_id, starts in trial.history.items() if starts[-1][1] is not None}
    return Reckoning(
        changes=sum(len(starts) - 1 for starts in trial.history.values()),
        withdrawn=sum(1 for row in rows.values() if row.reason == MessageReason.BOOKING_CHANGED),
        refused=trial.refused,
        told=len(taken),
        undecided=len(undecided),
        untrue=sum(1 for place, row in taken if trial.start_at(row.booking_id, place) != row.starts_at),
        untold=len(stand - told - undecided),
        twice=sum(count - 1 for count in copies.values()),
        waiting=waiting,
    )
