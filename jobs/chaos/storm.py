"""A storm of status reports about texts: doubled, shuffled, late and forged; a model says what must be left of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update

from gecko.db import db, transaction
from gecko.models.address_failures import AddressFailure
from gecko.models.messages import Message, MessageChannel, MessageKind, MessageState
from gecko.models.sms_reports import SmsReport
from gecko.operations.messaging import enqueuing

from .sms_reports import signature, status_report

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ENDS = ("DELIVERED", "DELIVERED", "UNDELIVERABLE", "EXPIRED", None)
CALLS_A_TEXT = 6
CALLERS = 8
"""Calls under way at the same time."""
LATE = 0.1
"""The share of calls that come after everything else has calmed down."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call, and what it must be answered with."""

    body: bytes
    signature: str
    answer: int


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What a storm left; misanswered, astray, lost_reports and mismarked must be 0.

    misanswered: calls answered with another status than they must be, a forged one with a yes above all. astray: texts
    in another state than the model's. lost_reports: genuine reports that are not kept exactly once. mismarked: numbers
    marked without a report that says so, or not marked in spite of one.
    """

    calls: int
    forged: int
    late: int
    texts: int
    misanswered: int
    astray: int
    lost_reports: int
    mismarked: int

    @property
    def is_clean(self) -> bool:
        """Whether the state is what the model predicts."""
        return self.misanswered + self.astray + self.lost_reports + self.mismarked == 0


def run(post: Callable[[Call], int], *, secret: str, calls: int, seed: int = 1, callers: int = CALLERS) -> Reckoning:
    """Call `calls` times or a few more by several threads; `post` makes a call, and returns the answer's status."""
    draw = random.Random(seed)  # noqa: S311 (what is reported of whom)
    references = _texts(max(1, calls // CALLS_A_TEXT))
    before = {one.id: str(one.state) for one in db.session.execute(select(Message.id, Message.state))}
    said = {message_id: _heard(draw) for message_id in references}
    storm = _brewed(draw, references, said, secret, calls)
    held_back = int(len(storm) * LATE)
    db.session.remove()
    with ThreadPoolExecutor(callers) as threads:
        answers = [*threads.map(post, storm[held_back:]), *threads.map(post, storm[:held_back])]
    asked = [*storm[held_back:], *storm[:held_back]]
    found = {one.id: str(one.state) for one in db.session.execute(select(Message.id, Message.state))}
    kept = db.session.scalar(select(func.count()).select_from(SmsReport)) or 0
    dead = {_number(place) for place, one in enumerate(sorted(references)) if "UNDELIVERABLE" in said[one]}
    return Reckoning(
        calls=len(storm),
        forged=sum(one.answer == 403 for one in storm),
        late=held_back,
        texts=len(references),
        misanswered=sum(one.answer != answer for one, answer in zip(asked, answers, strict=True)),
        astray=sum(state != predicted(before[one], said[one]) for one, state in found.items()),
        lost_reports=abs(kept - sum(map(len, said.values()))),
        mismarked=len(dead ^ set(db.session.scalars(select(AddressFailure.address)))),
    )


def predicted(before: str, said: Iterable[str]) -> str:
    """The model: arrived if anybody says so, else failed if anybody does, else sent if anything is known of it."""
    heard = set(said)
    if "DELIVERED" in heard:
        return "delivered"
    if {"UNDELIVERABLE", "EXPIRED"} & heard:
        return "failed"
    return "sent" if heard else before


def _number(place: int) -> str:
    return f"+45{20_000_000 + place}"


def _texts(count: int) -> dict[int, str]:
    """Texts of which one half counts as sent and the other is unknown; references by id."""
    drafts = [
        enqueuing.Draft(MessageChannel.SMS, MessageKind.MANUAL, f"storm:{n}", "Hej", recipient=_number(n))
        for n in range(count)
    ]
    with transaction() as session:
        ids = sorted(enqueuing.enqueue_all(drafts))
        for state, some in ((MessageState.SENT, ids[::2]), (MessageState.UNKNOWN, ids[1::2])):
            session.execute(update(Message).where(Message.id.in_(some)).values(state=state))
    return {row.id: row.reference for row in db.session.execute(select(Message.id, Message.reference))}


def _heard(draw: random.Random) -> list[str]:
    """What the network says about one text, in order, some of it never."""
    return [one for one in ("ACCEPTED", "ENROUTE", draw.choice(ENDS)) if one and draw.random() < 0.8]


def _brewed(
    draw: random.Random, references: dict[int, str], said: dict[int, list[str]], secret: str, wanted: int
) -> list[Call]:
    calls: list[Call] = []
    for message_id, reference in references.items():
        for place, status in enumerate(said[message_id]):
            error = "Unknown subscriber" if status == "UNDELIVERABLE" else None
            at = AT + timedelta(seconds=place)
            body = status_report(reference, status, msg_id=f"T{message_id}", at=at, error=error)
            calls += [Call(body, signature(secret, body), 204)] * draw.choice([1, 2, 3])
        lie = status_report(reference, "UNDELIVERABLE", msg_id="T", at=AT, error="Unknown subscriber")
        calls.append(Call(lie, signature("guessed", lie), 403))
    calls += [draw.choice(calls) for _more in range(wanted - len(calls))]
    draw.shuffle(calls)
    return calls
